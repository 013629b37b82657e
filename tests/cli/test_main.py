"""The command line, as a person or a pipe meets it."""

import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
import yaml

from pipeline.build import (
    captioner,
    classifier,
    imputer,
    language_model,
    rater,
    tagger,
    transcriber,
    translator,
)
from pipeline.bundle.save import save
from pipeline.cli import main as cli
from pipeline.config.schema.captioning import CaptionerModel
from pipeline.config.schema.transcription import TranscriberModel
from pipeline.files import write_json
from pipeline.images import png
from pipeline.sounds import wav
from pipeline.text.tokenizer import Tokenizer
from pipeline.text.words import train_characters, train_words

SMOKE = Path(__file__).parents[2] / "params/smoke.yaml"
SENTENCES = ["a good film", "a bad film", "the end is good", "the end is bad"]
CLASSIFIER = {
    "cell": "gru",
    "embedding": 5,
    "hidden": 7,
    "layers": 1,
    "bidirectional": False,
    "pooling": "max",
}
CLASSIFIER |= {"dropout": 0.0, "word_dropout": 0.0, "forget_bias": 1.0, "recurrent_init": "default"}
TRANSLATOR = {
    "cell": "gru",
    "embedding": 6,
    "hidden": 6,
    "layers": 1,
    "bidirectional": True,
    "attention": "luong",
}
TRANSLATOR |= {"score": "dot", "input_feeding": False, "tied_embeddings": False, "dropout": 0.0}
TRANSLATOR |= {"forget_bias": 1.0, "recurrent_init": "default"}
TAGGER = {"embedding": 5, "characters": 4, "hidden": 7, "crf": True}


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with models: three classifiers, two taggers, one of each other task that is asked here."""
    root = tmp_path_factory.mktemp("trained")
    (root / "params.yaml").write_text(SMOKE.read_text())
    write_model(root / "models/smoke/sentiment/gru/0", "classification", 0.6)
    write_model(root / "models/smoke/sentiment/gru/1", "classification", 0.7)
    write_model(root / "models/demo/sentiment/gru/0", "classification", 0.9)
    write_model(root / "models/demo/translation/luong/0", "translation", 31.0)
    write_model(root / "models/smoke/answers/luong/0", "transduction", 0.5)
    write_tagger(root / "models/smoke/part_of_speech/bilstm/0", 0.6)
    write_tagger(root / "models/smoke/entities/crf/0", 0.9)
    write_model(root / "models/smoke/stars/ordinal/0", "rating", 0.6)
    write_model(root / "models/smoke/language/none/0", "language_modelling", -4.5)
    write_model(root / "models/smoke/captioning/luong/0", "captioning", 1.5)
    write_model(root / "models/smoke/speech/luong/0", "transcription", 0.9)
    write_imputer(root / "models/smoke/imputation/bilstm_3/0", "gap", 0.8)
    write_imputer(root / "models/smoke/imputation/bilstm_next/0", "next", 0.99)
    return root


def write_imputer(folder: Path, asked: str, score: float) -> None:
    torch.manual_seed(0)
    model = {"hidden": 7, "bidirectional": True}
    data = {"max_tokens": 11, "gap": 3, "asked": asked}
    facts = {"task": "imputation", "architecture": "imputer", "model": model, "data": data}
    facts |= {"vocabulary": {}, "channels": ["OT"], "mean": [17.0], "scale": [8.5]}
    save(folder / "bundle", imputer.build(model, facts), {}, facts)
    run = {"parameters": {"task": "imputation", "data": data}, "best_score": score, "score_name": "r2"}
    write_json(folder / "run.json", run)


def write_tagger(folder: Path, score: float) -> None:
    torch.manual_seed(0)
    words = [word for sentence in SENTENCES for word in sentence.split()]
    read = {
        "words": train_words(words, vocabulary=50, minimum_frequency=1, lowercase=True),
        "characters": train_characters(words),
    }
    facts: dict[str, Any] = {"task": "tagging", "architecture": "tagger", "model": TAGGER}
    facts["data"] = {"max_tokens": 11, "keep": "first"}
    facts |= {"tags": ["NOUN", "VERB"], "scheme": "plain"}
    facts |= {"vocabulary": {name: each.size for name, each in read.items()}}
    save(folder / "bundle", tagger.build(TAGGER, facts), read, facts)
    run = {
        "parameters": {"task": "tagging", "data": facts["data"]},
        "best_score": score,
        "score_name": "accuracy",
    }
    write_json(folder / "run.json", run)


def write_model(folder: Path, task: str, score: float) -> None:
    torch.manual_seed(0)
    tokenizer = Tokenizer.train(SENTENCES, kind="word", vocabulary=50, minimum_frequency=1, lowercase=True)
    size, data = tokenizer.size, {"max_tokens": 11, "keep": "first", "padding": "masked"}
    facts: dict[str, Any] = {"task": task, "data": data, "joint_vocabulary": True, "seed": 0}
    if task == "classification":
        facts |= {"architecture": "classifier", "model": CLASSIFIER}
        facts |= {"classes": ["negative", "positive"], "vocabulary": {"text": size}}
        save(folder / "bundle", classifier.build(CLASSIFIER, facts), {"text": tokenizer}, facts)
    elif task == "captioning":
        model = CaptionerModel(channels=[8], embedding=5, hidden=7, attention="luong").model_dump()
        facts |= {"architecture": "captioner", "model": model, "vocabulary": {"caption": size}, "side": 8}
        save(folder / "bundle", captioner.build(model, facts), {"caption": tokenizer}, facts)
    elif task == "transcription":
        model = TranscriberModel(embedding=5, hidden=14).model_dump()
        facts |= {"architecture": "transcriber", "model": model, "vocabulary": {"transcript": size}}
        facts |= {"mels": 11, "stack": 3, "features": 33, "mean": [-5.0] * 11, "scale": [2.0] * 11}
        save(folder / "bundle", transcriber.build(model, facts), {"transcript": tokenizer}, facts)
    elif task == "rating":
        model = CLASSIFIER | {"head": "ordinal"}
        facts |= {"architecture": "rater", "model": model, "levels": [1, 4], "vocabulary": {"text": size}}
        save(folder / "bundle", rater.build(model, facts), {"text": tokenizer}, facts)
    elif task == "language_modelling":
        model = {"cell": "gru", "embedding": 5, "hidden": 7}
        facts |= {"architecture": "language_model", "model": model, "vocabulary": {"text": size}}
        save(folder / "bundle", language_model.build(model, facts), {"text": tokenizer}, facts)
    else:
        sizes = {"source": size, "target": size}
        facts |= {"architecture": "translator", "model": TRANSLATOR, "vocabulary": sizes}
        save(folder / "bundle", translator.build(TRANSLATOR, facts), dict.fromkeys(sizes, tokenizer), facts)
    run = {"parameters": {"task": task, "data": facts["data"]}, "best_score": score, "score_name": "score"}
    write_json(folder / "run.json", run)


@pytest.fixture
def unrolled(trained: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    """Runs a command in the project's folder -> exit code, standard output, standard error."""
    monkeypatch.chdir(trained)

    def run(*arguments: str, stdin: bytes | None = None) -> tuple[int, str, str]:
        if stdin is not None:
            path = trained / "stdin"
            path.write_bytes(stdin)
            monkeypatch.setattr(sys, "stdin", path.open(encoding="utf-8"))
        with pytest.raises(SystemExit) as caught:
            cli.main(arguments)
        captured = capsys.readouterr()
        return caught.value.code or 0, captured.out, captured.err  # type: ignore[return-value]

    return run


def test_check_says_what_it_read(unrolled: Any) -> None:
    experiments = yaml.safe_load(SMOKE.read_text())["experiments"].values()
    runs = sum(len(experiment["grid"]) * experiment["seeds"] for experiment in experiments)
    said = f"params.yaml: OK (profile smoke, {len(experiments)} experiments, {runs} runs)\n"
    assert unrolled("check") == (0, said, "")


def test_check_names_the_mistake_in_one_line(unrolled: Any, tmp_path: Path) -> None:
    path = tmp_path / "wrong.yaml"
    path.write_text(SMOKE.read_text().replace("cell: rnn", "cell: rrn", 1))
    code, out, err = unrolled("check", str(path))
    place = "experiments.sentiment.grid.rnn.model.cell"
    mistake = f"{path}: {place}: 'rrn' is not one of rnn, gru, lstm; did you mean rnn?\n"
    assert (code, out, err) == (2, "", mistake)


def test_classify_takes_the_best_model_of_the_profile_and_says_so(unrolled: Any) -> None:
    code, out, err = unrolled("classify", "a good film", "the end\tis bad")
    assert (code, err) == (0, "model models/smoke/sentiment/gru/1/bundle (validation score 0.7)\n")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [line[2] for line in lines] == ["a good film", "the end is bad"]
    assert all(line[0] in ("negative", "positive") and 0.5 <= float(line[1]) <= 1 for line in lines)


def test_a_model_of_another_profile_is_better_than_none(unrolled: Any) -> None:
    code, out, err = unrolled("translate", "a good film")
    assert (code, err) == (0, "model models/demo/translation/luong/0/bundle (validation score 31)\n")
    assert len(out.splitlines()) == 1


def test_an_answer_is_found_as_a_translation_is(unrolled: Any) -> None:
    code, out, err = unrolled("answer", "--json", "--n-best", "2", "the end is good")
    assert (code, err) == (0, "model models/smoke/answers/luong/0/bundle (validation score 0.5)\n")
    found = json.loads(out)
    assert [set(one) for one in found["n_best"]] == [{"answer", "score"}] * 2
    assert found["answer"] == found["n_best"][0]["answer"]
    code, out, err = unrolled("answer", "-m", "models/demo/translation/luong/0/bundle", "x")
    assert (code, out) == (2, "")
    assert err == "model: is for translation, not for transduction; name a transduction model\n"


def test_json_holds_the_text_and_every_class(unrolled: Any) -> None:
    code, out, _ = unrolled("classify", "--json", "a good film", "मक्खी 🦓")
    first, second = map(json.loads, out.splitlines())
    assert code == 0
    assert first["probability"] == first["probabilities"][first["label"]]
    assert sum(first["probabilities"].values()) == pytest.approx(1)
    assert second["text"] == "मक्खी 🦓"
    assert "मक्खी" in out


def test_tags_come_a_word_a_line_and_an_empty_line_behind_each_text(unrolled: Any) -> None:
    code, out, _ = unrolled("tag", "It isn't bad.", "", "the end")
    lines = [line.split("\t") for line in out.splitlines()]
    assert code == 0
    assert [line[0] for line in lines] == ["It", "is", "n't", "bad", ".", "", "", "the", "end", ""]
    assert {line[1] for line in lines if line[0]} <= {"NOUN", "VERB"}
    answer = json.loads(unrolled("tag", "--json", "the end")[1])
    assert answer["tokens"] == ["the", "end"]
    assert len(answer["tags"]) == 2


def test_experiments_are_not_compared_by_their_scores(unrolled: Any) -> None:
    """The first one of params.yaml answers, whatever another one's measure gives."""
    _, _, err = unrolled("tag", "a film")
    place = "models/smoke/part_of_speech/bilstm/0/bundle"
    assert err == f"model {place} (validation accuracy 0.6; --model names others: entities)\n"


def test_tags_on_a_terminal_stand_beside_their_words(unrolled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TTY_COMPATIBLE", "1")
    monkeypatch.setenv("NO_COLOR", "1")
    lines = re.sub(r"\x1b\[[0-9;]*m", "", unrolled("tag", "the zebra", "end")[1]).splitlines()
    words = [line.split() for line in lines]
    assert [row[0] if row else "" for row in words] == ["word", "the", "zebra", "", "end", ""]
    starts = {line.index(row[1]) for line, row in zip(lines, words, strict=True) if row}
    assert starts == {len("zebra") + 1 + 1}, "tags are aligned"


def test_a_trace_has_a_line_per_word_under_the_names_of_the_gates(unrolled: Any) -> None:
    code, out, err = unrolled("trace", "a good film")
    names, *lines = [line.split("\t") for line in out.splitlines()]
    assert (code, err) == (0, "model models/smoke/sentiment/gru/1/bundle (validation score 0.7)\n")
    assert names == ["layer", "direction", "word", "reset", "update", "candidate", "hidden", "answer"]
    assert [line[2] for line in lines] == ["a", "good", "film"]
    assert all(0 < float(gate) < 1 for line in lines for gate in line[3:5])


def test_a_trace_on_a_terminal_has_a_table_per_direction(
    unrolled: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("COLUMNS", "200")
    code, out, _ = unrolled("trace", "--model", "models/smoke/part_of_speech/bilstm/0/bundle", "a film")
    plain = re.sub(r"\x1b\[[0-9;]*m", "", out)
    assert code == 0
    assert re.findall(r"layer 1, (\w+): 7 units of LSTM", plain) == ["forward", "backward"]
    assert "Means over units" in plain


def test_a_trace_as_json_holds_every_unit(unrolled: Any) -> None:
    code, out, _ = unrolled("trace", "--json", "a good film")
    found = json.loads(out)
    (layer,) = found["layers"]
    assert (code, found["cell"], found["words"]) == (0, "gru", ["a", "good", "film"])
    assert {len(word) for part in layer["steps"].values() for word in part} == {7}
    assert {len(part) for part in layer["steps"].values()} == {3}


def test_an_empty_text_is_classified_as_three_columns(unrolled: Any) -> None:
    assert len(unrolled("classify", "")[1].rstrip("\n").split("\t")) == 3


def test_lines_of_a_pipe_keep_their_order_and_number(unrolled: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pipeline.cli.ask.CHUNK", 2)
    code, out, _ = unrolled("classify", "--json", stdin=b"a good film\r\n\nnot \xff utf-8\nthe end")
    texts = [json.loads(line)["text"] for line in out.splitlines()]
    assert (code, texts) == (0, ["a good film", "", "not � utf-8", "the end"])


def test_an_empty_line_is_translated_by_an_empty_line(unrolled: Any) -> None:
    code, out, _ = unrolled("translate", stdin=b"a good film\n\nthe end\n")
    assert (code, len(out.splitlines()), out.splitlines()[1]) == (0, 3, "")


def test_n_best_translations_come_with_scores(unrolled: Any) -> None:
    code, out, _ = unrolled("translate", "--beam", "5", "--n-best", "3", "the end is good")
    scores = [float(line.split("\t")[0]) for line in out.splitlines()]
    assert (code, len(scores)) == (0, 3)
    answer = json.loads(unrolled("translate", "--json", "--beam", "5", "--n-best", "3", "the end is good")[1])
    assert [one["score"] for one in answer["n_best"]] == pytest.approx(scores, abs=1e-4)
    assert answer["translation"] == answer["n_best"][0]["translation"]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            ["translate", "--n-best", "6", "x"],
            r"n_best 6, beam 5: needs 1 <= n_best <= beam; raise beam or lower n_best",
        ),
        (["trace", " "], "text: holds no word; give at least one"),
        (["classify", "-m", "nowhere", "x"], r"nowhere: no bundle \(bundle\.json is missing\)"),
        (
            ["classify", "-m", "models/demo/translation/luong/0/bundle", "x"],
            r"model: is for translation, not for classification; name a classification model",
        ),
        (
            ["tag", "-m", "models/demo/translation/luong/0/bundle", "x"],
            r"model: is for translation, not for tagging; name a tagging model",
        ),
    ],
)
def test_an_error_is_one_line_and_exit_code_2(unrolled: Any, arguments: list[str], message: str) -> None:
    code, out, err = unrolled(*arguments)
    assert (code, out) == (2, "")
    assert re.search(message, err.splitlines()[-1])
    assert "Traceback" not in err


def test_no_model_at_all(unrolled: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "params.yaml").write_text(SMOKE.read_text())
    monkeypatch.chdir(tmp_path)
    message = "models: holds no model for translation; train one (`make demo`) or name one with --model\n"
    assert unrolled("translate", "x") == (2, "", message)


def test_a_reader_that_leaves_early_is_no_error(trained: Path) -> None:
    command = f"yes 'a good film' | head -5000 | {sys.executable} -m pipeline.cli.main classify | head -1"
    environment = {"PYTHONPATH": str(SMOKE.parents[1]), "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        ["bash", "-o", "pipefail", "-c", command],
        capture_output=True,
        text=True,
        cwd=trained,
        env=environment,
    )
    assert done.stdout.endswith("\ta good film\n")
    assert "Error" not in done.stderr


def test_help_and_check_import_no_torch() -> None:
    code = "import sys; import pipeline.cli.main, pipeline.config; "
    code += "print('torch' in sys.modules, 'mlflow' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["False", "False"]


def test_rate_gives_stars(unrolled: Any) -> None:
    code, out, err = unrolled("rate", "a good film", "the end\tis bad")
    assert code == 0
    assert err == "model models/smoke/stars/ordinal/0/bundle (validation score 0.6)\n"
    lines = [line.split("\t") for line in out.splitlines()]
    assert [text for _, text in lines] == ["a good film", "the end is bad"]
    assert {stars for stars, _ in lines} <= {"1.0", "4.0"}
    answer = json.loads(unrolled("rate", "--json", "a good film")[1])
    assert set(answer) == {"text", "stars", "probabilities"}
    assert set(answer["probabilities"]) == {"1", "4"}
    code, _, err = unrolled("rate", "-m", "models/smoke/sentiment/gru/0/bundle", "x")
    assert (code, err) == (2, "model: is for classification, not for rating; name a rating model\n")


def test_continue_goes_on_with_each_text(unrolled: Any) -> None:
    code, out, err = unrolled("continue", "--words", "3", "--n-best", "2", "the end", "")
    assert (code, err) == (0, "model models/smoke/language/none/0/bundle (validation score -4.5)\n")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [text[:7] for _, text in lines[:2]] == ["the end"] * 2
    assert all(len(text.split()) <= 2 + 3 for _, text in lines[:2])
    assert all(len(text.split()) <= 3 for _, text in lines[2:])
    scores = [float(score) for score, _ in lines]
    assert len(scores) == 4
    assert all(score <= 0 for score in scores)
    assert "<unk>" not in out


def test_continuations_are_drawn_by_their_seed(unrolled: Any) -> None:
    def drawn(seed: str) -> str:
        _, out, _ = unrolled("continue", "--temperature", "1", "--n-best", "7", "--seed", seed, "the end")
        assert isinstance(out, str)
        return out

    assert drawn("1") == drawn("1") != drawn("2")


def test_a_continuation_as_json_holds_the_perplexity_of_the_text(unrolled: Any) -> None:
    _, out, _ = unrolled("continue", "--json", "--n-best", "3", "the end is good", "")
    first, second = map(json.loads, out.splitlines())
    assert set(first) == {"text", "perplexity", "continuation", "score", "n_best"}
    assert 1 < first["perplexity"] < 50
    assert second["perplexity"] is None
    assert len(first["n_best"]) == 3
    assert first["n_best"][0] == {name: first[name] for name in ("continuation", "score")}


@pytest.mark.parametrize("option", [["--words", "0"], ["--n-best", "0"], ["--temperature", "-1"]])
def test_continue_refuses_what_makes_no_sense(unrolled: Any, option: list[str]) -> None:
    code, out, err = unrolled("continue", *option, "the end")
    assert (code, out) == (2, "")
    assert option[0] in err


def test_caption_describes_each_file(unrolled: Any, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("dark.png", "light.png")]
    for file, shade in zip(files, (3, 250), strict=True):
        Path(file).write_bytes(png(np.full((11, 17, 3), shade, dtype=np.uint8)))
    code, out, err = unrolled("caption", "--beam", "3", "--n-best", "2", *files)
    assert (code, err) == (0, "model models/smoke/captioning/luong/0/bundle (validation score 1.5)\n")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [file for file, _, _ in lines] == [files[0]] * 2 + [files[1]] * 2
    answer = json.loads(unrolled("caption", "--json", "--beam", "3", "--n-best", "2", files[0])[1])
    assert answer["picture"] == files[0]
    assert [one["caption"] for one in answer["n_best"]] == [text for _, _, text in lines[:2]]
    assert answer["score"] == pytest.approx(float(lines[0][1]), abs=1e-4)


def test_what_is_no_picture_is_named(unrolled: Any, tmp_path: Path) -> None:
    path = tmp_path / "words.png"
    path.write_text("hello")
    for given, message in (
        (str(path), f"{path}: no picture; needs JPEG, PNG or what else Pillow reads"),
        ("nowhere.png", "nowhere.png: No such file or directory; name a picture file"),
    ):
        code, out, err = unrolled("caption", given)
        assert (code, out, err.splitlines()[-1]) == (2, "", message)


def test_transcribe_writes_down_each_file(unrolled: Any, tmp_path: Path) -> None:
    files = [str(tmp_path / name) for name in ("low.wav", "high.wav")]
    for file, pitch in zip(files, (0.1, 0.7), strict=True):
        Path(file).write_bytes(wav(np.sin(pitch * np.arange(3001)).astype(np.float32)))
    code, out, err = unrolled("transcribe", "--beam", "3", "--n-best", "2", *files)
    assert (code, err) == (0, "model models/smoke/speech/luong/0/bundle (validation score 0.9)\n")
    lines = [line.split("\t") for line in out.splitlines()]
    assert [file for file, _, _ in lines] == [files[0]] * 2 + [files[1]] * 2
    answer = json.loads(unrolled("transcribe", "--json", "--beam", "3", "--n-best", "2", files[0])[1])
    assert answer["sound"] == files[0]
    assert [one["transcript"] for one in answer["n_best"]] == [text for _, _, text in lines[:2]]
    assert answer["score"] == pytest.approx(float(lines[0][1]), abs=1e-4)


def test_what_is_no_sound_is_named(unrolled: Any, tmp_path: Path) -> None:
    path = tmp_path / "words.wav"
    path.write_text("hello")
    for given, message in (
        (str(path), f"{path}: no WAV file (it breaks off); needs 16-bit PCM"),
        ("nowhere.wav", "nowhere.wav: No such file or directory; name a WAV file"),
    ):
        code, out, err = unrolled("transcribe", given)
        assert (code, out, err.splitlines()[-1]) == (2, "", message)


def test_fill_gives_the_table_back_without_holes(unrolled: Any, tmp_path: Path) -> None:
    file = tmp_path / "gaps.csv"
    rows = [f"{hour}:00,{'' if 4 <= hour < 7 else f'{hour}.50'},calm" for hour in range(23)]
    file.write_text("\n".join(["date,OT,wind", *rows]) + "\n")
    code, out, err = unrolled("fill", str(file))
    # Who has read what it is asked scores higher, and fills nothing.
    assert (code, err) == (0, "model models/smoke/imputation/bilstm_3/0/bundle (validation r2 0.8)\n")
    head, *lines = out.splitlines()
    assert head == "date,OT,wind"
    assert [line for line, row in zip(lines, rows, strict=True) if line != row] == lines[4:7]
    assert all(float(line.split(",")[1]) for line in lines[4:7])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("date,OT\n1,2.5\n2,3\n", "no cell of OT is empty; there is nothing to fill"),
        ("date,oil\n1,\n2,3\n", "lacks column OT; it has date, oil; needs OT"),
        (
            "date,OT\n1,\n2,hot\n",
            "row 2, column OT: 'hot' is no finite number; mend it, or leave",
        ),
        ("date,OT\n1,\n2,\n", "rows 1 to 2: all are empty"),
    ],
)
def test_fill_says_what_it_needs(unrolled: Any, tmp_path: Path, text: str, message: str) -> None:
    file = tmp_path / "gaps.csv"
    file.write_text(text)
    code, out, err = unrolled("fill", str(file))
    assert (code, out) == (2, "")
    *_, line = err.splitlines()
    assert line.startswith(str(file))
    assert message in line
