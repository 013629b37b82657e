import numpy as np
import pytest

from pipeline.evaluation.baselines import LabelledTexts
from pipeline.evaluation.rating_baselines import fit

TELLING = {1: "awful", 4: "dull", 7: "nice", 10: "superb"}


def texts(count, seed):
    """Texts of noise in which one word tells the rating."""
    rng = np.random.default_rng(seed)
    ratings = rng.choice(list(TELLING), count)
    words = [f"w{i}" for i in range(29)]
    lines = [" ".join(rng.permutation([TELLING[rating], *rng.choice(words, 7)])) for rating in ratings]
    return LabelledTexts(lines, ratings)


def test_mean_is_that_of_training():
    train = LabelledTexts(["a"] * 4, np.array([1, 1, 4, 10]))
    assert fit("mean", train, train)(["x", ""]).tolist() == [4, 4]


@pytest.mark.parametrize(("name", "error"), [("ridge", 1.5), ("logistic", 0.2)])
def test_linear_models_find_the_telling_words(name, error):
    train, validation, test = (texts(count, seed) for seed, count in enumerate((307, 101, 103)))
    stars = fit(name, train, validation)(test.texts)
    assert stars.dtype == np.float32
    assert np.abs(stars - test.labels).mean() < error
    assert np.corrcoef(stars, test.labels)[0, 1] > 0.95


@pytest.mark.parametrize("name", ["ridge", "logistic"])
def test_stars_stay_between_the_ends(name):
    train = texts(307, 0)
    stars = fit(name, train, texts(101, 1))(["superb " * 3 + "nice", "awful dull", "", "漢字 😀"])
    assert ((stars >= 1) & (stars <= 10)).all()


def test_a_logistic_regression_answers_with_levels():
    found = fit("logistic", texts(307, 0), texts(101, 1))(texts(103, 2).texts)
    assert set(found.tolist()) <= {1, 4, 7, 10}


def test_unknown_baseline():
    with pytest.raises(ValueError, match="no baseline 'oracle'"):
        fit("oracle", texts(3, 0), texts(3, 1))
