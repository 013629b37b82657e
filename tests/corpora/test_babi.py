"""bAbI from a mirror and from an archive in the publisher's layout, all written for these tests."""

from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest

from pipeline.config.schema.corpora import BabiCorpus
from pipeline.corpora import babi, download
from pipeline.errors import UserError

LINES = (
    "1 Ann sat by the pond.\n2 Bo left the barn.\n3 Where is Ann? \tpond\t1\n4 Ann ran to the barn.\n"
    "5 Who met? \tann,bo\t2 4\n1 Cy slept.\n2 Where is Cy? \tbed\t1\n"
)
STORY = ["Ann sat by the pond.", "Bo left the barn.", "Ann ran to the barn."]
QUESTIONS = [
    {"story_id": 0, "story": STORY[:2], "question": "Where is Ann?", "answer": "pond", "supporting": [0]},
    {"story_id": 0, "story": STORY, "question": "Who met?", "answer": "ann,bo", "supporting": [1, 2]},
    {"story_id": 1, "story": ["Cy slept."], "question": "Where is Cy?", "answer": "bed", "supporting": [0]},
]
Pack = Any


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(babi, "ROWS", {"train": 6, "test": 6})
    monkeypatch.setattr(babi, "TYPES", ("first kind", "second kind"))


def members(**changed: str | bytes) -> dict[str, bytes]:
    """Files of the archive; `train_2` and the like replace one."""
    found = {"tasks_1-20_v1-2/LICENSE.txt": b"hello", "tasks_1-20_v1-2/hn/qa1_first-kind_train.txt": b"x"}
    for task, kind in enumerate(("first-kind", "second-kind"), 1):
        for split in ("train", "test"):
            content = changed.get(f"{split}_{task}", LINES)
            found[f"{babi.FOLDER}/qa{task}_{kind}_{split}.txt"] = (
                content if isinstance(content, bytes) else content.encode()
            )
    return found


def corpus(**settings: Any) -> BabiCorpus:
    base = {"reader": "babi", "sources": ["upstream"], "upstream": {"url": "none"}, "retries": 0}
    return BabiCorpus.model_validate(base | settings)


def test_the_same_from_everywhere(server: Any, pack: Pack, write_mirror: Any, tmp_path: Path) -> None:
    server.files["/babi.tar.gz"] = pack(members())
    rows = [{"task": task, **question} for task in (1, 2) for question in QUESTIONS]
    mirror = str(write_mirror(tmp_path / "mirror", "babi", {"train": rows, "test": rows}))
    upstream = {"url": f"{server.url}/babi.tar.gz"}
    found = {
        source: download("b", corpus(sources=[source], upstream=upstream, mirror=mirror), tmp_path / source)
        for source in ("upstream", "mirror")
    }
    assert found["upstream"]["splits"] == found["mirror"]["splits"]
    assert found["mirror"]["licence"] == "CC BY 3.0"
    table = pq.read_table(tmp_path / "upstream/train.parquet")
    assert [{k: v for k, v in row.items() if k != "type"} for row in table.to_pylist()] == rows
    assert table["type"].to_pylist() == ["first kind"] * 3 + ["second kind"] * 3


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        (
            {"test_2": "1 Ann sat.\n2 Where? \tpond\t7\n"},
            "second-kind_test.txt, line 2: names 7, which is no",
        ),
        ({"train_1": "Ann sat.\n"}, "first-kind_train.txt, line 1: is no numbered statement or question"),
        ({"train_1": b"1 Ann\n2 \xff\n"}, r"first-kind_train.txt, line 2: not UTF-8 \(byte 2\)"),
        ({"train_1": LINES.replace("\tpond", "\t ")}, r"row 0 \(from 0\), column answer: is empty"),
        ({"test_1": "1 Ann sat.\n2 Where? \tpond\t1\n"}, "test: has 4 rows; needs 6; fetch it again"),
    ],
)
def test_a_broken_file_is_named_with_its_line(
    changed: dict[str, Any], message: str, server: Any, pack: Pack, tmp_path: Path
) -> None:
    server.files["/babi.tar.gz"] = pack(members(**changed))
    with pytest.raises(UserError, match=message) as caught:
        download("b", corpus(upstream={"url": f"{server.url}/babi.tar.gz"}), tmp_path / "out")
    assert "\n" not in str(caught.value)
    assert not (tmp_path / "out").exists()


def test_a_broken_archive_is_named(server: Any, pack: Pack, tmp_path: Path) -> None:
    whole = members()
    missing = {name: content for name, content in whole.items() if not name.endswith("second-kind_test.txt")}
    for content, message in (
        (pack(whole)[:200], "babi.tar.gz: truncated or no tar.gz archive"),
        (pack(missing), "babi.tar.gz: holds no tasks_1-20_v1-2/en/qa2_second-kind_test.txt"),
    ):
        server.files["/babi.tar.gz"] = content
        with pytest.raises(UserError, match=message):
            download("b", corpus(upstream={"url": f"{server.url}/babi.tar.gz"}), tmp_path / "out")


def test_a_mirror_whose_task_has_no_name(write_mirror: Any, tmp_path: Path) -> None:
    rows = [{"task": task, **question} for task in (1, 3) for question in QUESTIONS]
    mirror = str(write_mirror(tmp_path / "mirror", "babi", {"train": rows, "test": rows}))
    with pytest.raises(UserError, match=r"row 3 \(from 0\), column type: has no value"):
        download("b", corpus(sources=["mirror"], mirror=mirror), tmp_path / "out")
