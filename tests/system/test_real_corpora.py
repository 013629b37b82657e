"""The real corpora through the whole pipeline, where a mirror of them lies beside the checkout.

All rows are downloaded and prepared; tiny networks learn from short ones (`real_corpora.yaml`).
"""

import json
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.xdist_group("real")
CHANGES = Path(__file__).with_name("real_corpora.yaml")


def changed(settings: dict[str, Any], changes: dict[str, Any]) -> dict[str, Any]:
    """`settings` with `changes` laid over them; a grid is not mixed with another."""
    both = {
        name: changed(settings[name], value) if isinstance(value, dict) and name != "grid" else value
        for name, value in changes.items()
    }
    return settings | both


@pytest.fixture(scope="module")
def real(new_clone, corpora: Path, tmp_path_factory: pytest.TempPathFactory):
    """The committed parameters with tiny networks, run from the mirror."""
    clone = new_clone.copy(tmp_path_factory.mktemp("real"))
    file = clone.folder / "params.yaml"
    changes = yaml.safe_load(CHANGES.read_text(encoding="utf-8"))
    params = changed(yaml.safe_load(file.read_text(encoding="utf-8")), changes)
    params["corpora"] = {
        name: corpus | {"mirror": str(corpora)}
        for name, corpus in params["corpora"].items()
        if "sources" in corpus
    }
    params["datasets"] = {
        name: dataset
        for name, dataset in params["datasets"].items()
        if dataset["corpus"] in params["corpora"]
    }
    params["experiments"] = {name: params["experiments"][name] for name in changes["experiments"]}
    file.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    clone.commit()
    clone.repro()
    return clone


def test_real_text_is_trained_on_scored_and_registered(real) -> None:
    results = real.folder / "results/full"
    summary = pd.read_csv(results / "sentiment/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert summary["majority", "test", "accuracy"] == 0.5
    assert 0.55 < summary["gru", "test", "accuracy"] < 0.9
    predictions = pd.read_parquet(real.folder / "predictions/full/translation/predictions.parquet")
    rows = {"test2016": 1000, "test2017": 1000, "validation": 1014}
    for variant in ("luong", "copy_source", "word_table"):
        translated = predictions[predictions["variant"] == variant]
        assert translated.groupby("split").size().to_dict() == rows
    metrics = json.loads((results / "translation/metrics/luong.json").read_text(encoding="utf-8"))
    assert 0 <= metrics["bleu"] < 10
    tagged = pd.read_csv(results / "part_of_speech/summary.csv").set_index(["variant", "split", "metric"])
    assert 0.8 < tagged["mean"]["most_frequent_tag", "test", "accuracy"] < 0.9
    assert 0.1 < tagged["mean"]["bilstm", "test", "accuracy"] < 0.9
    forecast = pd.read_csv(results / "forecast_univariate/summary.csv").set_index(
        ["variant", "split", "metric"]
    )
    assert 0.02 < forecast["mean"]["lstm", "test", "mse_24"] < 0.2
    rated = pd.read_csv(results / "stars/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 3.28 < rated["mean", "test", "mae"] < 3.3
    assert 0.1 < rated["ordinal", "test", "kappa"] < 0.75
    read = pd.read_csv(results / "language/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 630 < read["unigram", "test", "perplexity"] < 650
    assert 200 < read["none", "test", "perplexity"] < 3000
    described = pd.read_csv(results / "captioning/summary.csv")
    described = described.set_index(["variant", "split", "metric"])["mean"]
    assert 0.06 < described["common_caption", "test", "cider"] < 0.08
    assert 0 <= described["state", "test", "cider"] < 0.3
    heard = pd.read_csv(results / "speech/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 0.02 < heard["templates", "known_speakers", "wer"] < 0.5
    assert 0.3 < heard["luong", "known_speakers", "wer"] < 1
    answered = pd.read_csv(results / "answers/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 0.2 < answered["most_frequent_by_group", "test", "exact_match"] < 0.4
    assert 0.05 < answered["luong", "test", "exact_match"] < 0.5
    (read,) = json.loads((results / "datasets/dialogs_pieces.json").read_text(encoding="utf-8"))
    assert read["left_out"] == 76_053 - 70_574
    assert [overlap["rows"] for overlap in read["overlaps"]] == [0, 0]
    named = pd.read_csv(results / "headlines/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 28 < named["first_sentence", "test", "rouge_l"] < 36
    assert 0 <= named["luong", "test", "rouge_l"] < 15
    classified = real.run("pipeline.cli.main", "classify", "--json", "a wonderful film")
    assert json.loads(classified.splitlines()[-1])["label"] in ("negative", "positive")


def test_the_report_names_source_and_licence_and_known_overlaps(real) -> None:
    page = (real.folder / "report/full/index.html").read_text(encoding="utf-8")
    assert "Maas et al. 2011" in page
    assert "no licence text published" in page
    assert "mirror" in page
    overlaps = json.loads((real.folder / "results/full/datasets/imdb_words.json").read_text(encoding="utf-8"))
    assert {"splits": ["train", "validation"], "rows": 0} in overlaps[0]["overlaps"]


def test_no_sentence_of_a_corpus_is_in_what_git_keeps(real) -> None:
    texts = pd.read_parquet(real.folder / "data/raw/full/imdb/test.parquet")["text"]
    kept = b"".join(real.content("results").values())
    assert kept
    assert not [text for text in texts.sample(500, random_state=0) if text[:60].encode() in kept]
