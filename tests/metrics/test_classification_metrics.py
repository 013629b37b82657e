import numpy as np
import pytest
from sklearn import metrics as reference

from pipeline.metrics.classification import BINS, calibration_bins, confusion, scores


@pytest.fixture(scope="module")
def answers():
    rng = np.random.default_rng(0)
    probabilities = rng.dirichlet(np.ones(3), size=211).astype(np.float32)
    labels = np.where(rng.random(211) < 0.6, probabilities.argmax(1), rng.integers(0, 3, 211))
    return probabilities, labels


def test_known_answers():
    probabilities = np.array([[0.9, 0.1], [0.6, 0.4], [0.7, 0.3], [0.2, 0.8], [0.4, 0.6]], dtype=np.float32)
    labels = np.array([0, 0, 1, 1, 0])
    found = scores(probabilities, labels)
    assert found["accuracy"].value == pytest.approx(3 / 5)
    # Class 0: precision 2/3, recall 2/3; class 1: precision 1/2, recall 1/2.
    assert found["f1"].value == pytest.approx((2 / 3 + 1 / 2) / 2)
    # Of the six pairs of a 1 and a 0, four have the 1 ranked higher.
    assert found["roc_auc"].value == pytest.approx(4 / 6)
    # Bins, by probability: .6 (two answers, one right), .7 (wrong), .8 and .9 (right).
    assert found["ece"].value == pytest.approx((2 * 0.1 + 0.7 + 0.2 + 0.1) / 5)
    assert confusion(probabilities, labels).tolist() == [[2, 1], [1, 1]]


def test_agrees_with_scikit_learn(answers):
    probabilities, labels = answers
    found, predicted = scores(*answers), probabilities.argmax(1)
    assert found["accuracy"].value == pytest.approx(reference.accuracy_score(labels, predicted))
    assert found["f1"].value == pytest.approx(reference.f1_score(labels, predicted, average="macro"))
    one_against_rest = reference.roc_auc_score(labels, probabilities, multi_class="ovr")
    assert found["roc_auc"].value == pytest.approx(one_against_rest, abs=1e-5)
    np.testing.assert_array_equal(confusion(*answers), reference.confusion_matrix(labels, predicted))


def test_calibration_bins_add_up_to_the_calibration_error(answers):
    _, labels = answers
    bins = calibration_bins(*answers)
    assert len(bins) == BINS
    assert sum(each.count for each in bins) == len(labels)
    error = sum(each.count * abs(each.accuracy - each.confidence) for each in bins if each.count) / len(
        labels
    )
    assert error == pytest.approx(scores(*answers)["ece"].value, abs=1e-6)
    for i, each in enumerate(bins):
        assert each.count == 0 or i / BINS < each.confidence <= (i + 1) / BINS


def test_certain_answers_fall_into_the_last_bin():
    bins = calibration_bins(np.eye(3), np.array([0, 1, 1]))
    assert bins[-1].count == 3
    assert bins[-1].accuracy == pytest.approx(2 / 3)


def test_auc_is_left_out_when_a_class_has_no_label(answers):
    probabilities, _ = answers
    found = scores(probabilities, np.zeros(len(probabilities), dtype=np.int64))
    assert set(found) == {"accuracy", "f1", "ece"}


def test_signatures_name_function_settings_and_version(answers):
    signature = scores(*answers)["f1"].signature
    assert signature.startswith("multiclass_f1_score(average=macro)|torchmetrics 1.")
