"""The real corpora through the whole pipeline, where a mirror of them lies beside the checkout.

All rows are downloaded and prepared; training reads the first words of reviews and short sentences.
"""

import json
from pathlib import Path

import pandas as pd
import pytest
import yaml

pytestmark = pytest.mark.xdist_group("real")
TINY = (
    {
        "datasets.imdb_words.unlabelled": [],
        "experiments.sentiment.data.max_tokens": 20,
        "experiments.sentiment.data.batch_tokens": 1000,
        "experiments.sentiment.training.learning_rate": 0.01,
        "experiments.sentiment.baselines": ["majority"],
        "experiments.sentiment.grid": {"gru": {"model": {"cell": "gru"}}},
        "experiments.stars.data.max_tokens": 20,
        "experiments.stars.data.batch_tokens": 1000,
        "experiments.stars.training.learning_rate": 0.01,
        "experiments.stars.baselines": ["mean"],
        "experiments.stars.grid": {"ordinal": {"model": {"head": "ordinal"}}},
        "experiments.translation.data.max_tokens": 9,
        "experiments.translation.decoding.beam": 2,
        "experiments.translation.decoding.n_best": 2,
        "experiments.translation.decoding.max_ratio": 0.5,
        "experiments.translation.grid": {"luong": {}},
        "experiments.part_of_speech.grid": {"bilstm": {}},
        "experiments.entities.grid": {"crf": {"model": {"crf": True}}},
        **{
            f"experiments.{problem}.{setting}": value
            for problem in ("adding", "copy", "reverse", "recall")
            for setting, value in {
                "seeds": 1,
                "training.epochs": 1,
                "data.max_tokens": 40,
                "grid": {"gru": {"model": {"cell": "gru"}}},
            }.items()
        },
        "experiments.language.seeds": 1,
        "experiments.language.data.batch_tokens": 6400,
        "experiments.language.data.max_tokens": 20,
        "experiments.language.model.embedding": 8,
        "experiments.language.model.hidden": 8,
        "experiments.language.model.layers": 1,
        "experiments.language.training.epochs": 1,
        "experiments.language.baselines": ["unigram"],
        "experiments.language.grid": {"none": {}},
        "experiments.captioning.seeds": 1,
        "experiments.captioning.data.batch_tokens": 1000,
        "experiments.captioning.data.max_tokens": 6,
        "experiments.captioning.model.channels": [8, 16],
        "experiments.captioning.model.embedding": 8,
        "experiments.captioning.model.hidden": 8,
        "experiments.captioning.training.epochs": 1,
        "experiments.captioning.training.learning_rate": 0.01,
        "experiments.captioning.decoding.beam": 2,
        "experiments.captioning.decoding.longest": 8,
        "experiments.captioning.baselines": ["common_caption"],
        "experiments.captioning.grid": {"state": {}},
        "datasets.speech_words.rows": {"train": 600, "validation": 50, "test": 60},
        "experiments.speech.seeds": 1,
        "experiments.speech.model.embedding": 8,
        "experiments.speech.model.hidden": 32,
        "experiments.speech.training.epochs": 2,
        "experiments.speech.training.learning_rate": 0.02,
        "experiments.speech.decoding.beam": 2,
        "experiments.speech.baselines": ["templates"],
        "experiments.speech.grid": {"luong": {"model": {"attention": "luong"}}},
        "experiments.translation_en_fr.data.max_tokens": 7,
        "experiments.translation_en_fr.decoding.beam": 1,
        "experiments.translation_en_fr.decoding.n_best": 1,
        "experiments.translation_en_fr.decoding.max_ratio": 0.5,
        "experiments.translation_en_fr.baselines": ["copy_source"],
        "experiments.translation_en_hi.decoding.beam": 2,
        "experiments.translation_en_hi.decoding.n_best": 2,
        "experiments.translation_en_hi.decoding.max_ratio": 0.5,
        "experiments.translation_en_hi.grid": {"luong": {}},
        "experiments.vanishing.baselines": ["majority"],
        "experiments.vanishing.grid": {
            "gru_1000": {"model": {"cell": "gru"}},
            "lstm_10": {"data": {"max_tokens": 10, "batch_tokens": 320}},
        },
        "probes.gradient_flow.reviews": 3,
        "experiments.answers.data.max_tokens": 30,
        "experiments.answers.data.batch_tokens": 500,
        "experiments.answers.training.learning_rate": 0.02,
        "experiments.answers.baselines": ["most_frequent_by_group"],
        "experiments.answers.grid": {"luong": {}},
        "experiments.replies.data.max_tokens": 5,
        "experiments.replies.data.batch_tokens": 2000,
        "experiments.replies.training.learning_rate": 0.02,
        "experiments.replies.decoding.beam": 1,
        "experiments.replies.decoding.max_ratio": 0.1,
        "experiments.replies.baselines": ["most_frequent"],
        "experiments.replies.grid": {"luong": {}},
        "experiments.headlines.data.batch_tokens": 2000,
        "experiments.headlines.training.learning_rate": 0.02,
        "experiments.headlines.decoding.beam": 1,
        "experiments.headlines.decoding.max_ratio": 0.1,
        "experiments.headlines.baselines": ["first_sentence"],
        "experiments.headlines.grid": {"luong": {}},
    }
    | {
        f"experiments.{experiment}.{setting}": value
        for experiment in ("forecast_univariate", "forecast_multivariate")
        for setting, value in {
            "seeds": 1,
            "training.epochs": 1,
            "model.parameters": 20_000,
            "grid": {"lstm": {}},
        }.items()
    }
    | {
        f"experiments.{experiment}.{setting}": value
        for experiment in ("part_of_speech", "entities")
        for setting, value in {
            "seeds": 1,
            "data.max_tokens": 7,
            "model.embedding": 8,
            "model.characters": 4,
            "model.hidden": 8,
            "training.epochs": 1,
            "training.learning_rate": 0.02,
            "baselines": ["most_frequent_tag"],
        }.items()
    }
    | {
        f"experiments.{experiment}.{setting}": value
        for experiment in (
            "sentiment",
            "stars",
            "vanishing",
            "translation",
            "translation_en_hi",
            "translation_en_fr",
            "answers",
            "replies",
            "headlines",
        )
        for setting, value in {
            "seeds": 1,
            "model.embedding": 8,
            "model.hidden": 8,
            "training.epochs": 1,
        }.items()
    }
)


@pytest.fixture(scope="module")
def real(new_clone, corpora: Path, tmp_path_factory: pytest.TempPathFactory):
    """The committed parameters with tiny networks, run from the mirror."""
    clone = new_clone.copy(tmp_path_factory.mktemp("real"))
    for path, value in TINY.items():
        clone.set(path, value)
    params = yaml.safe_load((clone.folder / "params.yaml").read_text(encoding="utf-8"))
    # One experiment per task and dataset: others ask them something else, of the same text.
    kept: dict[tuple[str, str], str] = {}
    for name, experiment in params["experiments"].items():
        kept.setdefault((experiment["task"], experiment["dataset"]), name)
    clone.set("experiments", {name: params["experiments"][name] for name in kept.values()})
    for name, corpus in params["corpora"].items():
        if "sources" in corpus:
            clone.set(f"corpora.{name}.mirror", str(corpora))
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
    replied = pd.read_csv(results / "replies/summary.csv").set_index(["variant", "split", "metric"])["mean"]
    assert 0 <= replied["luong", "test", "bleu"] < 5
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
