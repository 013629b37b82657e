"""The real corpora through the whole pipeline, where a mirror of them lies beside the checkout.

All rows of every corpus are downloaded; tiny networks learn from short ones (`real_corpora.yaml`).
"""

import json
import sqlite3
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.xdist_group("real")
CHANGES = Path(__file__).with_name("real_corpora.yaml")
LEFT_OUT = ("tatoeba_en_fr", "multi30k_parent", "imdb_filler")
"""What is special about them is in the smoke profile, or in another dataset of the same corpus."""


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
        if dataset["corpus"] in params["corpora"] and name not in LEFT_OUT
    }
    params["experiments"] = {name: params["experiments"][name] for name in changes["experiments"]}
    params["probes"] = {
        kind: {name: probe for name, probe in own.items() if name in params["experiments"]}
        for kind, own in params["probes"].items()
    }
    file.write_text(yaml.safe_dump(params, sort_keys=False), encoding="utf-8")
    clone.commit()
    clone.run("pipeline.cli.workspace", "repro")
    return clone


@pytest.mark.parametrize(
    ("experiment", "system", "split", "metric", "low", "high"),
    [
        ("sentiment", "majority", "test", "accuracy", 0.5, 0.5),
        ("stars", "mean", "test", "mae", 3.28, 3.30),
        ("part_of_speech", "most_frequent_tag", "test", "accuracy", 0.86, 0.865),
        ("translation", "copy_source", "test2016", "bleu", 0.7, 0.8),
        ("translation", "word_table", "test2016", "bleu", 11, 11.5),
        ("answers", "most_frequent_by_group", "test", "exact_match", 0.28, 0.282),
        ("headlines", "first_sentence", "test", "rouge_l", 32, 32.6),
        ("language", "unigram", "test", "perplexity", 638, 641),
        ("captioning", "common_caption", "test", "cider", 0.069, 0.072),
        ("speech", "templates", "known_speakers", "wer", 0.03, 0.12),
        ("speech", "templates", "new_speaker", "wer", 0.4, 0.8),
        ("forecast_univariate", "repeat_last", "test", "mse_24", 0.034, 0.0347),
    ],
)
def test_a_baseline_scores_on_the_real_text_what_it_must(
    real, experiment: str, system: str, split: str, metric: str, low: float, high: float
) -> None:
    assert low <= score(real, experiment, system, split, metric) <= high


@pytest.mark.parametrize(
    ("experiment", "system", "split", "metric", "low", "high"),
    [
        ("sentiment", "gru", "test", "accuracy", 0.55, 0.75),  # untrained 0.5
        ("stars", "ordinal", "test", "kappa", 0.1, 0.5),  # 0
        ("part_of_speech", "bilstm", "test", "accuracy", 0.22, 0.6),  # 0.06; the commonest tag alone 0.16
        ("translation", "luong", "test2016", "bleu", 1, 8),  # 0.01
        ("answers", "luong", "test", "exact_match", 0.05, 0.3),  # 0
        ("language", "none", "test", "perplexity", 400, 635),  # 10,000; without what was read before 639
        ("captioning", "state", "test", "cider", 0.015, 0.2),  # 0.001
        ("speech", "luong", "known_speakers", "wer", 0.6, 0.95),  # 3.9: it writes on and on
        ("forecast_univariate", "lstm", "test", "mse_24", 0.025, 0.05),  # 0.059
    ],
)
def test_a_tiny_network_learns_a_little_from_the_real_text(
    real, experiment: str, system: str, split: str, metric: str, low: float, high: float
) -> None:
    assert low <= score(real, experiment, system, split, metric) <= high


def score(real, experiment: str, system: str, split: str, metric: str) -> float:
    summary = pd.read_csv(real.folder / f"results/full/{experiment}/summary.csv")
    return summary.set_index(["variant", "split", "metric"])["mean"][system, split, metric]


def test_a_tiny_network_writes_no_headline_yet_but_its_loss_falls(real) -> None:
    curves = pd.read_csv(real.folder / "results/full/headlines/curves.csv").set_index("metric")["value"]
    assert 5.5 < curves["validation_loss"] < 7.5  # of 8,000 words, untrained: 9


def test_every_kind_of_task_that_reads_a_real_corpus_is_here(root: Path, real) -> None:
    committed, kept = (yaml.safe_load((folder / "params.yaml").read_text()) for folder in (root, real.folder))
    asked = {
        experiment["task"]
        for experiment in committed["experiments"].values()
        if experiment["dataset"] in kept["datasets"]
    }
    assert {experiment["task"] for experiment in kept["experiments"].values()} == asked


def test_every_experiment_has_a_champion(real) -> None:
    kept = yaml.safe_load((real.folder / "params.yaml").read_text(encoding="utf-8"))["experiments"].values()
    with sqlite3.connect(real.folder / "mlflow.db") as store:
        named = store.execute("select name from registered_model_aliases where alias = 'champion'").fetchall()
    assert {name for (name,) in named} == {f"{each['task']}-{each['dataset']}" for each in kept}


def test_every_sentence_is_translated(real) -> None:
    predictions = pd.read_parquet(real.folder / "predictions/full/translation/predictions.parquet")
    rows = {"test2016": 1000, "test2017": 1000, "validation": 1014}
    for variant in ("luong", "copy_source", "word_table"):
        translated = predictions[predictions["variant"] == variant]
        assert translated.groupby("split").size().to_dict() == rows


def test_dialogues_that_a_test_has_too_are_left_out(real) -> None:
    (read,) = json.loads(
        (real.folder / "results/full/datasets/dialogs_pieces.json").read_text(encoding="utf-8")
    )
    assert read["left_out"] == 76_053 - 70_574
    assert [overlap["rows"] for overlap in read["overlaps"]] == [0, 0]


def test_a_model_of_real_text_answers(real) -> None:
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
