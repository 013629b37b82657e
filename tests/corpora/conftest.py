"""Small corpora in the publishers' own layouts, as mirrors, and a server that misbehaves on demand."""

import gzip
import hashlib
import io
import json
import tarfile
import threading
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.corpora import fetch, imdb, multi30k

Rows = dict[str, list[dict[str, Any]]]
"""Split -> rows, written down by hand rather than by the readers under test."""


@dataclass
class Server:
    """Serves `files` by path; `faults` of a path are taken in turn, then it behaves."""

    url: str
    files: dict[str, bytes] = field(default_factory=dict)
    faults: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    requests: Counter[str] = field(default_factory=Counter)
    agents: set[str] = field(default_factory=set)
    closing: threading.Event = field(default_factory=threading.Event)

    def serve(self, folder: Path) -> None:
        self.files |= {
            f"/{path.relative_to(folder).as_posix()}": path.read_bytes()
            for path in folder.rglob("*")
            if path.is_file()
        }

    def answer(self, handler: BaseHTTPRequestHandler) -> None:
        path = handler.path
        self.requests[path] += 1
        self.agents.add(handler.headers["User-Agent"])
        fault = self.faults[path].pop(0) if self.faults[path] else None
        content = self.files.get(path)
        status = int(fault) if fault and fault.isdigit() else 404 if content is None else 200
        body = content if status == 200 and content is not None else b"sorry"
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        if fault == "silent":
            self.closing.wait(30)
        elif fault == "slow":
            for start in range(0, len(body), 97):
                handler.wfile.write(body[start : start + 97])
                handler.wfile.flush()
                self.closing.wait(0.02)
        else:
            handler.wfile.write(body[: len(body) // 2] if fault == "cut" else body)


@pytest.fixture
def server() -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            state.answer(self)

        def log_message(self, format: str, *args: Any) -> None:
            pass

    http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    state = Server(f"http://127.0.0.1:{http.server_port}")
    thread = threading.Thread(target=http.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    yield state
    state.closing.set()
    http.shutdown()
    http.server_close()
    thread.join()


@pytest.fixture(autouse=True)
def _quick_and_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "BACKOFF_SECONDS", 0.001)
    monkeypatch.delenv("CORPORA_MIRROR", raising=False)
    sizes = {"train": 7, "test": 5, "unsupervised": 11}
    monkeypatch.setattr(imdb, "ROWS", sizes)
    monkeypatch.setattr(multi30k, "ROWS", {"train": 7, "validation": 5, "test2016": 3, "test2017": 2})


@pytest.fixture
def write_mirror() -> Callable[[Path, str, Rows], Path]:
    """Writes rows as a mirror, with other Parquet settings than ours."""

    def write(folder: Path, corpus: str, rows: Rows) -> Path:
        files = []
        for split, content in rows.items():
            parts = split.split("_", 1) if split.startswith("multiref") else [split]
            path = folder / corpus / ("/".join(parts) + ".parquet")
            path.parent.mkdir(parents=True, exist_ok=True)
            table = pa.Table.from_pylist(content)
            if "rating" in table.column_names:
                table = table.set_column(2, "rating", table["rating"].cast(pa.int8()))
            pq.write_table(table, path, compression="snappy", row_group_size=2)
            files.append(
                {
                    "split": "/".join(parts),
                    "path": path.relative_to(folder).as_posix(),
                    "rows": len(content),
                    "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
                }
            )
        manifest = {"corpora": {corpus: {"source": "made for a test", "files": files}}}
        (folder / "manifest.json").write_text(json.dumps(manifest))
        return folder

    return write


# -------------------------------------------------------------------------------------------- imdb


@pytest.fixture
def imdb_rows() -> Rows:
    def labelled(negative: int, positive: int) -> list[dict[str, Any]]:
        rows = [(f"dull é {i}<br />", 0, 1 + i % 4) for i in range(negative)]
        rows += [(f"fine \x85 {i}\n", 1, 7 + i % 4) for i in range(positive)]
        return [{"text": text, "label": label, "rating": rating} for text, label, rating in rows]

    unlabelled = [{"text": f"seen {i}", "label": -1} for i in range(11)]
    return {"train": labelled(3, 4), "test": labelled(2, 3), "unsupervised": unlabelled}


@pytest.fixture
def imdb_archive(imdb_rows: Rows) -> dict[str, bytes]:
    """Member name -> content, in another order than ours (2 after 10)."""
    members = {"aclImdb/README": b"hello", "aclImdb/train/urls_neg.txt": b"none"}
    for split, rows in imdb_rows.items():
        counts: Counter[int] = Counter()
        for row in rows:
            kind = {0: "neg", 1: "pos", -1: "unsup"}[row["label"]]
            folder = f"aclImdb/{'train' if kind == 'unsup' else split}/{kind}"
            name = f"{folder}/{counts[row['label']]}_{row.get('rating', 0)}.txt"
            counts[row["label"]] += 1
            members[name] = row["text"].encode()
    return dict(sorted(members.items(), reverse=True))


@pytest.fixture
def pack() -> Callable[[dict[str, bytes]], bytes]:
    def packed(members: dict[str, bytes]) -> bytes:
        buffer = io.BytesIO()
        with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
            for name, content in members.items():
                info = tarfile.TarInfo(name)
                info.size = len(content)
                archive.addfile(info, io.BytesIO(content))
        return buffer.getvalue()

    return packed


# ---------------------------------------------------------------------------------------- multi30k


@pytest.fixture
def multi30k_rows() -> Rows:
    rows: Rows = {}
    for split, count in {"train": 7, "validation": 5, "test2016": 3, "test2017": 2}.items():
        languages = ["en", "de", "fr"] if split == "test2017" else ["en", "de", "fr", "cs"]
        rows[split] = [{lang: f"{lang} \u2028ü\xa0{split} {i}" for lang in languages} for i in range(count)]
    for split in ("train", "validation", "test2016"):
        rows[f"multiref_{split}"] = [
            {language: [f"{language} {split} {i} {n}" for n in range(5)] for language in ("en", "de")}
            for i in range(len(rows[split]))
        ]
    return rows


@pytest.fixture
def multi30k_files(multi30k_rows: Rows) -> dict[str, bytes]:
    """Path in the repository -> compressed file, with white space around some lines."""
    stems = {
        "train": "data/task1/raw/train",
        "validation": "data/task1/raw/val",
        "test2016": "data/task1/raw/test_2016_flickr",
        "test2017": "data/task1/raw/test_2017_flickr",
        "multiref_train": "data/task2/raw/train",
        "multiref_validation": "data/task2/raw/val",
        "multiref_test2016": "data/task2/raw/test_2016",
    }
    files = {}
    for split, rows in multi30k_rows.items():
        for language in rows[0]:
            if split.startswith("multiref"):
                for number in range(5):
                    lines = [f"{row[language][number]}\n" for row in rows]
                    files[f"/{stems[split]}.{number + 1}.{language}.gz"] = gzip.compress(
                        "".join(lines).encode()
                    )
            else:
                lines = [f"  {row[language]} \t\n" for row in rows]
                files[f"/{stems[split]}.{language}.gz"] = gzip.compress("".join(lines).encode())
    return files
