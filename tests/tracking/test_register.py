"""From files to nested runs, registered versions and the champion."""

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from mlflow import MlflowClient
from mlflow.entities import Run

from pipeline.errors import UserError
from pipeline.files import sha256_of_file
from pipeline.tracking.notes import experiment_note
from pipeline.tracking.register import register
from pipeline.tracking.results import read_experiment

pytestmark = pytest.mark.xdist_group("mlflow")  # one worker makes the store and the registered project

CLASSIFIER, TRANSLATOR = "classification-reviews_words", "translation-translation_en_fr"
HINDI = "translation-translation_en_hi"
ANSWERS = "transduction-questions_words"
CAPTIONER = "captioning-scenes_captions"
TRANSCRIBER = "transcription-tones_words"
POS, ENTITIES = "tagging-tags_pos", "tagging-tags_entities"
RATER = "rating-reviews_stars"


def go(project: Any) -> list[str]:
    return list(register(project.params, project.root, project.root))


def client_of(project: Any) -> MlflowClient:
    # The registry's address would else be that of whichever project was registered last.
    address = f"sqlite:///{project.root}/mlflow.db"
    return MlflowClient(address, registry_uri=address)


def runs_of(project: Any, experiment: str) -> dict[str, Run]:
    client = client_of(project)
    found = client.get_experiment_by_name(f"smoke/{experiment}")
    return {run.info.run_name: run for run in client.search_runs([found.experiment_id])}


def test_runs_are_nested_experiment_variant_seed(registered: Any) -> None:
    runs = runs_of(registered, "sentiment")
    assert set(runs) == {"sentiment", "rnn", "lstm", "majority", "rnn/0", "rnn/1", "lstm/0", "lstm/1"}
    parents = {name: run.data.tags.get("mlflow.parentRunId") for name, run in runs.items()}
    assert parents["sentiment"] is None
    assert {parents[name] for name in ("rnn", "lstm", "majority")} == {runs["sentiment"].info.run_id}
    assert parents["rnn/0"] == parents["rnn/1"] == runs["rnn"].info.run_id
    assert parents["lstm/0"] == parents["lstm/1"] == runs["lstm"].info.run_id
    assert {run.info.status for run in runs.values()} == {"FINISHED"}


def test_a_seeds_run_has_parameters_curves_and_scores(registered: Any) -> None:
    run = runs_of(registered, "sentiment")["rnn/1"]
    assert run.data.params["model.cell"] == "rnn"
    assert run.data.params["training.learning_rate"] == "0.01"
    assert run.data.params["seed"] == "1"
    assert run.data.metrics["test/accuracy"] == pytest.approx(0.51)
    assert run.data.metrics["validation/accuracy"] == pytest.approx(0.51)
    points = client_of(registered).get_metric_history(run.info.run_id, "curves/train_loss")
    assert [(point.step, point.value) for point in points] == [(7, 1 / 7), (14, 1 / 14), (21, 1 / 21)]
    assert run.info.end_time - run.info.start_time == 90_000  # timing.json: 1.5 minutes
    assert [given.dataset.name for given in run.inputs.dataset_inputs] == ["reviews_words"]


def test_variants_and_experiment_have_means_and_a_note(registered: Any) -> None:
    runs = runs_of(registered, "translation")
    metrics = runs["luong"].data.metrics
    assert metrics["test/bleu"] == pytest.approx(0.525)
    assert (metrics["test/bleu_low"], metrics["test/bleu_high"]) == pytest.approx((0.52, 0.53))
    assert runs["luong"].data.params["decoding.beam"] == "2"
    assert runs["translation"].data.metrics["test/bleu/none"] == pytest.approx(0.505)
    note = runs["translation"].data.tags["mlflow.note.content"]
    assert note.startswith("What does attention add to an encoder-decoder?\n")
    assert "| luong | 0.525 ± 0.005 | 2 |" in note
    assert "| word_table | 0.5 | 1 |" in note
    assert runs["word_table"].data.tags["unrolled.role"] == "baseline"
    assert note.index("| luong |") < note.index("| none |")  # best first


def test_the_best_seed_holds_the_artifacts(registered: Any) -> None:
    client, runs = client_of(registered), runs_of(registered, "translation")

    def files(name: str, folder: str | None = None) -> set[str]:
        return {file.path for file in client.list_artifacts(runs[name].info.run_id, folder)}

    assert files("luong/0") == set()
    assert files("luong/1") == {"bundle", "samples.json", "alignments"}
    assert len(files("luong/1", "alignments")) == 3
    assert files("translation") == {"results", "curves.png"}
    samples = client.download_artifacts(runs["luong/1"].info.run_id, "samples.json")
    table = json.loads(Path(samples).read_text())
    assert table["columns"] == ["source", "translation", "references", "score"]
    assert table["data"][0] == ["a good film to see", "un bon film", "un film", -0.5]


def test_samples_of_a_classifier_show_sure_mistakes_first(registered: Any) -> None:
    client, runs = client_of(registered), runs_of(registered, "sentiment")
    table = json.loads(Path(client.download_artifacts(runs["rnn/1"].info.run_id, "samples.json")).read_text())
    assert table["data"][0] == ["a good film to see", "negative", "positive", 0.7]


def test_samples_of_a_tagger_show_most_mistakes_first(registered: Any) -> None:
    client, run = client_of(registered), runs_of(registered, "part_of_speech")["bilstm/1"]
    table = json.loads(Path(client.download_artifacts(run.info.run_id, "samples.json")).read_text())
    assert table["columns"] == ["wrong", "tags", "sentence"]
    assert table["data"][0] == [1, "the/N (not X) end/X is/X good/X", "the end is good"]
    assert table["data"][1] == [0, "a/X good/X film/X to/X see/X", "a good film to see"]
    assert len(table["data"]) == 5


def test_samples_of_a_rater_show_the_widest_misses_first(registered: Any) -> None:
    client, run = client_of(registered), runs_of(registered, "stars")["ordinal/1"]
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {"bundle", "samples.json", "confusion.png"}
    table = json.loads(Path(client.download_artifacts(run.info.run_id, "samples.json")).read_text())
    assert table["columns"] == ["text", "rating", "stars"]
    assert table["data"][0] == ["good , bad , good", 2, 5.5]
    version = client.get_model_version_by_alias(RATER, "champion")
    assert f"unrolled rate --model models:/{RATER}@champion 'raw text'" in version.description


def test_a_captioner_has_pictures_of_where_it_looked(registered: Any) -> None:
    client, runs = client_of(registered), runs_of(registered, "captioning")
    run_id = runs["luong/1"].info.run_id
    files = {file.path for file in client.list_artifacts(run_id)}
    assert files == {"bundle", "samples.json", "looks"}
    assert [file.path for file in client.list_artifacts(run_id, "looks")] == [
        f"looks/{row:05}.png" for row in range(3)
    ]
    assert "looks" not in {file.path for file in client.list_artifacts(runs["state/1"].info.run_id)}
    table = json.loads(Path(client.download_artifacts(run_id, "samples.json")).read_text())
    assert table["columns"] == ["picture", "caption", "references", "score"]
    assert table["data"][0] == [0, "a red disc .", "a red ball .", -0.5]


def test_a_transcriber_has_pictures_of_where_it_listened(registered: Any) -> None:
    client, run = client_of(registered), runs_of(registered, "speech")["luong/1"]
    files = {file.path for file in client.list_artifacts(run.info.run_id)}
    assert files == {"bundle", "samples.json", "looks"}
    table = json.loads(Path(client.download_artifacts(run.info.run_id, "samples.json")).read_text())
    assert table["columns"] == ["row", "speaker", "said", "transcript", "score"]
    assert table["data"][0] == [0, "dimo", "two three four", "two four", -0.5]
    version = client.get_model_version_by_alias(TRANSCRIBER, "champion")
    assert f"unrolled transcribe --model models:/{TRANSCRIBER}@champion clip.wav" in version.description


def test_a_tagger_has_a_picture_of_what_it_confuses(registered: Any) -> None:
    client, runs = client_of(registered), runs_of(registered, "entities")
    files = {file.path for file in client.list_artifacts(runs["crf/1"].info.run_id)}
    assert files == {"bundle", "samples.json", "confusion.png"}


def test_entities_are_read_by_entity_f1(registered: Any) -> None:
    run = runs_of(registered, "entities")["entities"]
    assert run.data.metrics["test/entity_f1/crf"] == pytest.approx(0.505)
    version = client_of(registered).get_model_version_by_alias(ENTITIES, "champion")
    assert f"unrolled tag --model models:/{ENTITIES}@champion 'raw text'" in version.description


def test_lineage_leads_both_ways(registered: Any) -> None:
    version = client_of(registered).get_model_version_by_alias(CLASSIFIER, "champion")
    run = runs_of(registered, "sentiment")["lstm/1"]
    assert version.run_id == run.info.run_id
    assert run.data.tags["unrolled.model_version"] == f"{CLASSIFIER}/1"
    bundle = registered.root / "models/smoke/sentiment/lstm/1/bundle/bundle.json"
    assert version.tags["unrolled.bundle_digest"] == sha256_of_file(bundle)
    for tags in (version.tags, run.data.tags):
        assert tags["unrolled.commit"] == "0123456789abcdef0123456789abcdef01234567"
        assert tags["unrolled.dataset_digest"] == "d" * 64
        assert tags["unrolled.parameters_digest"] == "e" * 64
        assert tags["unrolled.code_digest"] == "c" * 64
        assert (tags["unrolled.profile"], tags["unrolled.experiment"]) == ("smoke", "sentiment")


def test_lines_say_what_was_done_and_why(registered: Any) -> None:
    assert registered.lines == [
        "sentiment: 4 runs in MLflow's experiment smoke/sentiment",
        "translation: 4 runs in MLflow's experiment smoke/translation",
        "translation_en_hi: 2 runs in MLflow's experiment smoke/translation_en_hi",
        "part_of_speech: 2 runs in MLflow's experiment smoke/part_of_speech",
        "entities: 2 runs in MLflow's experiment smoke/entities",
        "forecast_univariate: 2 runs in MLflow's experiment smoke/forecast_univariate",
        "forecast_multivariate: 2 runs in MLflow's experiment smoke/forecast_multivariate",
        "imputation: 4 runs in MLflow's experiment smoke/imputation",
        "recall: 2 runs in MLflow's experiment smoke/recall",
        "answers: 4 runs in MLflow's experiment smoke/answers",
        "replies: 4 runs in MLflow's experiment smoke/replies",
        "headlines: 4 runs in MLflow's experiment smoke/headlines",
        "stars: 2 runs in MLflow's experiment smoke/stars",
        "language: 2 runs in MLflow's experiment smoke/language",
        "captioning: 4 runs in MLflow's experiment smoke/captioning",
        "speech: 4 runs in MLflow's experiment smoke/speech",
        "vanishing: 12 runs in MLflow's experiment smoke/vanishing",
        "depth: 2 runs in MLflow's experiment smoke/depth",
        "filler: 4 runs in MLflow's experiment smoke/filler",
        "53 claims: a new run in MLflow's experiment smoke/ledger",
        f"{CLASSIFIER}: champion is now version 1 (sentiment/lstm/1, validation accuracy 0.53); before: none",
        f"{TRANSLATOR}: champion is now version 1 (translation/luong/1, validation bleu 0.53); before: none",
        f"{HINDI}: champion is now version 1 (translation_en_hi/luong/1, validation bleu 0.51); before: none",
        f"{POS}: champion is now version 1 (part_of_speech/bilstm/1, validation accuracy 0.51); before: none",
        f"{ENTITIES}: champion is now version 1 (entities/crf/1, validation entity_f1 0.51); before: none",
        *(
            f"forecasting-series_{kind}: champion is now version 1 "
            f"(forecast_{kind}/bilstm/1, validation mse 0.51); before: none"
            for kind in ("univariate", "multivariate")
        ),
        "imputation-series_univariate: champion is now version 1 "
        "(imputation/bilstm_24/1, validation mse 0.51); before: none",
        "algorithmic-recall_steps: champion is now version 1 (recall/lstm/1, validation accuracy 0.51); "
        "before: none",
        f"{ANSWERS}: champion is now version 1 (answers/luong/1, validation exact_match 0.53); before: none",
        "transduction-replies_words: champion is now version 1 "
        "(replies/luong/1, validation bleu 0.53); before: none",
        "transduction-summaries_words: champion is now version 1 "
        "(headlines/luong/1, validation rouge_l 0.53); before: none",
        f"{RATER}: champion is now version 1 (stars/ordinal/1, validation mae 0.51); before: none",
        "language_modelling-text_words: champion is now version 1 "
        "(language/dropout/1, validation perplexity 0.51); before: none",
        f"{CAPTIONER}: champion is now version 1 (captioning/luong/1, validation cider 0.53); before: none",
        f"{TRANSCRIBER}: champion is now version 1 (speech/luong/1, validation wer 0.53); before: none",
        "classification-reviews_long: champion is now version 1 "
        "(vanishing/lstm_20/1, validation accuracy 0.61); before: none",
        "classification-reviews_filler: champion is now version 1 "
        "(filler/lstm/1, validation accuracy 0.53); before: none",
    ]


def test_registering_again_logs_nothing_twice(registered: Any) -> None:
    def everything() -> Any:
        client, names = client_of(registered), [*registered.params.experiments, "ledger"]
        runs = [run for name in names for run in runs_of(registered, name).values()]
        points = Counter(
            (run.info.run_id, metric, point.step)
            for run in runs
            for metric in run.data.metrics
            for point in client.get_metric_history(run.info.run_id, metric)
        )
        return [run.to_dictionary() for run in runs], points, len(client.search_model_versions())

    before = everything()
    assert set(before[1].values()) == {1}
    assert f"{CLASSIFIER}: champion stays version 1 (sentiment/lstm/1, validation accuracy 0.53)" in go(
        registered
    )
    assert everything() == before


def test_champion_moves_only_when_better(registered_copy: Any) -> None:
    project = registered_copy

    def champion() -> str:
        return str(client_of(project).get_model_version_by_alias(CLASSIFIER, "champion").version)

    assert champion() == "1"
    project.write("sentiment", bonus=-0.1)
    # Another experiment on the same dataset has the best of the others.
    stays = f"{CLASSIFIER}: champion stays version 1 (0.53); version 2 is no better (depth/three/1"
    assert any(line.startswith(stays) for line in go(project))
    assert champion() == "1"
    project.write("sentiment", bonus=0.1)
    moves = "version 3 (sentiment/lstm/1, validation accuracy 0.63); before: version 1 (0.53)"
    assert any(moves in line for line in go(project))
    assert champion() == "3"


def test_another_evaluation_gets_a_tree_of_its_own(registered_copy: Any) -> None:
    project = registered_copy
    former = {run.info.run_id for run in runs_of(project, "translation").values()}
    scores = project.root / "results/smoke/translation/scores.csv"
    scores.write_text(scores.read_text().replace("0.53", "0.59"))
    go(project)
    seed = runs_of(project, "translation")["luong/1"]
    assert seed.info.run_id in former
    assert seed.data.metrics["test/bleu"] == pytest.approx(0.59)
    variant = client_of(project).get_run(seed.data.tags["mlflow.parentRunId"])
    root = client_of(project).get_run(variant.data.tags["mlflow.parentRunId"])
    assert (variant.info.run_name, root.info.run_name) == ("luong", "translation")
    assert not {variant.info.run_id, root.info.run_id} & former


def test_under_dvc_exp_run_nothing_is_registered(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DVC_EXP_NAME", "tidy-moth")
    project.only("sentiment")
    assert "under `dvc exp run` nothing is registered; champion: none" in "".join(go(project))
    assert client_of(project).search_registered_models() == []
    assert runs_of(project, "sentiment")["lstm/1"].data.tags["unrolled.dvc_experiment"] == "tidy-moth"


def test_a_server_that_is_away_leaves_register_pending(project: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "0")
    execution = project.params.execution.model_copy(update={"tracking_uri": "http://127.0.0.1:9"})
    project.params = project.params.model_copy(update={"execution": execution})
    with pytest.raises(UserError, match=r"^register: MLflow at http://127\.0\.0\.1:9 does not answer"):
        go(project)


def test_outside_a_repository_the_note_says_that_there_is_no_commit(project: Any) -> None:
    result = read_experiment(project.root, "smoke", "sentiment")
    note = experiment_note(replace(result, facts=result.facts | {"commit": None}))
    assert "Profile `smoke`, commit `unknown`, " in note


def test_models_that_were_not_scored_are_refused(project: Any) -> None:
    path = project.root / "models/smoke/sentiment/rnn/0/run.json"
    path.write_text(path.read_text().replace('"signature": "', '"signature": "f'))
    with pytest.raises(UserError, match=r"sentiment/rnn/0: is not the model that .* scored; `dvc repro`"):
        go(project)


def test_a_missing_file_is_named(project: Any) -> None:
    (project.root / "results/smoke/sentiment/summary.csv").unlink()
    with pytest.raises(
        UserError, match=r"register: .*smoke/sentiment/summary\.csv is missing; `dvc repro` makes it"
    ):
        go(project)
