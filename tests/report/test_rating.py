"""The section of ratings: errors ranked from below, levels in order, texts with their stars."""

import json
import re
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from pipeline.config import parse
from pipeline.files import read_json, write_json
from pipeline.report.load import Digests
from pipeline.report.rated import LONGEST, shortened

EVIL = "<script>alert('unsafe')</script>"
LEVELS = [1, 2, 7, 11]
ERRORS = {"regression": 1.71, "ordinal": 1.43, "classes": 1.47}
BASELINES = {"mean": 3.1, "ridge": 1.6}
SYSTEMS = [
    *((name, "model", seed, error) for name, error in ERRORS.items() for seed in range(3)),
    *((name, "baseline", -1, error) for name, error in BASELINES.items()),
]


def score_tables(rng: np.random.Generator) -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = ["variant", "role", "seed", "split", "metric", "value", "signature"]
    rows = []
    for name, role, seed, error in SYSTEMS:
        own = error + (role == "model") * rng.normal(0, 0.01)
        for metric, value in (("mae", own), ("kappa", 1 - own / 4), ("spearman", 1 - own / 5)):
            if (name, metric) != ("mean", "spearman"):
                rows.append((name, role, seed, "test", metric, value, f"{metric}|made up"))
    scores = pd.DataFrame(rows, columns=columns)
    groups = scores.groupby(["variant", "role", "split", "metric"], sort=False)["value"]
    summary = groups.agg(mean="mean", low="min", high="max", seeds="size").reset_index()
    return scores, summary


def level_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    confusion, by_level = [], []
    for name, _, seed, error in SYSTEMS:
        for place, level in enumerate(LEVELS):
            by_level.append((name, seed, "test", level, 97, level + 0.3, level - 1, level + 2, error))
            for other, answer in enumerate(LEVELS):
                confusion.append((name, seed, "test", level, answer, 60 if place == other else 13))
    columns = ["variant", "seed", "split", "actual", "predicted", "count"]
    levels = ["variant", "seed", "split", "rating", "texts", "mean", "low", "high", "mae"]
    return pd.DataFrame(confusion, columns=columns), pd.DataFrame(by_level, columns=levels)


@pytest.fixture
def rated(project: Any) -> Any:
    """The project with ratings as its last experiment."""
    raw = project.params.model_dump()
    tokenizer = {"kind": "word", "vocabulary": 997}
    dataset = {"kind": "rated_text", "corpus": "imdb", "levels": LEVELS, "tokenizer": tokenizer}
    grid = {head: {"model": {"head": head}} for head in ERRORS}
    raw["datasets"]["imdb_stars"] = dataset
    model = raw["experiments"]["sentiment"]["model"]
    raw["experiments"]["stars"] = raw["experiments"]["sentiment"] | {
        "task": "rating",
        "model": {name: value for name, value in model.items() if name not in ("reader", "positions")},
        "question": "How many stars?",
        "dataset": "imdb_stars",
        "training": {"epochs": 7, "learning_rate": 0.005},
        "baselines": list(BASELINES),
        "grid": grid,
    }
    folder, predictions = project.results / "stars", project.predictions / "stars"
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    rng = np.random.default_rng(3)
    scores, summary = score_tables(rng)
    confusion, by_level = level_tables()
    tables = {"scores": scores, "summary": summary, "tables/confusion": confusion}
    for name, table in (tables | {"tables/by_level": by_level}).items():
        table.to_csv(folder / f"{name}.csv", index=False)
    points = [(name, seed, 5, 1, "validation_score", 0.7) for name in ERRORS for seed in range(3)]
    columns = ["variant", "seed", "step", "epoch", "metric", "value"]
    pd.DataFrame(points, columns=columns).to_csv(folder / "curves.csv", index=False)
    (facts,) = read_json(project.results / "sentiment/provenance.json")
    write_json(folder / "provenance.json", [facts | {"experiment": "stars"}])
    predictions.mkdir()
    texts = [f"It says {EVIL} nothing .<br />At all.", "fine " * 300, "good", "great"]
    shown = [
        {"variant": name, "seed": seed, "split": "test", "row": 10 - place, "rating": level}
        | {"stars": np.float32(level + seed), "probabilities": None, "text": text}
        for name, _, seed, _ in SYSTEMS
        for place, (level, text) in enumerate(zip(LEVELS, texts, strict=True))
    ]
    pd.DataFrame(shown).to_parquet(predictions / "shown.parquet")
    current = project.current | {"stars": Digests("code", "parameters")}
    return replace(project, params=parse(raw), current=current)


def section(page: str) -> str:
    found = re.search(r'<section id="experiment-stars">(.*?)</section>', page, re.DOTALL)
    assert found
    return found[1]


def test_the_least_error_leads(rated: Any) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", section(rated.page())).split())
    assert "ordinal has the lowest MAE: 1.4" in text
    assert "The baseline ridge (1.600) is below regression." in text
    assert "mae|made up" in text
    for heading in ("Stars by rating", "Which levels it confuses", "Texts and their stars"):
        assert heading in text


def test_every_system_has_a_matrix_with_levels_in_their_order(rated: Any) -> None:
    page = section(rated.page())
    assert len(re.findall(r'id="spec-stars-confusion-', page)) == len(ERRORS) + len(BASELINES)
    spec = re.search(r'id="spec-stars-confusion-ordinal">(.*?)</script>', page)
    assert spec
    matrix = json.loads(spec[1])
    assert matrix["encoding"]["x"]["sort"] == ["1", "2", "7", "11"]
    assert sum(cell["count"] for cell in matrix["data"]["values"]) == 3 * 4 * (60 + 3 * 13)


def test_stars_stand_over_the_rating_given(rated: Any) -> None:
    spec = re.search(r'id="spec-stars-by-level">(.*?)</script>', section(rated.page()))
    assert spec
    rows = json.loads(spec[1])["data"]["values"]
    assert {(row["variant"], row["rating"]) for row in rows} == {
        (n, level) for n in ERRORS for level in LEVELS
    }
    assert all(row["mean"] == pytest.approx(row["rating"] + 0.3) for row in rows)
    places = [row["place"] - row["rating"] for row in rows if row["rating"] == 7]
    assert places == sorted(places)
    assert sum(places) == pytest.approx(0)


def test_texts_come_with_the_first_seeds_stars_and_are_escaped(rated: Any) -> None:
    page = section(rated.page())
    rows = re.findall(r"<tr><td class=\"number\">(\d+)</td>(.*?)</tr>", page)
    assert [int(rating) for rating, _ in rows] == LEVELS
    assert re.findall(r'<data value="([^"]+)">', rows[3][1]) == ["11.0"] * 3
    assert EVIL not in page
    assert "&lt;script&gt;" in rows[0][1]
    assert "nothing . At all." in rows[0][1]
    assert rows[1][1].endswith("…</td>")


def test_without_predictions_the_page_says_how_to_get_them(rated: Any) -> None:
    (rated.predictions / "stars/shown.parquet").unlink()
    assert "dvc repro evaluate@stars" in section(rated.page())
    assert "Of each level the text" not in section(rated.page())


def test_a_long_text_is_cut_at_a_word() -> None:
    cut = shortened("wonderful " * 200)
    assert len(cut) <= LONGEST + 2
    assert cut.endswith("wonderful …")
    assert shortened("short  one") == "short one"
