"""Texts with the stars that each variant gave them, from predictions/, which may be absent."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

LONGEST = 700
"""Characters of a text that are shown."""


@dataclass(frozen=True)
class RatedText:
    """`stars`: variant -> what its first seed gave."""

    text: str
    rating: int
    stars: dict[str, float]


def read_rated(folder: Path, order: Sequence[str]) -> list[RatedText]:
    """A text of each level, the lowest first.

    Args:
        folder: predictions/PROFILE/EXPERIMENT; without it there are none.
        order: variants as the page lists them.
    """
    path = folder / "shown.parquet"
    if not path.exists() or not order:
        return []
    shown = pd.read_parquet(path, columns=["variant", "seed", "row", "rating", "text", "stars"])
    shown = shown[shown["variant"].isin(order)]
    shown = shown[shown["seed"] == shown.groupby("variant")["seed"].transform("min")]
    found = []
    for (rating, _), own in shown.groupby(["rating", "row"]):
        stars = dict(zip(own["variant"], own["stars"].astype(float), strict=True))
        named = {name: stars[name] for name in order if name in stars}
        found.append(RatedText(shortened(str(own["text"].iloc[0])), int(rating), named))
    return found


def shortened(text: str) -> str:
    """One line without HTML's line breaks, cut at a word."""
    words = text.replace("<br />", " ").split()
    line = " ".join(words)
    return line if len(line) <= LONGEST else f"{line[:LONGEST].rpartition(' ')[0]} …"
