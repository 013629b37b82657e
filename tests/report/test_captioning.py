"""The section of captions: which words are said, search, pictures and where attention looked."""

import base64
import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.config import parse
from pipeline.files import read_json, write_json
from pipeline.images import jpeg, read_image
from pipeline.report.load import Digests
from pipeline.report.pictures import read_pictures

EVIL = "<script>alert('unsafe')</script>"
REACHED = {"state": 0.31, "luong": 0.43}
BASELINES = {"common_caption": 0.07, "nearest_picture": 0.19}
SYSTEMS = [
    *((name, "model", seed, value) for name, value in REACHED.items() for seed in range(3)),
    *((name, "baseline", -1, value) for name, value in BASELINES.items()),
]
WORDS = {"dog": 311, "water": 71, "red": 53}
ROWS = [0, 7, 13]


def score_tables() -> dict[str, pd.DataFrame]:
    rows = []
    for name, role, seed, value in SYSTEMS:
        found = {"cider": value + 0.01 * seed, "bleu": 50 * value, "length_ratio": 0.9, "distinct": 0.5}
        if role == "model":
            found |= {"cider_greedy": value - 0.02, "bleu_greedy": 49 * value}
        rows += [
            (name, role, seed, "test", metric, each, f"{metric}|made up") for metric, each in found.items()
        ]
    scores = pd.DataFrame(rows, columns=["variant", "role", "seed", "split", "metric", "value", "signature"])
    groups = scores.groupby(["variant", "role", "split", "metric"], sort=False)["value"]
    summary = groups.agg(mean="mean", low="min", high="max", seeds="size").reset_index()
    words = [
        (name, seed, "test", word, pictures, value, value or None)
        for name, _, seed, value in SYSTEMS
        for word, pictures in WORDS.items()
    ]
    columns = ["variant", "seed", "split", "word", "pictures", "recall", "precision"]
    return {"scores": scores, "summary": summary, "tables/words": pd.DataFrame(words, columns=columns)}


def predicted() -> dict[str, pd.DataFrame]:
    texts = [
        {"variant": name, "seed": seed, "split": "test", "row": row, "hypothesis": f"{name} {seed} {EVIL}"}
        | {"references": [f"reference of {row}", "a dog"]}
        for name, _, seed, _ in SYSTEMS
        for row in range(20)
    ]
    runs = [(name, seed) for name in REACHED for seed in range(3)]
    common = [
        {"variant": name, "seed": seed, "split": "test", "row": row} for name, seed in runs for row in ROWS
    ]
    files = {row: jpeg(np.full((8, 8, 3), 10 * row, dtype=np.uint8)) for row in ROWS}
    weights = np.full((2, 6), 0.1, dtype=np.float32)
    weights[0, 4], weights[1, 2] = 0.5, 0.5
    look = {"tokens": ["a", "dog"], "rows": 2, "columns": 3, "weights": weights.ravel()}
    return {
        "predictions": pd.DataFrame(texts),
        "pictures": pd.DataFrame([each | {"picture": files[each["row"]]} for each in common]),
        "looks": pd.DataFrame([each | look for each in common if each["variant"] == "luong"]),
    }


@pytest.fixture
def captioned(project: Any) -> Any:
    """The project with captions as its last experiment."""
    raw = project.params.model_dump()
    raw["corpora"]["scenes"] = {"reader": "scenes"}
    raw["datasets"]["scenes_captions"] = {
        "kind": "captioned_images",
        "corpus": "scenes",
        "side": 8,
        "tokenizer": {"kind": "word", "vocabulary": 997},
    }
    raw["experiments"]["scenes"] = {
        "task": "captioning",
        "question": "Where does it look?",
        "dataset": "scenes_captions",
        "seeds": 3,
        "data": {"batch_tokens": 1021, "max_tokens": 61},
        "model": {"hidden": 47},
        "training": {"epochs": 7, "learning_rate": 0.005},
        "decoding": {"beam": 7},
        "grid": {"state": {}, "luong": {"model": {"attention": "luong"}}},
    }
    folder, predictions = project.results / "scenes", project.predictions / "scenes"
    (folder / "tables").mkdir(parents=True)
    for name, table in score_tables().items():
        table.to_csv(folder / f"{name}.csv", index=False)
    points = [(name, seed, 5, 1, "validation_score", 0.7) for name in REACHED for seed in range(3)]
    columns = ["variant", "seed", "step", "epoch", "metric", "value"]
    pd.DataFrame(points, columns=columns).to_csv(folder / "curves.csv", index=False)
    (facts,) = read_json(project.results / "sentiment/provenance.json")
    write_json(folder / "provenance.json", [facts | {"experiment": "scenes"}])
    predictions.mkdir()
    for name, table in predicted().items():
        table.to_parquet(predictions / f"{name}.parquet")
    current = project.current | {"scenes": Digests("code", "parameters")}
    return replace(project, params=parse(raw), current=current)


def section(project: Any) -> str:
    found = re.search(r'<section[^>]*id="experiment-scenes".*?</section>', project.page(), re.DOTALL)
    assert found
    return found[0]


def plot(page: str, name: str) -> Any:
    found = re.search(rf'id="spec-scenes-{name}">(.*?)</script>', page)
    assert found
    return json.loads(found[1])


def test_the_best_caption_leads(captioned: Any) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", section(captioned)).split())
    assert "luong has the highest CIDEr: 0.44" in text
    assert "cider|made up" in text
    for heading in ("Which words are said", "Greedy against beam search", "Pictures and where attention"):
        assert heading in text
    assert "Disc: beam of 7." in text


def test_words_are_in_their_order_and_means_over_seeds(captioned: Any) -> None:
    spec = plot(section(captioned), "words")
    assert spec["encoding"]["y"]["sort"] == list(WORDS)
    rows = spec["data"]["values"]
    assert len(rows) == len(WORDS) * 4
    assert all(row["recall"] == pytest.approx(0.31) for row in rows if row["variant"] == "state")
    assert {row["colour"] for row in rows if row["variant"] in BASELINES} == {"var(--baseline)"}


def test_systems_without_a_search_are_not_in_its_plot(captioned: Any) -> None:
    spec = json.dumps(plot(section(captioned), "search"))
    assert "luong" in spec
    assert "nearest_picture" not in spec


def test_pictures_have_the_first_seeds_captions(captioned: Any) -> None:
    page = section(captioned)
    assert EVIL not in page
    assert "luong 0 &lt;script&gt;" in page
    assert "luong 1 " not in page
    assert page.count('class="picture"') == len(ROWS)
    assert "reference of 7" in page
    assert "reference of 1<" not in page


def test_a_look_is_clear_where_the_weight_is(captioned: Any) -> None:
    found = read_pictures(captioned.predictions / "scenes", "test", list(REACHED))
    assert [picture.row for picture in found] == ROWS
    assert list(found[0].outputs) == [*REACHED, *BASELINES]
    assert list(found[0].looks) == ["luong"]
    first, second = found[0].looks["luong"]
    assert (first.word, first.strongest) == ("a", (2, 2, pytest.approx(0.5)))
    assert (second.word, second.strongest) == ("dog", (1, 3, pytest.approx(0.5)))
    # On white: the strongest place is white, the others are equally grey.
    shade = read_image(base64.b64decode(first.shade.partition(",")[2]), "shade")[..., 0]
    assert shade[1, 1] == 255
    assert len(set(np.delete(shade.ravel(), 4).tolist())) == 1
    assert shade[0, 0] < 200


def test_without_predictions_the_page_says_how_to_get_them(captioned: Any) -> None:
    (captioned.predictions / "scenes/pictures.parquet").unlink()
    page = section(captioned)
    assert "dvc repro evaluate@scenes" in page
    assert "url(data:image" not in page
