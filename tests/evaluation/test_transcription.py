"""Transcripts of whole splits: tables that follow from what is kept, and baselines as good as they can be."""

import io

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.data.speech import Speech
from pipeline.data.store import PreparedDataset
from pipeline.evaluation import transcription
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.predict.transcripts import transcribe
from pipeline.evaluation.transcript_baselines import templates
from pipeline.metrics.transcription import wer
from pipeline.report.load import TABLES

DECODING = {"beam": 3, "n_best": 2, "length_normalisation": 1.0, "longest": 5, "batch_sounds": 7}
ROWS = {"new_speaker": 23, "known_speakers": 23, "validation": 17}


@pytest.fixture(scope="module")
def tones(prepared) -> PreparedDataset:
    return prepared.dataset("tone")


@pytest.fixture(scope="module")
def tables(prepared, tones) -> dict[str, pd.DataFrame]:
    return transcription.evaluate_bundle(prepared.bundle("tone", "luong"), tones, DECODING)


def test_an_experiment_writes_its_tables(project) -> None:
    evaluate(project.params, "tone", project.places("tone"), tell=lambda _: None)
    folder = project.places("tone").results
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    found = {name: list(pd.read_csv(path)) for name, path in paths.items()}
    assert found.pop("tables/paired") == ["split", "metric", "a", "b", "difference", "error", "items"]
    assert found == TABLES["transcription"]
    scores = pd.read_csv(folder / "scores.csv")
    means = scores[scores["split"] == "new_speaker"].groupby(["metric", "variant"])["value"].mean()
    for row in pd.read_csv(folder / "tables/paired.csv").itertuples():
        if row.split == "new_speaker":
            assert (row.metric, row.items) == ("wer", 23)
            assert row.difference == pytest.approx(means["wer", row.a] - means["wer", row.b], abs=1e-5)
    assert set(scores["variant"]) == {"none", "luong", "chance", "most_frequent", "templates"}
    looks = pd.read_parquet(project.places("tone").predictions / "looks.parquet")
    assert set(looks["variant"]) == {"luong"}
    # Numbers only: what was said stays in predictions/.
    assert not [path for path in paths.values() if "seven" in path.read_text()]


def test_scores_are_of_the_transcripts_kept(tables) -> None:
    scores = tables["scores"].set_index(["split", "metric"])["value"]
    for split, own in tables["predictions"].groupby("split"):
        assert own["row"].tolist() == list(range(ROWS[split]))
        said = [reference for (reference,) in own["references"]]
        for column, suffix in (("hypothesis", ""), ("greedy", "_greedy")):
            assert scores[split, f"wer{suffix}"] == wer(own[column].tolist(), said).value
        assert [several[0] for several in own["n_best"]] == own["hypothesis"].tolist()
        assert own["hypothesis"].str.split().str.len().max() <= 5


@pytest.mark.parametrize("column", ["digits", "speaker"])
def test_errors_of_the_groups_make_up_those_of_the_split(tables, column: str) -> None:
    scores = tables["scores"].set_index(["split", "metric"])["value"]
    predictions = tables["predictions"]
    for split, groups in tables[f"by_{column}"].groupby("split"):
        own = predictions[predictions["split"] == split]
        words = own.groupby(column)["digits"].sum()
        errors = (groups.set_index(column)["wer"] * words).sum() / words.sum()
        assert errors == pytest.approx(scores[split, "wer"], abs=1e-5)
        assert groups["rows"].sum() == len(own)


def test_batches_of_sounds_change_no_transcript(prepared, tones) -> None:
    bundle, speech = prepared.bundle("tone", "luong"), Speech.read(tones, "known_speakers")
    sounds = [speech[row] for row in range(len(speech))]
    one = transcribe(bundle, sounds, **DECODING)
    other = transcribe(bundle, sounds, **DECODING | {"batch_sounds": 1})
    for ranked, again in zip(one, other, strict=True):
        assert [each.tokens for each in ranked] == [each.tokens for each in again]
        assert [each.score for each in ranked] == pytest.approx([each.score for each in again], abs=1e-5)


def test_a_look_has_a_weight_for_each_step_and_word(tables, tones) -> None:
    kept, looks, speech = tables["pictures"], tables["looks"], Speech.read(tones, "new_speaker")
    assert set(kept["split"]) == {"new_speaker"}
    assert kept["row"].tolist() == looks["row"].tolist() == list(range(0, 23, 2))
    for (_, look), picture in zip(looks.iterrows(), kept["picture"], strict=True):
        steps = int(speech.lengths[look["row"]])
        assert (look["rows"], look["columns"]) == (1, steps)
        weights = np.reshape(look["weights"], (len(look["tokens"]), steps))
        np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-5)
        with Image.open(io.BytesIO(picture)) as image:
            assert image.size == (3 * 3 * steps, 3 * 11)


def test_a_spectrogram_is_dark_where_it_is_loud() -> None:
    sound = np.full((4, 22), -2, dtype=np.float32)
    sound[2, 11 + 3] = 3  # the second frame of the third step, fourth band
    picture = np.asarray(Image.open(io.BytesIO(transcription.spectrogram(sound, 11))).convert("L"))
    row, column = np.unravel_index(picture.argmin(), picture.shape)
    assert (row // 3, column // 3) == (11 - 1 - 3, 5)


def scores_of(name: str, tones: PreparedDataset) -> tuple[pd.Series, pd.DataFrame]:
    found = transcription.evaluate_baseline(name, tones, DECODING)
    return found["scores"].set_index(["split", "metric"])["value"], found["predictions"]


def test_templates_understand_tones(tones) -> None:
    """A digit sounds the same from beginning to end, so that only its boundaries can be missed."""
    scores, predictions = scores_of("templates", tones)
    assert scores["known_speakers", "wer"] < 0.25
    single = predictions[(predictions["split"] == "known_speakers") & (predictions["digits"] == 1)]
    assert (single["hypothesis"].str.split().str[0] == single["references"].str[0]).mean() > 0.8


def test_templates_find_what_they_are_made_of(tones) -> None:
    """Recordings that are templates, one behind the other, cost nothing and so are found."""
    speech, rows = Speech.read(tones, "train"), tones.split("train").rows()
    texts = [str(text) for (text,) in rows["references"]]
    answer = templates(speech, texts, rows["speaker"].tolist())
    chosen = list(range(9))
    assert answer([speech[row] for row in chosen]) == [texts[row] for row in chosen]


def test_guesses_that_do_not_listen(tones) -> None:
    scores, predictions = scores_of("most_frequent", tones)
    counts = tones.split("train").rows()["references"].str[0].value_counts()
    (text,) = set(predictions["hypothesis"])
    assert counts[text] == counts.max()
    scores, predictions = scores_of("chance", tones)
    assert 0.7 < scores["known_speakers", "wer"] < 1.4
    assert set(predictions["hypothesis"].str.split().str.len()) == {1, 2, 3}
