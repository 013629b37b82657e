import numpy as np
import pytest

from pipeline.errors import UserError
from pipeline.evaluation.baselines import LabelledTexts, fit


def texts(telling, count, seed):
    """Texts of noise in which one word tells the class."""
    rng = np.random.default_rng(seed)
    labels = np.arange(count) % len(telling)
    words = [f"w{i}" for i in range(29)]
    lines = [" ".join(rng.permutation([telling[label], *rng.choice(words, 7)])) for label in labels]
    return LabelledTexts(lines, labels)


def test_majority_answers_with_the_shares_of_the_classes():
    train = LabelledTexts(["a"] * 5, np.array([2, 2, 2, 0, 0]))
    answer = fit("majority", train, train, 3)
    np.testing.assert_allclose(answer(["x", "y"]), [[0.4, 0, 0.6]] * 2)
    assert answer(["x", ""]).argmax(1).tolist() == [2, 2]


@pytest.mark.parametrize("telling", [["bad", "good"], ["bad", "fair", "good"]])
def test_nbsvm_finds_the_telling_words(telling):
    train, validation, test = (texts(telling, count, seed) for seed, count in enumerate((307, 101, 103)))
    found = fit("nbsvm", train, validation, len(telling))(test.texts)
    assert found.shape == (103, len(telling))
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)
    assert (found.argmax(1) == test.labels).mean() == 1


def test_nbsvm_reads_word_pairs():
    def pairs(count, seed):
        rng = np.random.default_rng(seed)
        labels = np.arange(count) % 2
        signs = [("not good", "not bad", "very good", "very bad")[i] for i in rng.integers(0, 4, count)]
        labels = np.array([sign in ("not bad", "very good") for sign in signs]).astype(int)
        return LabelledTexts([f"it is {sign} ." for sign in signs], labels)

    train, validation, test = (pairs(count, seed) for seed, count in enumerate((307, 101, 103)))
    assert (fit("nbsvm", train, validation, 2)(test.texts).argmax(1) == test.labels).mean() == 1


def test_nbsvm_answers_texts_of_unknown_words():
    train = texts(["bad", "good"], 307, 0)
    found = fit("nbsvm", train, texts(["bad", "good"], 101, 1), 2)(["", "漢字 😀"])
    assert found.shape == (2, 2)
    assert np.isfinite(found).all()


def test_nbsvm_refuses_a_validation_split_of_one_class():
    train = texts(["bad", "good"], 307, 0)
    with pytest.raises(UserError, match="the validation split has a single class"):
        fit("nbsvm", train, LabelledTexts(["good"] * 3, np.ones(3, dtype=np.int64)), 2)


def test_unknown_baseline():
    train = LabelledTexts(["a"], np.array([0]))
    with pytest.raises(ValueError, match="no baseline 'oracle'"):
        fit("oracle", train, train, 2)
