"""Scores of tags, on cases counted by hand."""

import pytest

from pipeline.metrics.tagging import bio_scores, by_tag, confusion, plain_scores

TAGS = [["N", "V", "N"], ["D", "N"]]
FOUND = [["N", "N", "N"], ["D", "V"]]


def test_plain_scores_counted_by_hand() -> None:
    scores = plain_scores(TAGS, FOUND, [[True, False, True], [True, False]])
    assert scores["accuracy"].value == pytest.approx(3 / 5)
    assert scores["accuracy_unknown"].value == 0
    # N: 2 of 3 found right, 2 of 3 there; V: none; D: all.
    assert scores["f1"].value == pytest.approx((2 / 3 + 0 + 1) / 3)
    assert "accuracy_unknown" not in plain_scores(TAGS, FOUND, [[True] * 3, [True] * 2])


def test_entities_count_as_wholes() -> None:
    tags = [["B-PER", "I-PER", "O", "B-LOC"], ["O", "B-ORG"]]
    found = [["B-PER", "O", "O", "B-LOC"], ["B-PER", "B-ORG"]]
    scores = bio_scores(tags, found)
    # Right: LOC and ORG. Found are four, there are three.
    assert scores["entity_precision"].value == pytest.approx(2 / 4)
    assert scores["entity_recall"].value == pytest.approx(2 / 3)
    assert scores["entity_f1"].value == pytest.approx(2 * (1 / 2) * (2 / 3) / (1 / 2 + 2 / 3))
    assert scores["accuracy"].value == pytest.approx(4 / 6)
    assert "seqeval" in scores["entity_f1"].signature


def test_an_inside_tag_without_a_beginning_begins_an_entity() -> None:
    assert bio_scores([["B-LOC", "I-LOC"]], [["I-LOC", "I-LOC"]])["entity_f1"].value == 1
    assert bio_scores([["B-LOC", "B-LOC"]], [["B-LOC", "I-LOC"]])["entity_f1"].value == 0


def test_nothing_found_is_zero_and_warns_not() -> None:
    assert bio_scores([["B-PER"]], [["O"]])["entity_f1"].value == 0
    assert bio_scores([["O"]], [["O"]])["entity_f1"].value == 0


def test_scores_by_tag_and_confusion() -> None:
    rows = {row.tag: row for row in by_tag(TAGS, FOUND, scheme="plain")}
    assert list(rows) == ["D", "N", "V"]
    assert rows["N"][1:] == pytest.approx((2 / 3, 2 / 3, 2 / 3, 3))
    assert rows["V"][1:] == (0, 0, 0, 1)
    assert confusion(TAGS, FOUND, ["D", "N", "V"]).tolist() == [[1, 0, 0], [0, 2, 1], [0, 1, 0]]
    entities = by_tag([["B-PER", "O"]], [["B-PER", "B-LOC"]], scheme="bio")
    assert [(row.tag, row.f1, row.support) for row in entities] == [("LOC", 0, 0), ("PER", 1, 1)]
