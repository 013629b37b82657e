import numpy as np
import pytest
import torch
from torchmetrics.functional.classification import multiclass_cohen_kappa

from pipeline.metrics.rating import nearest, scores

LEVELS = [1, 2, 5, 6]


def test_known_answers():
    given = np.array([1, 2, 5, 6])
    stars = np.array([1.4, 1.6, 5.0, 2.0])
    found = scores(stars, given, LEVELS)
    assert found["mae"].value == pytest.approx((0.4 + 0.4 + 0 + 4) / 4)
    # Levels 1, 2, 5, 2 for 1, 2, 5, 6: one error of 4, squared 16. By chance, from the margins of both:
    # every given level against every answered one, a mean of squares.
    by_chance = np.mean([(a - b) ** 2 for a in given for b in (1, 2, 5, 2)])
    assert found["kappa"].value == pytest.approx(1 - (16 / 4) / by_chance)
    # Ranks 1, 2, 4, 3 for 1, 2, 3, 4.
    assert found["spearman"].value == pytest.approx(1 - 6 * 2 / (4 * 15))


def test_distances_count_as_the_levels_are_written():
    given = np.array([1, 1, 2, 2, 5, 5])
    near, far = np.array([1, 2, 2, 2, 5, 5]), np.array([1, 1, 2, 5, 5, 5])
    assert scores(near * 1.0, given, LEVELS)["kappa"].value > scores(far * 1.0, given, LEVELS)["kappa"].value


def test_agrees_with_torchmetrics():
    rng = np.random.default_rng(0)
    given, stars = rng.choice(LEVELS, 211), rng.uniform(1, 6, 211)
    places = (torch.tensor(each - 1) for each in (nearest(stars, LEVELS), given))
    kappa = multiclass_cohen_kappa(*places, num_classes=6, weights="quadratic")
    assert scores(stars, given, LEVELS)["kappa"].value == pytest.approx(float(kappa), abs=1e-6)


def test_the_lower_of_two_nearest_levels():
    assert nearest(np.array([0.0, 1.5, 3.5, 3.6, 9.0]), LEVELS).tolist() == [1, 1, 2, 5, 6]


def test_a_constant_ranks_nothing():
    found = scores(np.full(4, 3.0), np.array([1, 2, 5, 6]), LEVELS)
    assert set(found) == {"mae", "kappa"}
    assert found["kappa"].value == 0


def test_scores_say_how_they_were_computed():
    found = scores(np.array([1.0, 2.0]), np.array([1, 2]), LEVELS)
    assert found["kappa"].signature.startswith("cohen_kappa_score(weights=quadratic)|scikit-learn ")
