"""All checks together: who passes, that they repeat, and the table."""

import csv
from pathlib import Path

import pytest
import torch

from pipeline.probes.identities import scores
from pipeline.probes.identities.check import About, Check
from pipeline.probes.identities.suite import GROUPS, run, run_all, write

WRONG = {
    ("bleu-clipping", "at most 1"): 1,
    ("bleu-formula", "at most 1"): 2,
    ("bleu-formula", "at most 0"): 1,
    ("bleu-formula", "each more than the one before"): 1,
    ("attention-weights", "0 to 1"): 2,
    ("luong-output-layer", "at most 525,312"): 1,
}
"""What the notes say and mathematics refutes: claim and expectation -> checks."""


def test_everything_holds_but_what_the_notes_have_wrong(found: list[Check]) -> None:
    failed = [(each.claim, each.expected) for each in found if not each.passed]
    assert {pair: failed.count(pair) for pair in failed} == WRONG


def test_every_claim_of_mathematics_is_tried(found: list[Check]) -> None:
    wanted = """
        intro-variable-length intro-padding intro-recurrent-layer intro-activation forward-sigmoid
        one-to-many-return-sequences gradient-sum-of-products exploding-gradient gru-one-state lstm-two-states
        lstm-forget-gate stacked-features bidirectional-future dropout seq2seq-context-vector seq2seq-softmax
        seq2seq-embeddings decoding-start-stop bleu-clipping bleu-formula bleu-references beam-width
        beam-teacher-forcing attention-weights attention-not-parameters bahdanau-luong luong-timing
        luong-output-layer limits-sequential
    """
    assert list(dict.fromkeys(each.claim for each in found)) == wanted.split()


def test_no_two_rows_say_the_same(found: list[Check]) -> None:
    rows = [(each.claim, each.check) for each in found]
    assert len(set(rows)) == len(rows)
    assert all(each.check and each.found and each.expected for each in found)


def test_numbers_repeat_and_leave_those_of_others_alone(found: list[Check]) -> None:
    torch.manual_seed(5)
    state = torch.get_rng_state()
    assert list(run_all()) == found
    assert torch.equal(torch.get_rng_state(), state)


def test_a_check_hangs_on_no_other(found: list[Check]) -> None:
    """The rows of a claim are the same when it is tried alone."""
    for group in GROUPS.values():
        alone = run(group[-1])
        assert alone == [each for each in found if each.claim == alone[0].claim]


def test_the_table_holds_what_was_found(found: list[Check], tmp_path: Path) -> None:
    write(found, tmp_path / "identities")
    with (tmp_path / "identities/checks.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["claim", "check", "found", "expected", "passed"]
    assert [Check(**row | {"passed": row["passed"] == "True"}) for row in rows] == found  # type: ignore[arg-type]


def test_tensors_of_two_shapes_are_not_compared() -> None:
    with pytest.raises(ValueError, match=r"shapes \(2,\) and \(2, 1\) can't be compared"):
        About("x").near("", torch.zeros(2), torch.zeros(2, 1))


@pytest.mark.parametrize("strange", [float("nan"), float("inf")])
def test_what_is_no_number_never_passes(strange: float) -> None:
    about, zeros, broken = About("x"), torch.zeros(2), torch.tensor([0.0, strange])
    assert not about.near("", broken, zeros).passed
    assert not about.within("", broken, 0, 1).passed
    assert not about.close("", strange, 1.0, 0.1).passed
    assert not about.at_most("", strange, 1).passed


def test_the_standard_numbers_stand_beside_the_notes() -> None:
    """exp(1 - 6 / 1) and what sacreBLEU says of the reference and of two of its words, exp(1 - 6 / 2)."""
    found = [each.found for each in run(scores.formula)]
    assert found[0] == "2.301 (standard: 0.006738)"
    assert found[1] == "2.718 (sacreBLEU: 1)"
    assert found[2].endswith("(sacreBLEU: 0.14, 0.37, 0.61, 0.82, 1)")
    assert found[3] == "1.948 (sacreBLEU: 0)"
