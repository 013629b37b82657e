"""Code digests: comments, docstrings and layout are free; whatever computes is not."""

import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pipeline import code

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


def test_closure_of_a_run_names_its_own_task_only() -> None:
    places = [
        code._place(path) for path in code.closure(["pipeline.training.fit", "pipeline.tasks.many_to_one"])
    ]
    for expected in (
        "pipeline/__init__.py",
        "pipeline/training/__init__.py",
        "pipeline/training/recorder.py",
        "pipeline/nn/recurrent.py",
        "pipeline/text/tokenizer.py",
    ):
        assert expected in places
    for unwanted in (
        "nn/translator",
        "tasks/seq2seq",
        "config/",
        "search/",
        "training/scheduler",
        "tracking/",
    ):
        assert not any(unwanted in place for place in places)


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
        "import sys; from pipeline.training.signature import code_of; code_of('classification'); "
        "assert not {'torch', 'lightning', 'tokenizers'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=Path(__file__).parents[1])
