"""DVC's command line, quick with hundreds of stages: `python -m pipeline.cli.dvc repro ...`.

For each stage DVC parses params.yaml about four times, and parses and writes the whole of dvc.lock, in pure
Python: some seconds a stage. This remembers what was parsed for as long as the file stays as it is, and how
the other stages are written; and it looks a parameter up where DVC compares its path with every other's.
dvc.lock is the same to the byte, and `dvc repro` itself may come in between.
"""

import os
import pickle
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from functools import partial
from typing import Any

import dpath
from dvc import dvcfile
from dvc.fs import LocalFileSystem
from dvc.utils import serialize

State = tuple[int, int, int]


class Remembered:
    """The parsed content of files, pickled: who asks may change what he gets."""

    def __init__(self, parse: Callable[..., Any]) -> None:
        self._parse = parse
        self._files: dict[str, tuple[State, bytes]] = {}
        self._blocks: dict[str, tuple[bytes, str]] = {}

    def load(self, path: Any, fs: Any = None, **options: Any) -> Any:
        """As DVC's load_yaml; files of a git revision aren't remembered."""
        if fs is not None and not isinstance(fs, LocalFileSystem):
            return self._parse(path, fs=fs, **options)
        place, state = os.path.abspath(path), _state(path)
        known = self._files.get(place)
        if known is None or known[0] != state:
            known = state, pickle.dumps(self._parse(path, fs=fs, **options))
            self._files[place] = known
        return pickle.loads(known[1])

    def keep(self, path: Any, data: Any) -> None:
        """Remembers what was just written to a file."""
        self._files[os.path.abspath(path)] = _state(path), pickle.dumps(data)

    @contextmanager
    def modify(self, path: Any, fs: Any = None) -> Iterator[Any]:
        """As DVC's modify_yaml; dvc.yaml, into which hands put comments, is left to that."""
        if os.path.basename(path) != "dvc.lock":
            with serialize.modify_yaml(path, fs=fs) as data:
                yield data
            return
        data = self.load(path, fs) if os.path.exists(path) else {}
        yield data
        with open(path, "w", encoding="utf-8") as file:
            file.write(self.text_of(data))
        self.keep(path, data)

    def text_of(self, lock: dict[str, Any]) -> str:
        """A lock as DVC writes it; only stages that changed are written anew."""
        parts = []
        for key, value in lock.items():
            if key == "stages" and value:
                parts += ["stages:\n", *(self._block(name, stage) for name, stage in value.items())]
            else:
                parts.append(serialize.dumps_yaml({key: value}))
        return "".join(parts)

    def _block(self, name: str, stage: Any) -> str:
        content = pickle.dumps(stage)
        known, text = self._blocks.get(name, (b"", ""))
        if known != content:
            text = serialize.dumps_yaml({"stages": {name: stage}}).removeprefix("stages:\n")
            self._blocks[name] = content, text
        return text


def look_up(search: Callable[..., Any], values: Any, path: str, *, separator: str) -> Any:
    """A parameter by its path, as dpath's get finds it by walking through all others."""
    found = values
    for name in path.split(separator):
        if not isinstance(found, Mapping) or name not in found:
            return search(values, path, separator=separator)  # a wildcard, a number in a list, or nothing
        found = found[name]
    return found


def quicken() -> None:
    """Lets DVC remember in this process, and go straight to a parameter."""
    remembered = Remembered(serialize.load_yaml)
    serialize.LOADERS[".yaml"] = remembered.load
    dvcfile.modify_yaml = remembered.modify
    dpath.get = partial(look_up, dpath.get)


def _state(path: Any) -> State:
    stat = os.stat(path)
    return stat.st_ino, stat.st_mtime_ns, stat.st_size


if __name__ == "__main__":
    from dvc.cli import main

    quicken()
    sys.exit(main(sys.argv[1:]))
