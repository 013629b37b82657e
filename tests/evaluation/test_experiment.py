import json
import shutil
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import UserError
from pipeline.evaluation import unit as store
from pipeline.evaluation.experiment import curves, evaluate
from pipeline.metrics.classification import scores
from pipeline.metrics.tagging import accuracy, bio_scores
from pipeline.metrics.translation import bleu, chrf
from pipeline.report.load import TABLES

CUT = {
    "tables/cut_outputs": [
        "variant",
        "seed",
        "split",
        "share",
        "bleu",
        "without_penalty",
        "notes_bleu",
    ]
}
PAIRED = {"tables/paired": ["split", "metric", "a", "b", "difference", "error", "items"]}


def evaluated(project, key):
    """Evaluates and returns the lines told."""
    told = []
    evaluate(project.params, key, project.places(key), tell=told.append)
    return told


def read(project, key):
    """Every table of results/, by name, and the provenance."""
    folder = project.places(key).results
    tables = {path.stem: pd.read_csv(path) for path in folder.rglob("*.csv")}
    (facts,) = json.loads((folder / "provenance.json").read_text())
    return tables, facts


def columns(project, key):
    """Of every table, by its path without ending."""
    folder = project.places(key).results
    paths = {path.relative_to(folder).with_suffix("").as_posix(): path for path in folder.rglob("*.csv")}
    return {name: list(pd.read_csv(path)) for name, path in paths.items()}


def predictions(project, key, name="predictions"):
    return pd.read_parquet(project.places(key).predictions / f"{name}.parquet")


def values(table, **chosen):
    """Rows by (split, metric)."""
    for column, value in chosen.items():
        table = table[table[column] == value]
    return table.set_index(["split", "metric"])["value"].to_dict()


def test_classification_tables(project):
    told = evaluated(project, "mood")
    tables, _ = read(project, "mood")
    assert columns(project, "mood") == TABLES["classification"] | PAIRED
    found = tables["scores"]
    assert list(found["split"].unique()) == ["test", "other", "validation"]
    systems = found[["variant", "role", "seed"]].drop_duplicates().to_records(index=False).tolist()
    models = [("gru", "model", 0), ("gru", "model", 1), ("lstm", "model", 0), ("lstm", "model", 1)]
    assert systems == [*models, ("majority", "baseline", -1), ("nbsvm", "baseline", -1)]
    assert values(found, variant="majority")["test", "roc_auc"] == 0.5
    assert values(found, variant="nbsvm")["test", "accuracy"] > 0.9
    counts = tables["confusion"].groupby(["variant", "seed", "split"], sort=False)["count"].sum()
    assert counts.tolist() == [23, 5, 17] * len(systems)
    assert len(told) == len(systems)
    assert told[0].startswith("mood gru/0: test accuracy 0.")


def test_scores_can_be_recomputed_from_the_predictions(project):
    evaluated(project, "mood")
    found, rows = read(project, "mood")[0]["scores"], predictions(project, "mood")
    for (variant, seed, split), group in rows.groupby(["variant", "seed", "split"]):
        assert group["row"].tolist() == list(range(len(group)))
        again = scores(np.stack(group["probabilities"].tolist()), group["label"].to_numpy())
        kept = values(found, variant=variant, seed=seed, split=split)
        assert kept == pytest.approx({(split, name): score.value for name, score in again.items()})


def test_translation_tables(project):
    evaluated(project, "number")
    tables, _ = read(project, "number")
    assert columns(project, "number") == TABLES["translation"] | PAIRED | CUT
    rows, found = predictions(project, "number"), tables["scores"]
    for (variant, seed, split), group in rows.groupby(["variant", "seed", "split"]):
        references = [list(each) for each in group["references"]]
        kept = values(found, variant=variant, seed=seed, split=split)
        for metric, column, again in (("bleu", "hypothesis", bleu), ("chrf", "hypothesis", chrf)):
            score = again(group[column].tolist(), references, lowercase=True)
            assert kept[split, metric] == pytest.approx(score.value)
        if seed >= 0:
            greedy = bleu(group["greedy"].tolist(), references, lowercase=True)
            assert kept[split, "bleu_greedy"] == pytest.approx(greedy.value)
        assert [len(each) for each in references[:2]] == [1, 2]
    searched = rows[rows["seed"] >= 0]
    assert searched["n_best"].map(len).max() == 2
    assert (searched["n_best"].map(lambda each: each[0]) == searched["hypothesis"]).all()
    signature = found[found["metric"] == "bleu"]["signature"].iloc[0]
    assert signature.startswith("nrefs:var|case:lc|eff:no|tok:13a|smooth:exp|version:")
    lengths = tables["bleu_by_length"]
    sentences = lengths.groupby(["variant", "seed", "split"], sort=False)["sentences"].sum()
    assert sentences.tolist() == [23, 5, 17] * 6


def test_baselines_of_translation(project):
    evaluated(project, "number")
    found, rows = read(project, "number")[0]["scores"], predictions(project, "number")
    baselines = found[found["role"] == "baseline"]
    assert list(baselines["variant"].unique()) == ["copy_source", "word_table"]
    assert set(baselines["metric"]) == {"bleu", "chrf", "length_ratio"}
    # The made-up language is English with each word read backwards: a word table is all it takes.
    assert values(found, variant="word_table")["test", "bleu"] == pytest.approx(100)
    assert values(found, variant="copy_source")["test", "bleu"] < 20
    copied = rows[rows["variant"] == "copy_source"]
    assert (copied["hypothesis"] == copied["source"]).all()
    metrics = json.loads((project.places("number").results / "metrics/word_table.json").read_text())
    assert metrics["bleu"] == pytest.approx(100)


def test_sentences_to_be_shown_say_where_they_stand(project):
    dataset = project.dataset("number")
    train, test = (dataset.split(name).rows() for name in ("train", "test"))
    known = train["source"].iloc[3]
    held_out = next(text for text in test["source"] if text not in set(train["source"]))
    show = [f"{known.upper()}!", held_out, "eleven is nowhere"]
    asked = project.changed("number", decoding={"beam": 3, "n_best": 2, "max_ratio": 1.0, "show": show})
    assert len(evaluated(asked, "number")) == 6
    rows = predictions(asked, "number", "shown")
    assert "shown" not in read(asked, "number")[0]
    assert list(rows.columns[:4]) == ["variant", "seed", "split", "row"]
    for (variant, _), own in rows.groupby(["variant", "seed"]):
        assert own["source"].tolist() == show
        assert own["split"].tolist() == ["train", "test", "none"]
        references = [list(each) for each in own["references"]]
        same = train[train["source"] == known]["references"]
        assert references[0] == list(dict.fromkeys(text for texts in same for text in texts))
        assert references[1] == list(test[test["source"] == held_out]["references"].iloc[0])
        assert references[2] == []
        if variant == "luong":
            for row in own.itertuples():
                weights = row.weights.reshape(len(row.target_tokens), len(row.source_tokens))
                np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-4)
        else:
            assert own["weights"].isna().all()
    table = rows[rows["variant"] == "word_table"]["hypothesis"].tolist()
    backwards = [" ".join(word[::-1] for word in source.split()) for source in (known, held_out)]
    assert table[:2] == [f"{backwards[0]} !", backwards[1]]
    # As the splits' rows are translated, so are these.
    best = predictions(asked, "number")
    best = best[(best["variant"] == "luong") & (best["seed"] == 1) & (best["split"] == "test")]
    again = rows[(rows["variant"] == "luong") & (rows["seed"] == 1)]["hypothesis"].iloc[1]
    assert best[best["source"] == held_out]["hypothesis"].iloc[0] == again


def test_alignments_of_variants_with_attention_on_the_headline_split(project):
    evaluated(project, "number")
    rows = predictions(project, "number", "alignments")
    assert set(rows["variant"]) == {"luong"}
    assert set(rows["split"]) == {"test"}
    assert rows.groupby("seed")["row"].apply(list).map(len).tolist() == [23, 23]
    for row in rows.itertuples():
        weights = row.weights.reshape(len(row.target_tokens), len(row.source_tokens))
        np.testing.assert_allclose(weights.sum(1), 1, rtol=1e-4)


@pytest.mark.parametrize("key", ["part", "name"])
def test_tagging_tables(project, key):
    evaluated(project, key)
    tables, _ = read(project, key)
    assert columns(project, key) == TABLES["tagging"] | PAIRED
    rows, found = predictions(project, key), tables["scores"]
    systems = {"plain", "crf", "most_frequent_tag", "window_mlp"}
    assert set(rows["variant"]) == set(found["variant"]) == systems
    for (variant, seed, split), group in rows.groupby(["variant", "seed", "split"]):
        tags, answers = ([list(each) for each in group[name]] for name in ("tags", "predicted"))
        assert [len(each) for each in tags] == [len(each) for each in answers]
        again = bio_scores(tags, answers) if key == "name" else {"accuracy": accuracy(tags, answers)}
        kept = values(found, variant=variant, seed=seed, split=split)
        for name, score in again.items():
            assert kept[split, name] == pytest.approx(score.value)
    counts = tables["confusion"].groupby(["variant", "seed", "split"])["count"].sum()
    words = rows.assign(words=rows["tokens"].map(len)).groupby(["variant", "seed", "split"])["words"].sum()
    assert counts.equals(words.rename("count"))
    best = "entity_f1" if key == "name" else "accuracy"
    for baseline in ("most_frequent_tag", "window_mlp"):
        assert values(found, variant=baseline)["test", best] > 0.95


def test_summary_and_metrics_hold_means_and_intervals(project):
    evaluated(project, "mood")
    tables, _ = read(project, "mood")
    one, other = (values(tables["scores"], variant="gru", seed=seed)["test", "accuracy"] for seed in (0, 1))
    row = tables["summary"].query("variant == 'gru' and split == 'test' and metric == 'accuracy'").iloc[0]
    assert row["mean"] == pytest.approx((one + other) / 2)
    assert row["high"] - row["mean"] == pytest.approx(12.7062 * abs(one - other) / 2, rel=1e-4)
    baseline = tables["summary"].query("variant == 'nbsvm'")
    assert baseline["low"].isna().all()
    assert (baseline["seeds"] == 1).all()
    metrics = project.places("mood").results / "metrics"
    assert {path.stem for path in metrics.iterdir()} == {"gru", "lstm", "majority", "nbsvm"}
    gru = json.loads((metrics / "gru.json").read_text())
    assert gru["accuracy"] == pytest.approx(row["mean"], abs=1e-6)
    assert gru["accuracy_halfwidth"] == pytest.approx(row["high"] - row["mean"], abs=1e-6)
    assert "accuracy_halfwidth" not in json.loads((metrics / "nbsvm.json").read_text())


def test_curves_and_provenance(project):
    evaluated(project, "number")
    tables, facts = read(project, "number")
    assert tables["curves"].values.tolist()[1] == ["none", 1, 3, 1.0, "validation_score", 0.2]
    assert facts["experiment"] == "number"
    assert facts["reader"] == "translation"
    assert facts["signatures"]["luong/1"] == "luong-1"
    assert facts["code_digest"] == "the code"
    assert facts["dataset_digest"] == project.dataset("number").digest
    assert facts["variants"]["none"]["model"]["attention"] == "none"
    assert facts["minutes"]["train"] == 2 * (0.25 + 1.25)
    assert facts["minutes"]["per_run"]["luong/1"] == 1.25
    assert facts["minutes"]["evaluate"] > 0
    assert facts["machine"]["cores"] >= 1
    assert facts["time"].endswith("+00:00")


def test_trials_of_the_learning_rate_are_kept_and_their_minutes_counted(project):
    tried = [
        {"variant": "none", "learning_rate": 0.1, "score": 0.5, "minutes": 2.0, "chosen": False},
        {"variant": "none", "learning_rate": 0.2, "score": 0.7, "minutes": 4.0, "chosen": True},
    ]
    evaluated(project, "number")
    _, facts = read(project, "number")
    assert facts["trials"] == []
    (project.places("number").models / "trials.json").write_text(json.dumps(tried))
    try:
        evaluated(project, "number")
        _, chosen = read(project, "number")
    finally:
        (project.places("number").models / "trials.json").unlink()
    assert chosen["trials"] == tried
    assert chosen["minutes"]["train"] == facts["minutes"]["train"] + 2.0


def test_only_what_is_new_is_evaluated(project):
    assert len(evaluated(project, "number")) == 6
    first = read(project, "number")
    assert evaluated(project, "number") == []
    again = read(project, "number")
    for name, table in first[0].items():
        pd.testing.assert_frame_equal(table, again[0][name])
    more = project.changed("number", seeds=3)
    more.train("number")
    assert [line.split(":")[0] for line in evaluated(more, "number")] == ["number none/2", "number luong/2"]
    wider = more.changed("number", decoding={"beam": 2})
    assert len(evaluated(wider, "number")) == 8
    assert evaluated(more, "number") == []


def test_a_variant_that_is_gone_leaves_nothing_behind(project):
    evaluated(project, "mood")
    fewer = project.changed("mood", grid={"lstm": {"model": {"cell": "lstm"}}}, baselines=["majority"])
    assert evaluated(fewer, "mood") == []
    tables, _ = read(fewer, "mood")
    assert set(tables["scores"]["variant"]) == {"lstm", "majority"}
    assert set(predictions(fewer, "mood")["variant"]) == {"lstm", "majority"}
    assert {path.stem for path in (fewer.places("mood").results / "metrics").iterdir()} == {
        "lstm",
        "majority",
    }


def test_worker_processes_find_what_one_process_finds(project):
    evaluated(project, "mood")
    alone, _ = read(project, "mood")
    shutil.rmtree(store.STORE)
    several = project.changed("mood")
    several.raw["execution"]["workers"] = 2
    assert len(evaluated(several, "mood")) == 6
    together, _ = read(several, "mood")
    for name, table in alone.items():
        pd.testing.assert_frame_equal(table, together[name])


def test_missing_and_altered_models(project):
    missing = project.changed("mood", seeds=5)
    with pytest.raises(UserError, match=r"gru/2/bundle: no bundle; run `dvc repro train@mood`"):
        evaluated(missing, "mood")
    place = project.places("mood").models / "gru/0"
    original = place.resolve()
    place.unlink()
    shutil.copytree(original, place)
    weights = place / "bundle/weights.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    with pytest.raises(UserError, match=r"weights.safetensors: was altered"):
        evaluated(project, "mood")


def test_models_of_different_code_are_not_mixed(project):
    place = project.places("mood").models / "gru/0"
    original = place.resolve()
    place.unlink()
    shutil.copytree(original, place)
    run = json.loads((place / "run.json").read_text())
    (place / "run.json").write_text(json.dumps(run | {"code_digest": "other code"}))
    with pytest.raises(UserError, match="code_digest differs"):
        evaluated(project, "mood")


def test_a_variant_named_like_a_baseline_is_refused(project):
    confusing = project.changed("mood", grid={"majority": {}})
    with pytest.raises(UserError, match="majority names a variant and a baseline"):
        evaluated(confusing, "mood")


def test_evaluation_needs_neither_lightning_nor_mlflow():
    code = (
        "import sys, stages.evaluate, pipeline.evaluation.classification, pipeline.evaluation.translation;"
        "print([name for name in ('lightning', 'mlflow', 'datasets') if name in sys.modules])"
    )
    answer = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert answer.stdout.strip() == "[]"


def test_curves_of_a_long_training_are_thinned_and_keep_their_ends(tmp_path):
    steps = range(20, 20 * 1001, 20)
    points = [
        (step, step / 20, metric, step / 7) for step in steps for metric in ("train_loss", "learning_rate")
    ]
    points.append((20_000, 1000.0, "validation_loss", 2.5))
    (tmp_path / "a/0").mkdir(parents=True)
    frame = pd.DataFrame(points, columns=["step", "epoch", "metric", "value"])
    frame.to_csv(tmp_path / "a/0/curves.csv", index=False)
    kept = curves(tmp_path, ["a/0"])
    assert list(kept) == ["variant", "seed", "step", "epoch", "metric", "value"]
    sizes = kept.groupby("metric")["step"].agg(["size", "max"])
    assert sizes["size"].to_dict() == {"learning_rate": 100, "train_loss": 100, "validation_loss": 1}
    assert set(sizes["max"]) == {20_000}
