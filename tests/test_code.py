"""Code digests: comments, docstrings and layout are free; whatever computes is not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import code
from pipeline.training.tasks import TASK_MODULES

BASE = {
    "__init__": '"""A package."""\n',
    "top": 'import os\nfrom toy.middle import half\n\n\ndef run():\n    """Runs."""\n    half(os.sep)\n',
    "middle": "def half(x):\n    from toy import leaf\n\n    return leaf.N * len(x) / 2\n",
    "leaf": "N = 7\n",
    "other": "N = 11\n",
}

Digest = Callable[..., str]


@pytest.fixture
def digest(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Digest]:
    """Writes the package `toy`, some modules changed, and returns the digest of its module `top`."""
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(code, "ROOTS", ("toy",))
    (tmp_path / "toy").mkdir()

    def written(**changes: str) -> str:
        for name, text in (BASE | changes).items():
            (tmp_path / "toy" / f"{name}.py").write_text(text, encoding="utf-8")
        code.code_digest.cache_clear()
        return code.code_digest("toy.top")

    yield written
    code.code_digest.cache_clear()
    code._file_of.cache_clear()


def test_closure_follows_imports_also_inside_functions_and_to_parents(digest: Digest) -> None:
    digest()
    assert [path.stem for path in code.closure(["toy.top"])] == ["__init__", "leaf", "middle", "top"]
    assert [path.stem for path in code.closure(["toy.leaf", "toy.other"])] == ["__init__", "leaf", "other"]
    assert code.closure(["toy.none", "json"]) == []


def places(*modules: str) -> list[str]:
    return [code._place(path).removeprefix("pipeline/") for path in code.closure(modules)]


def test_closure_of_a_run_names_its_own_task_only() -> None:
    found = places("pipeline.training.fit", "pipeline.tasks.many_to_one")
    expected = ["__init__", "training/__init__", "training/recorder", "nn/recurrent", "text/tokenizer"]
    assert {f"{name}.py" for name in expected} <= set(found)
    unwanted = (
        "translator",
        "seq2seq",
        "pairs",
        "config/",
        "search/",
        "training/scheduler",
        "training/tasks",
    )
    assert not [place for place in found if any(word in place for word in (*unwanted, "tracking/"))]


OWN = {
    "classification": ["tasks/many_to_one", "data/texts", "build/classifier", "nn/classifier"],
    "translation": ["tasks/seq2seq", "data/pairs", "build/translator", "nn/translator"],
    "tagging": ["tasks/many_to_many", "data/tagged", "build/tagger", "nn/tagger"],
    "forecasting": ["tasks/forecasting", "data/windows", "build/forecaster", "nn/forecaster"],
    "algorithmic": ["tasks/algorithmic", "data/step_batches", "build/recaller", "nn/recaller"],
    "transduction": ["tasks/transduction", "metrics/answers", "build/translator"],
    "rating": ["tasks/rating", "nn/rating_heads", "build/rater", "nn/rater"],
    "language_modelling": [
        "tasks/language_modelling",
        "data/streams",
        "build/language_model",
        "nn/language_model",
    ],
    "captioning": ["tasks/one_to_many", "data/captioned", "build/captioner", "nn/captioner"],
    "transcription": ["tasks/transcription", "data/spoken", "build/transcriber", "nn/transcriber"],
    "imputation": ["tasks/imputation", "data/gaps", "build/imputer", "nn/imputer", "metrics/imputation"],
}
BUILT_ON = {
    "transduction": {f"{name}.py" for name in OWN["translation"]},
    "rating": {"data/texts.py", "nn/classifier.py"},
    "transcription": {"nn/captioner.py"},
}
"""What a task takes of another one's, and would train again with it; never the other way round."""


@pytest.mark.parametrize("task", OWN)
def test_a_new_task_would_leave_finished_runs_and_evaluations_valid(task: str) -> None:
    """No module that names or belongs to another task is in a task's digests."""
    run = places("pipeline.training.fit", TASK_MODULES[task])
    scored = places(f"pipeline.evaluation.{task}", f"pipeline.{OWN[task][2].replace('/', '.')}")
    others = {f"{name}.py" for names in OWN.values() for name in names if name not in OWN[task]}
    others -= BUILT_ON.get(task, set())
    assert {f"{name}.py" for name in OWN[task]} <= set(run)
    assert not others & {*run, *scored}
    assert "training/tasks.py" not in run


@pytest.mark.parametrize(
    "text",
    [
        "# seven\nN = 7  # the number of days\n",
        '"""Days."""\n\n\nN = (\n    7\n)\n',
        "N=7",
    ],
)
def test_comments_docstrings_and_layout_are_free(digest: Digest, text: str) -> None:
    assert digest(leaf=text) == digest()


def test_docstrings_of_functions_and_classes_are_free(digest: Digest) -> None:
    bare = "class A:\n    def f(self):\n        return 1\n\n    async def g(self):\n        pass\n"
    told = bare.replace("A:\n", 'A:\n    """A."""\n\n').replace("(self):\n", '(self):\n        """Does."""\n')
    assert digest(leaf=told) == digest(leaf=bare)
    only = 'class A:\n    """Nothing else."""\n'
    assert digest(leaf=only) == digest(leaf="class A:\n    pass\n")


@pytest.mark.parametrize("text", ["N = 8\n", "N = 7.0\n", "M = 7\n", "N = 7\nM = 1\n", "N = '''7'''\n"])
def test_code_is_not_free(digest: Digest, text: str) -> None:
    assert digest(leaf=text) != digest()


def test_code_that_is_not_imported_is_free(digest: Digest) -> None:
    assert digest(other="N = 13\n") == digest()
    assert digest(__init__="import os\n") != digest()


def test_naming_the_code_loads_none_of_it() -> None:
    """The report asks for digests: it must not wait for torch."""
    program = (
        "import sys; from pipeline.training.signature import code_of; "
        "code_of('pipeline.tasks.many_to_one', 'cpu'); "
        "assert not {'torch', 'lightning', 'tokenizers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[1])
