"""The section of transcripts: errors by number of digits and by speaker, search, sounds and attention."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.config import parse
from pipeline.files import read_json, write_json
from pipeline.images import jpeg
from pipeline.report.load import Digests

EVIL = "<script>alert('unsafe')</script>"
REACHED = {"none": 0.31, "luong": 0.07}
BASELINES = {"chance": 1.13, "templates": 0.19}
SYSTEMS = [
    *((name, "model", seed, value) for name, value in REACHED.items() for seed in range(3)),
    *((name, "baseline", -1, value) for name, value in BASELINES.items()),
]
SPEAKERS = {"new_speaker": ["zoe"], "known_speakers": ["ada", "bob"], "validation": ["ada", "bob"]}
ROWS = [0, 7, 13]


def score_tables() -> dict[str, pd.DataFrame]:
    rows, digits, speakers = [], [], []
    for name, role, seed, value in SYSTEMS:
        for split, own in SPEAKERS.items():
            found = {"wer": value + 0.01 * max(seed, 0), "exact_match": 1 - value / 2}
            if role == "model":
                found |= {"wer_greedy": value + 0.02}
            rows += [(name, role, seed, split, metric, each, "") for metric, each in found.items()]
            digits += [(name, seed, split, count, 11, value * count / 2) for count in (1, 2, 3)]
            speakers += [(name, seed, split, who, 17, value + 0.1 * (who == "bob")) for who in own]
    columns = ["variant", "role", "seed", "split", "metric", "value", "signature"]
    scores = pd.DataFrame(rows, columns=columns)
    groups = scores.groupby(["variant", "role", "split", "metric"], sort=False)["value"]
    summary = groups.agg(mean="mean", low="min", high="max", seeds="size").reset_index()
    common = ["variant", "seed", "split"]
    return {
        "scores": scores,
        "summary": summary,
        "tables/by_digits": pd.DataFrame(digits, columns=[*common, "digits", "rows", "wer"]),
        "tables/by_speaker": pd.DataFrame(speakers, columns=[*common, "speaker", "rows", "wer"]),
    }


def predicted() -> dict[str, pd.DataFrame]:
    texts = [
        {"variant": name, "seed": seed, "split": "new_speaker", "row": row}
        | {"hypothesis": f"{name} {seed} {EVIL}", "references": [f"said {'so ' * (20 - row)}in {row}"]}
        for name, _, seed, _ in SYSTEMS
        for row in range(20)
    ]
    common = [
        {"variant": name, "seed": seed, "split": "new_speaker", "row": row}
        for name in REACHED
        for seed in range(3)
        for row in ROWS
    ]
    picture = jpeg(np.full((8, 24, 3), 90, dtype=np.uint8))
    look = {"tokens": ["one", "two"], "rows": 1, "columns": 3}
    look |= {"weights": np.array([0.2, 0.7, 0.1, 0.1, 0.3, 0.6], dtype=np.float32)}
    return {
        "predictions": pd.DataFrame(texts),
        "pictures": pd.DataFrame([each | {"picture": picture} for each in common]),
        "looks": pd.DataFrame([each | look for each in common if each["variant"] == "luong"]),
    }


@pytest.fixture
def heard(project: Any) -> Any:
    """The project with speech as its last experiment."""
    raw = project.params.model_dump()
    raw["corpora"]["tones"] = {"reader": "tones"}
    raw["datasets"]["tones_words"] = {
        "kind": "spoken_digits",
        "corpus": "tones",
        "new_speaker": "zoe",
        "hold_out": 1,
        "digits": 3,
        "rows": {"train": 5, "validation": 5, "test": 5},
        "mels": 8,
        "stack": 4,
    }
    raw["experiments"]["speech"] = {
        "task": "transcription",
        "question": "What does it hear?",
        "dataset": "tones_words",
        "seeds": 3,
        "data": {"batch_tokens": 1021, "max_tokens": 61},
        "model": {"hidden": 46},
        "training": {"epochs": 7, "learning_rate": 0.005},
        "decoding": {"beam": 7},
        "grid": {"none": {"model": {"attention": "none"}}, "luong": {}},
    }
    folder, predictions = project.results / "speech", project.predictions / "speech"
    (folder / "tables").mkdir(parents=True)
    for name, table in score_tables().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    points = [(name, seed, 5, 1, "validation_score", 0.7) for name in REACHED for seed in range(3)]
    columns = ["variant", "seed", "step", "epoch", "metric", "value"]
    pd.DataFrame(points, columns=columns).to_csv(folder / "curves.csv", index=False)
    (facts,) = read_json(project.results / "sentiment/provenance.json")
    write_json(folder / "provenance.json", [facts | {"experiment": "speech"}])
    predictions.mkdir()
    for name, table in predicted().items():
        table.to_parquet(predictions / f"{name}.parquet")
    current = project.current | {"speech": Digests("code", "parameters")}
    return replace(project, params=parse(raw), current=current)


def section(project: Any) -> str:
    found = re.search(r'<section[^>]*id="experiment-speech".*?</section>', project.page(), re.DOTALL)
    assert found
    return found[0]


def plot(page: str, name: str) -> Any:
    found = re.search(rf'id="spec-speech-{name}">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def test_the_fewest_errors_lead(heard: Any) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", section(heard)).split())
    assert "luong has the lowest word error rate: 0.080" in text
    assert "The baseline templates (0.190) is below none." in text
    assert "Training never heard zoe" in text
    assert "Disc: beam of 7." in text
    assert "A step is 40 ms." in text


def test_errors_by_digits_are_means_over_seeds_beside_the_best_baseline(heard: Any) -> None:
    spec = plot(section(heard), "digits")
    rows = {(row["variant"], row["digits"]): row["wer"] for row in spec["data"]["values"]}
    assert rows == {
        (name, count): pytest.approx(value * count / 2)
        for name, value in REACHED.items()
        for count in (1, 2, 3)
    }
    dashed, per_seed, *_ = spec["layer"]
    assert {row["variant"] for row in dashed["data"]["values"]} == {"templates"}
    assert len(per_seed["data"]["values"]) == 2 * 3 * 3


def test_speakers_of_all_tests_are_there_the_new_one_first(heard: Any) -> None:
    spec = plot(section(heard), "speakers")
    order = ["zoe · new speaker", "ada · known speakers", "bob · known speakers"]
    assert spec["encoding"]["y"]["sort"] == order
    rows = {(row["variant"], row["who"]): row["wer"] for row in spec["data"]["values"]}
    assert {name for name, _ in rows} == {*REACHED, "templates"}
    assert rows["none", order[2]] == pytest.approx(0.41)


def test_sounds_have_the_first_seeds_transcripts_and_attention(heard: Any) -> None:
    page = section(heard)
    assert EVIL not in page
    assert "luong 0 &lt;script&gt;" in page
    assert "luong 1 " not in page
    assert page.count('class="sound"') == len(ROWS)
    assert page.count('class="strip"') == 2 * len(ROWS)
    assert page.count('title="step 2: 0.70"') == page.count('title="step 3: 0.60"') == len(ROWS)
    # Short ones first; the middle one is shown.
    assert re.findall(r"<option( selected)?>(\d+): said", page) == [("", "13"), (" selected", "7"), ("", "0")]


def test_without_predictions_the_page_says_how_to_get_them(heard: Any) -> None:
    (heard.predictions / "speech/pictures.parquet").unlink()
    page = section(heard)
    assert "dvc repro evaluate@speech" in page
    assert "url(data:image" not in page
