"""Word error rate against edits counted by hand."""

import pytest

from pipeline.metrics.transcription import scores, wer

SAID = ["one two three", "four", "five six"]


@pytest.mark.parametrize(
    ("transcripts", "edits"),
    [
        (SAID, 0),
        (["one three", "four", "five six"], 1),  # one is missing
        (["one two two three", "four four", "five six"], 2),  # two are superfluous
        (["one two four", "three", "six five"], 4),  # two are wrong; turned round are two edits
        (["", "", ""], 6),
        (["nine " * 9, "four", "five six"], 9),
    ],
)
def test_errors_are_word_edits_for_each_word_said(transcripts: list[str], edits: int) -> None:
    assert wer(transcripts, SAID).value == pytest.approx(edits / 6, abs=1e-6)


def test_a_transcript_is_right_word_for_word() -> None:
    found = scores(["one two three ", "for", "five six"], SAID)
    assert found["exact_match"].value == pytest.approx(2 / 3)
    assert list(found) == ["wer", "exact_match"]
    assert "torchmetrics" in found["wer"].signature


@pytest.mark.parametrize("transcripts", [[], ["one"]])
def test_one_reference_for_each_transcript(transcripts: list[str]) -> None:
    with pytest.raises(ValueError, match=f"{len(transcripts)} transcripts need as many references"):
        wer(transcripts, SAID if transcripts else [])
