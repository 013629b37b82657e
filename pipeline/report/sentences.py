"""Sample sentences with the tags of every variant, from predictions/, which may be absent."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

SENTENCES = 6
LONGEST = 25
"""Words of a sentence that can be shown side by side."""


@dataclass(frozen=True)
class Sentence:
    row: int
    seed: int
    words: list[str]
    tags: list[str]
    predicted: dict[str, list[str]]
    """Variant -> its tags."""


def read_sentences(folder: Path, split: str, order: list[str]) -> list[Sentence]:
    """Sentences at even steps of length: chosen by length alone, not by result.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them.
    """
    path = folder / "predictions.parquet"
    if not path.exists() or not order:
        return []
    table = pq.read_table(path, filters=[("split", "=", split), ("variant", "in", order)]).to_pandas()
    table = table[table["seed"] == table["seed"].min()]
    lengths = table.drop_duplicates("row").set_index("row")["tokens"].map(len)
    fitting = lengths[(lengths > 2) & (lengths <= LONGEST)].sort_values(kind="stable").index
    if not len(fitting):
        return []
    places = np.linspace(0, len(fitting) - 1, min(SENTENCES, len(fitting))).round().astype(int)
    sentences = []
    for row in dict.fromkeys(fitting[places]):
        own = table[table["row"] == row].set_index("variant")
        sentences.append(
            Sentence(
                row=int(row),
                seed=int(own["seed"].iloc[0]),
                words=list(own["tokens"].iloc[0]),
                tags=list(own["tags"].iloc[0]),
                predicted={name: list(own["predicted"][name]) for name in order if name in own.index},
            )
        )
    return sentences
