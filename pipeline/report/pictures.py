"""Pictures with every system's caption and where attention looked, from predictions/, which may be absent."""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow.parquet as pq

from pipeline.images import png


@dataclass(frozen=True)
class Look:
    """One word and where the decoder looked as it wrote it.

    `shade`: a data URI of one pixel per place, the denser the less it attended, fully clear at the strongest;
    `strongest`: that place's row and column from 1, and its weight.
    """

    word: str
    shade: str
    strongest: tuple[int, int, float]


@dataclass(frozen=True)
class Picture:
    """`picture`: a data URI. `outputs`: system -> caption; `looks`: variant -> words."""

    row: int
    picture: str
    references: list[str]
    outputs: dict[str, str]
    looks: dict[str, list[Look]]


def read_pictures(folder: Path, split: str, order: Sequence[str]) -> list[Picture]:
    """The evenly spaced ones that evaluation keeps: none is picked for its result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them; captions are those of the first seed, baselines follow.
    """
    if not (folder / "pictures.parquet").exists():
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split)]
    files = {
        line["row"]: line["picture"] for line in _lines(folder / "pictures.parquet", here, ["row", "picture"])
    }
    here.append(("row", "in", sorted(files)))
    columns = ["variant", "seed", "row", "hypothesis", "references"]
    texts = _first_seeds(_lines(folder / "predictions.parquet", here, columns))
    path = folder / "looks.parquet"
    looks = _first_seeds(_lines(path, here)) if path.exists() else []
    found = []
    for row, content in sorted(files.items()):
        own = {line["variant"]: line for line in texts if line["row"] == row}
        names = [*(name for name in order if name in own), *(name for name in own if name not in order)]
        attended = {line["variant"]: _looks(line) for line in looks if line["row"] == row}
        found.append(
            Picture(
                row=row,
                picture=_uri(content, "jpeg"),
                references=list(own[names[0]]["references"]),
                outputs={name: own[name]["hypothesis"] for name in names},
                looks={name: attended[name] for name in order if name in attended},
            )
        )
    return found


def _lines(path: Path, filters: Any, columns: list[str] | None = None) -> list[dict[str, Any]]:
    lines: list[dict[str, Any]] = pq.read_table(path, columns=columns, filters=filters).to_pylist()
    return lines


def _first_seeds(lines: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Of each system those of its first seed."""
    first: dict[str, int] = {}
    for line in lines:
        first[line["variant"]] = min(line["seed"], first.get(line["variant"], line["seed"]))
    return [line for line in lines if line["seed"] == first[line["variant"]]]


def _looks(line: dict[str, Any]) -> list[Look]:
    shape = len(line["tokens"]), line["rows"], line["columns"]
    weights = np.asarray(line["weights"], dtype=np.float64).reshape(shape)
    return [_look(word, places) for word, places in zip(line["tokens"], weights, strict=True)]


def _look(word: str, places: npt.NDArray[np.float64]) -> Look:
    row, column = np.unravel_index(int(places.argmax()), places.shape)
    most = float(places[row, column])
    hidden = 1 - places.clip(min=0) / (most or 1)
    # Grey, which is seen on dark pictures and on light ones.
    shade = np.stack([np.full_like(hidden, 0.5), 0.9 * hidden], axis=-1)
    uri = _uri(png((255 * shade).round().astype(np.uint8)), "png")
    return Look(word, uri, (int(row) + 1, int(column) + 1, most))


def _uri(content: bytes, kind: str) -> str:
    return f"data:image/{kind};base64,{base64.b64encode(content).decode()}"
