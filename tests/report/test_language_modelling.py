"""The section of language models: made-up perplexities, lines with their surprise, continuations."""

import json
import math
import re
from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from pipeline.config import parse
from pipeline.files import read_json, write_json
from pipeline.report.lines import LINES, LONGEST
from pipeline.report.load import Digests
from pipeline.report.tasks.language_modelling import PUBLISHED

EVIL = "<script>alert('unsafe')</script>"
MODELS = {"none": 121.0, "dropout": 97.0, "variational": 93.0}
BASELINES = {"unigram": 611.0, "kneser_ney": 139.0}
SYSTEMS = [
    *((name, "model", seed, value + seed) for name, value in MODELS.items() for seed in range(3)),
    *((name, "baseline", -1, value) for name, value in BASELINES.items()),
]
SEEN = 0.5
"""Perplexity on training text, as a share of that on the test."""
CLASSES = {"0": 0, "1 to 9": 1, "10 to 99": 10, "100 or more": 100}
WORDS = ["the", "old", "zoologist", EVIL, "saw", "it"]


def score_tables() -> tuple[pd.DataFrame, pd.DataFrame]:
    columns = ["variant", "role", "seed", "split", "metric", "value", "signature"]
    rows = [
        (name, role, seed, split, "perplexity", share * value, f"{split}|made up")
        for split, share in (("test", 1.0), ("train", SEEN))
        for name, role, seed, value in SYSTEMS
    ]
    scores = pd.DataFrame(rows, columns=columns)
    groups = scores.groupby(["variant", "role", "split", "metric"], sort=False)["value"]
    return scores, groups.agg(mean="mean", low="min", high="max", seeds="size").reset_index()


def frequencies() -> pd.DataFrame:
    """The rarer the harder."""
    rows = [
        (name, seed, "test", bucket, low, 31 + low, 10 * value / (low + 1))
        for name, _, seed, value in SYSTEMS
        for bucket, low in CLASSES.items()
    ]
    return pd.DataFrame(rows, columns=["variant", "seed", "split", "bucket", "low", "tokens", "perplexity"])


def kept_lines() -> pd.DataFrame:
    """Lines of 2 to 61 tokens; a token's surprise in bits is its place, times two in the second seed."""
    rows = []
    for name, _, seed, _ in SYSTEMS:
        for row, length in enumerate(range(1, 61)):
            tokens = [*(WORDS * 10)[:length], "</s>"]
            bits = [place * (1 + max(seed, 0)) for place in range(len(tokens))]
            line = {"variant": name, "seed": seed, "split": "test", "row": row, "tokens": tokens}
            rows.append(line | {"log_probabilities": [-each * math.log(2) for each in bits]})
    return pd.DataFrame(rows)


def continuations() -> pd.DataFrame:
    rows = [
        {"variant": name, "seed": seed, "split": "test", "row": row, "prompt": prompt, "rest": "saw it"}
        | {"likeliest": f"{name} {seed} likely", "drawn": EVIL if row else ""}
        for name in MODELS
        for seed in range(3)
        for row, prompt in enumerate(["", "the old zoologist"])
    ]
    return pd.DataFrame(rows)


@pytest.fixture
def language(project: Any) -> Any:
    """The project with a language model as its last experiment."""
    raw = project.params.model_dump()
    tokenizer = {"kind": "word", "vocabulary": 997}
    raw["datasets"]["imdb_lines"] = {"kind": "running_text", "corpus": "imdb", "tokenizer": tokenizer}
    raw["experiments"]["language"] = {
        "task": "language_modelling",
        "question": "Which word next?",
        "dataset": "imdb_lines",
        "seeds": 3,
        "data": {"batch_tokens": 60, "max_tokens": 20},
        "model": {"hidden": 47},
        "training": {"epochs": 7, "learning_rate": 0.005},
        "baselines": list(BASELINES),
        "grid": {name: {"model": {"dropout": 0.1 * place}} for place, name in enumerate(MODELS)},
    }
    folder, predictions = project.results / "language", project.predictions / "language"
    (folder / "tables").mkdir(parents=True)
    scores, summary = score_tables()
    tables = {"scores": scores, "summary": summary, "tables/by_frequency": frequencies()}
    points = [(name, seed, 5, 1, "validation_score", -4.6) for name in MODELS for seed in range(3)]
    columns = ["variant", "seed", "step", "epoch", "metric", "value"]
    tables["curves"] = pd.DataFrame(points, columns=columns)
    for name, table in tables.items():
        table.to_csv(folder / f"{name}.csv", index=False)
    (facts,) = read_json(project.results / "sentiment/provenance.json")
    write_json(folder / "provenance.json", [facts | {"experiment": "language", "reader": "text"}])
    predictions.mkdir()
    kept_lines().to_parquet(predictions / "predictions.parquet")
    continuations().to_parquet(predictions / "continuations.parquet")
    current = project.current | {"language": Digests("code", "parameters")}
    return replace(project, params=parse(raw), current=current)


def section(page: str) -> str:
    found = re.search(r'<section id="experiment-language">(.*?)</section>', page, re.DOTALL)
    assert found
    return found[1]


def values(page: str, chart: str) -> list[dict[str, Any]]:
    spec = re.search(rf'id="spec-language-{chart}">(.*?)</script>', page)
    assert spec
    rows = json.loads(spec[1])["data"]["values"]
    assert isinstance(rows, list)
    return rows


def test_the_least_perplexity_leads(language: Any) -> None:
    text = " ".join(re.sub(r"<[^>]+>", " ", section(language.page())).split())
    assert "variational has the lowest perplexity: 94.0" in text
    assert "kneser_ney" in text
    assert "test|made up" in text
    for heading in ("What was learned by heart", "Which words are hard", "Surprise, word by word"):
        assert heading in text


def test_a_line_reaches_from_seen_to_unseen_text(language: Any) -> None:
    rows = {row["system"]: row for row in values(section(language.page()), "memory")}
    assert set(rows) == {*MODELS, *BASELINES}
    for name, row in rows.items():
        unseen = MODELS[name] + 1 if name in MODELS else BASELINES[name]
        assert row["unseen"] == pytest.approx(unseen)
        assert row["seen"] == pytest.approx(SEEN * unseen)
        assert (row["colour"] == "var(--baseline)") == (name in BASELINES)


def test_a_disc_per_class_of_words_and_variant(language: Any) -> None:
    rows = values(section(language.page()), "frequency")
    assert [(row["variant"], row["bucket"]) for row in rows if row["variant"] == "none"] == [
        ("none", bucket) for bucket in CLASSES
    ]
    assert len(rows) == len(MODELS) * len(CLASSES)
    for row in rows:
        expected = 10 * (MODELS[row["variant"]] + 1) / (CLASSES[row["bucket"]] + 1)
        assert row["perplexity"] == pytest.approx(expected, rel=1e-3)  # as written in the page


def test_words_are_the_darker_the_less_they_were_expected(language: Any) -> None:
    page = section(language.page())
    lines = re.findall(r'<div class="surprise">(.*?)</div>', page, re.DOTALL)
    assert len(lines) == LINES
    lengths = []
    for line in lines:
        shown = re.findall(r"<p>(.*?)</p>", line, re.DOTALL)
        assert len(shown) == len(MODELS)
        for variant in shown:
            words = re.findall(
                r'<span class="word" style="--strength: (\d+)%" title="([\d.]+) bits">(.*?)</span>', variant
            )
            assert [float(bits) for _, bits, _ in words] == list(range(len(words)))
            expected = [round(100 * min(place / 16, 1)) for place in range(len(words))]
            assert [int(strength) for strength, _, _ in words] == pytest.approx(expected, abs=1)
            assert words[-1][2] == "⏎"
        lengths.append(len(words))
    assert lengths == sorted(lengths)
    assert max(lengths) <= LONGEST
    assert EVIL not in page


def test_lines_go_on_as_the_first_seed_says(language: Any) -> None:
    page = section(language.page())
    first, second = re.findall(r'<dl class="texts">(.*?)</dl>', page, re.DOTALL)
    assert "(a new line) …" in first
    assert first.count("(ends)") == len(MODELS)
    assert "the old zoologist …" in second
    for name in MODELS:
        assert f"{name} 0 likely" in second
    assert second.count("&lt;script&gt;") == len(MODELS)


def test_published_models_stand_beside_the_same_text_only(language: Any) -> None:
    assert "Beside published models" not in section(language.page())
    path = language.results / "language/provenance.json"
    (facts,) = read_json(path)
    write_json(path, [facts | {"reader": "ptb"}])
    text = " ".join(re.sub(r"<[^>]+>", " ", section(language.page())).split())
    for name, size, value in PUBLISHED:
        assert f"{name} {size} units {value}" in text


def test_without_predictions_the_page_says_how_to_get_them(language: Any) -> None:
    for path in (language.predictions / "language").iterdir():
        path.unlink()
    page = section(language.page())
    assert "dvc repro evaluate@language" in page
    assert "How lines go on" not in page
    assert '<div class="surprise">' not in page
