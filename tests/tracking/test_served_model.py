"""The registered model, loaded and served as MLflow does."""

import base64
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import mlflow
import numpy as np
import pandas as pd
import pytest
from fastapi.testclient import TestClient
from mlflow.exceptions import MlflowException
from mlflow.pyfunc import scoring_server

from pipeline.cli import main as cli
from pipeline.code import closure
from pipeline.images import png
from pipeline.sounds import wav
from pipeline.tracking import package, store
from pipeline.tracking.store import SQLITE

pytestmark = pytest.mark.xdist_group("mlflow")  # one worker makes the store and the registered project

CLASSIFIER = "models:/classification-reviews_words@champion"
TRANSLATOR = "models:/translation-translation_en_fr@champion"
TAGGER = "models:/tagging-tags_pos@champion"
ANSWERER = "models:/transduction-questions_words@champion"
RATER = "models:/rating-reviews_stars@champion"
CAPTIONER = "models:/captioning-scenes_captions@champion"
TRANSCRIBER = "models:/transcription-tones_words@champion"
LANGUAGE_MODEL = "models:/language_modelling-text_words@champion"
TEXTS = ["a good film to see", "", "zebra 🦓 मक्खी", "the end is bad"]


@pytest.fixture(scope="module")
def classifier(registered: Any) -> Any:
    store.connect("sqlite:///mlflow.db", registered.root)
    return mlflow.pyfunc.load_model(CLASSIFIER)


@pytest.fixture(scope="module")
def translator(registered: Any) -> Any:
    store.connect("sqlite:///mlflow.db", registered.root)
    return mlflow.pyfunc.load_model(TRANSLATOR)


@pytest.fixture(scope="module")
def tagger(registered: Any) -> Any:
    store.connect("sqlite:///mlflow.db", registered.root)
    return mlflow.pyfunc.load_model(TAGGER)


@pytest.fixture(scope="module")
def language_model(registered: Any) -> Any:
    store.connect("sqlite:///mlflow.db", registered.root)
    return mlflow.pyfunc.load_model(LANGUAGE_MODEL)


def test_a_classifier_labels_raw_texts(classifier: Any) -> None:
    answers = classifier.predict(pd.DataFrame({"text": TEXTS}))
    assert list(answers.columns) == ["label", "probability", "probabilities"]
    for _, answer in answers.iterrows():
        assert set(answer["probabilities"]) == {"negative", "positive"}
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
        assert answer["probability"] == answer["probabilities"][answer["label"]] >= 0.5


def test_a_translator_takes_beam_and_n_best(translator: Any) -> None:
    frame = pd.DataFrame({"text": TEXTS})
    one = translator.predict(frame)
    assert [len(hypotheses) for hypotheses in one["n_best"]] == [1, 1, 1, 1]
    assert one["translation"][1] == ""
    three = translator.predict(frame, params={"beam": 3, "n_best": 3})
    assert [len(hypotheses) for hypotheses in three["n_best"]] == [3, 1, 3, 3]
    for hypotheses, best, score in zip(three["n_best"], three["translation"], three["score"], strict=True):
        assert hypotheses[0] == {"translation": best, "score": score}


def test_what_recalls_answers_sequences(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    model = mlflow.pyfunc.load_model("models:/algorithmic-recall_steps@champion")
    found = model.predict(pd.DataFrame({"text": ["a b c ?", "h . ? ?"]}))
    assert [len(answers) for answers in found["answers"]] == [1, 2]


def test_what_answers_is_served_as_a_translator_is(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    model = mlflow.pyfunc.load_model(ANSWERER)
    found = model.predict(pd.DataFrame({"text": TEXTS}), params={"beam": 2, "n_best": 2})
    assert list(found.columns) == ["answer", "score", "n_best"]
    assert [len(hypotheses) for hypotheses in found["n_best"]] == [2, 1, 2, 2]
    response = TestClient(scoring_server.init(model)).post(
        "/invocations", json={"dataframe_records": [{"text": "the end"}]}
    )
    (answer,) = response.json()["predictions"]
    assert answer["n_best"] == [{"answer": answer["answer"], "score": answer["score"]}]


def test_a_tagger_cuts_texts_into_words(tagger: Any) -> None:
    answer = tagger.predict(pd.DataFrame({"text": ["It isn't the end.", ""]}))
    assert list(answer.columns) == ["tokens", "tags"]
    assert list(answer["tokens"][0]) == ["It", "is", "n't", "the", "end", "."]
    assert [len(tags) for tags in answer["tags"]] == [6, 0]
    assert set(answer["tags"][0]) <= {"N", "X"}


def test_a_rater_gives_stars_and_the_levels_probabilities(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    rater = mlflow.pyfunc.load_model(RATER)
    answers = rater.predict(pd.DataFrame({"text": TEXTS}))
    assert list(answers.columns) == ["stars", "probabilities"]
    for _, answer in answers.iterrows():
        assert answer["stars"] in (1, 2, 7)
        assert list(answer["probabilities"]) == ["1", "2", "7"]
        assert sum(answer["probabilities"].values()) == pytest.approx(1)
    response = TestClient(scoring_server.init(rater)).post(
        "/invocations", json={"dataframe_records": [{"text": "the end"}]}
    )
    assert set(response.json()["predictions"][0]) == {"stars", "probabilities"}


def test_a_language_model_weighs_texts_and_continues_them(language_model: Any) -> None:
    frame = pd.DataFrame({"text": TEXTS})
    answers = language_model.predict(frame, params={"words": 3, "n_best": 2})
    assert list(answers.columns) == ["perplexity", "continuation", "score", "n_best"]
    assert answers["perplexity"].isna().tolist() == [False, True, False, False]
    assert (answers["perplexity"].dropna() > 1).all()
    for several, best, score in zip(
        answers["n_best"], answers["continuation"], answers["score"], strict=True
    ):
        assert several[0] == {"continuation": best, "score": score}
        assert 0 > several[0]["score"] >= several[1]["score"]
        assert all(len(one["continuation"].split()) <= 3 for one in several)
    drawn = [
        language_model.predict(frame, params={"temperature": 1.0, "seed": seed})["continuation"].tolist()
        for seed in (3, 3, 5)
    ]
    assert drawn[0] == drawn[1] != drawn[2]


def test_a_captioner_takes_picture_files_as_base64(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    model = mlflow.pyfunc.load_model(CAPTIONER)
    files = [png(np.full((side, 30, 3), shade, dtype=np.uint8)) for side, shade in ((24, 10), (50, 240))]
    images = [base64.b64encode(file).decode() for file in files]
    found = model.predict(pd.DataFrame({"image": images}), params={"beam": 3, "n_best": 2})
    assert list(found.columns) == ["caption", "score", "n_best"]
    for captions, best, score in zip(found["n_best"], found["caption"], found["score"], strict=True):
        assert len(captions) == 2
        assert captions[0] == {"caption": best, "score": score}
    client = TestClient(scoring_server.init(model))
    response = client.post("/invocations", json={"dataframe_records": [{"image": images[1]}]})
    (answer,) = response.json()["predictions"]
    assert set(answer) == {"caption", "score", "n_best"}
    for image, message in (
        ("no base64!", "image 0: not base64"),
        (
            base64.b64encode(b"text").decode(),
            "image 0: no picture; needs JPEG, PNG or what else Pillow reads",
        ),
    ):
        response = client.post("/invocations", json={"dataframe_records": [{"image": image}]})
        assert response.status_code == 400
        assert message in response.json()["message"]


def test_a_transcriber_takes_sound_files_as_base64(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    model = mlflow.pyfunc.load_model(TRANSCRIBER)
    files = [wav(np.sin(pitch * np.arange(3001)).astype(np.float32)) for pitch in (0.1, 0.7)]
    sounds = [base64.b64encode(file).decode() for file in files]
    found = model.predict(pd.DataFrame({"audio": sounds}), params={"beam": 3, "n_best": 2})
    assert list(found.columns) == ["transcript", "score", "n_best"]
    for several, best, score in zip(found["n_best"], found["transcript"], found["score"], strict=True):
        assert len(several) == 2
        assert several[0] == {"transcript": best, "score": score}
    client = TestClient(scoring_server.init(model))
    for sound, message in (
        ("no base64!", "audio 0: not base64"),
        (base64.b64encode(b"text").decode(), "audio 0: no WAV file (it breaks off); needs 16-bit PCM"),
    ):
        response = client.post("/invocations", json={"dataframe_records": [{"audio": sound}]})
        assert response.status_code == 400
        assert message in response.json()["message"]


def test_an_imputer_takes_a_table_with_holes(registered: Any) -> None:
    store.connect("sqlite:///mlflow.db", registered.root)
    imputer = mlflow.pyfunc.load_model("models:/imputation-series_univariate@champion")
    series = [{"OT": None if hour in (3, 50, 51) else hour / 7} for hour in range(60)]
    answer = TestClient(scoring_server.init(imputer)).post("/invocations", json={"dataframe_records": series})
    assert answer.status_code == 200, answer.json()
    filled = [row["OT"] for row in answer.json()["predictions"]]
    assert np.isfinite(filled).all()
    assert [row["OT"] in (None, found) for row, found in zip(series, filled, strict=True)] == [True] * 60
    full = [{"OT": 1.0}] * 60
    answer = TestClient(scoring_server.init(imputer)).post("/invocations", json={"dataframe_records": full})
    assert answer.status_code == 400
    assert "no cell of OT is empty; there is nothing to fill" in answer.json()["message"]


def test_a_temperature_below_zero_is_refused(language_model: Any) -> None:
    with pytest.raises(MlflowException, match="temperature -1: needs words and n_best from 1 on"):
        language_model.predict(pd.DataFrame({"text": TEXTS}), params={"temperature": -1.0})


def test_more_translations_than_hypotheses_are_refused(translator: Any) -> None:
    with pytest.raises(MlflowException, match=r"n_best 5, beam 3: needs 1 <= n_best <= beam"):
        translator.predict(pd.DataFrame({"text": TEXTS}), params={"beam": 3, "n_best": 5})


@pytest.mark.parametrize(
    ("body", "message"),
    [
        ({"dataframe_records": [{"texte": "a"}]}, "Model is missing inputs ['text']"),
        ({"dataframe_records": [{"text": None}]}, "text 0: None is not text"),
        ({"dataframe_records": [{"text": 7}]}, "text 0: 7 is not text"),
    ],
)
def test_the_server_answers_400(classifier: Any, body: dict[str, Any], message: str) -> None:
    response = TestClient(scoring_server.init(classifier)).post("/invocations", json=body)
    assert response.status_code == 400
    assert message in response.json()["message"]


def test_the_server_answers(translator: Any) -> None:
    body = {
        "dataframe_split": {"columns": ["text"], "data": [["the end"]]},
        "params": {"beam": 2, "n_best": 2},
    }
    response = TestClient(scoring_server.init(translator)).post("/invocations", json=body)
    assert response.status_code == 200
    (answer,) = response.json()["predictions"]
    assert [set(hypothesis) for hypothesis in answer["n_best"]] == [{"translation", "score"}] * 2


def test_the_signature_of_a_tagger_is_what_the_server_gives(tagger: Any) -> None:
    assert tagger.metadata.signature.outputs.to_dict() == [
        {"type": "array", "items": {"type": "string"}, "name": name, "required": True}
        for name in ("tokens", "tags")
    ]
    response = TestClient(scoring_server.init(tagger)).post(
        "/invocations", json={"dataframe_records": [{"text": "the end."}, {"text": ""}]}
    )
    assert response.status_code == 200
    first, empty = response.json()["predictions"]
    assert first["tokens"] == ["the", "end", "."]
    assert len(first["tags"]) == 3
    assert empty == {"tokens": [], "tags": []}


def test_the_command_line_asks_a_registered_model(
    registered: Any, smoke: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (registered.root / "params.yaml").write_text(smoke.read_text())
    monkeypatch.chdir(registered.root)
    asked = ["classify", "-m", CLASSIFIER], ["translate", "--json", "-m", TRANSLATOR], ["tag", "-m", TAGGER]
    asked += (["rate", "-m", RATER],)
    for arguments in asked:
        with pytest.raises(SystemExit, match=r"^0$"):
            cli.main([*arguments, "the end"])
    labelled, translated, *tagged, rated = capsys.readouterr().out.splitlines()
    assert labelled.endswith("\tthe end")
    assert json.loads(translated)["text"] == "the end"
    assert [line.split("\t")[0] for line in tagged] == ["the", "end", ""]
    assert rated in ("1.0\tthe end", "2.0\tthe end", "7.0\tthe end")
    with pytest.raises(SystemExit, match=r"^2$"):
        cli.main(["classify", "-m", "models:/nothing@champion", "the end"])
    assert capsys.readouterr().err.startswith("models:/nothing@champion: ")


def test_it_brings_its_own_code(registered: Any, tmp_path: Path) -> None:
    code = (
        "import sys, mlflow, pandas; model = mlflow.pyfunc.load_model(sys.argv[1]); import pipeline; "
        "print(pipeline.__file__); print(model.predict(pandas.DataFrame({'text': ['good']}))['label'][0])"
    )
    environment = {key: value for key, value in os.environ.items() if key != "PYTHONPATH"}
    environment["MLFLOW_TRACKING_URI"] = f"{SQLITE}{registered.root}/mlflow.db"
    command = [sys.executable, "-c", code, CLASSIFIER]
    done = subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path, env=environment)
    used, label = done.stdout.splitlines()[-2:]
    assert Path(used).is_relative_to(registered.root / "mlartifacts")
    assert label in ("negative", "positive")


def test_requirements_are_what_the_code_imports() -> None:
    lines = [line for path in closure(["pipeline.tracking.model"]) for line in path.read_text().splitlines()]
    words = [line.split() for line in lines]
    roots = {word[1].split(".")[0] for word in words if len(word) > 1 and word[0] in ("import", "from")}
    others = {root for root in roots if root not in sys.stdlib_module_names | {"pipeline"}}
    distributions = {"PIL": "pillow"}
    assert {distributions.get(root, root) for root in others} == set(package.REQUIREMENTS)
