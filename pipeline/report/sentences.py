"""Sample sentences with the tags of every variant, from predictions/, which may be absent."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pipeline.report.samples import spread

SENTENCES = 6
SHORTEST, LONGEST = 3, 40
"""Words of a sentence that tells something and can be read at a glance."""
LINE, GAP = 80, 3
"""Letters of a line, and those that the gap between two columns takes."""


@dataclass(frozen=True)
class Sentence:
    """`predicted`: variant -> its tags."""

    row: int
    words: list[str]
    tags: list[str]
    predicted: dict[str, list[str]]

    @property
    def lines(self) -> list[slice]:
        """Words that stand beside one another on the page, with their tags below them."""
        ends, filled = [0], 0
        for place, column in enumerate(zip(self.words, self.tags, *self.predicted.values(), strict=True)):
            width = max(map(len, column)) + GAP
            if filled and filled + width > LINE:
                ends.append(place)
                filled = 0
            filled += width
        return [slice(*span) for span in zip(ends, [*ends[1:], len(self.words)], strict=True)]


def read_sentences(folder: Path, split: str, order: list[str]) -> list[Sentence]:
    """Sentences at evenly spaced quantiles of length: chosen by length alone, not by result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them; the tags are those of their first seed.
    """
    path = folder / "predictions.parquet"
    if not path.exists() or not order:
        return []
    here: list[tuple[str, str, Any]] = [("split", "=", split), ("variant", "in", order)]
    index = pq.read_table(path, columns=["seed", "row", "tokens"], filters=here)
    lengths = dict(
        zip(index["row"].to_pylist(), pc.list_value_length(index["tokens"]).to_pylist(), strict=True)
    )
    fitting = {row: length for row, length in lengths.items() if SHORTEST <= length <= LONGEST}
    if not fitting:
        return []
    here += [("seed", "=", pc.min(index["seed"]).as_py()), ("row", "in", spread(fitting, SENTENCES))]
    found: dict[int, dict[str, Any]] = {}
    for line in pq.read_table(path, filters=here).to_pylist():
        found.setdefault(line["row"], {})[line["variant"]] = line
    sentences = []
    for row in sorted(found, key=lambda row: (lengths[row], row)):
        own = found[row]
        words, tags = (next(iter(own.values()))[column] for column in ("tokens", "tags"))
        predicted = {name: own[name]["predicted"] for name in order if name in own}
        sentences.append(Sentence(row, words, tags, predicted))
    return sentences
