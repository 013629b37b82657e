"""Word alignments against gold links."""

from collections.abc import Collection

import numpy as np
import numpy.typing as npt

Links = Collection[tuple[int, int]]
"""(place in the source, place in the target), from 0."""
Weights = npt.NDArray[np.floating]


def parse(links: str) -> list[tuple[int, int]]:
    """Pharaoh's format: "0-0 1-2"."""
    return [(int(source), int(target)) for source, target in (link.split("-") for link in links.split())]


def hard(weights: Weights) -> list[tuple[int, int]]:
    """Each target word's most looked-at source word; weights (T, S)."""
    return [(int(source), target) for target, source in enumerate(weights.argmax(1))]


def diagonal(source: int, target: int) -> list[tuple[int, int]]:
    """Links of words at the same share of their sentences."""
    return [(min(source - 1, round(place * source / target)), place) for place in range(target)]


def error_rate(found: Links, gold: Links) -> float:
    """AER with all gold links sure (Och & Ney 2003, section 4.1): 0 where they are found and no other."""
    both = len({*found} & {*gold})
    return 1 - 2 * both / (len({*found}) + len({*gold}))


def entropy(weights: Weights) -> float:
    """Mean over target words, in bits."""
    kept = np.where(weights > 0, weights, 1.0)
    return float(-(kept * np.log2(kept)).sum(1).mean())


def covered(weights: Weights, gold: Links) -> float | None:
    """Weight on source words that earlier target words have said and this one doesn't, over what an even
    spread would give them; mean over target words. None where no word has anything behind it."""
    targets, sources = weights.shape
    said: set[int] = set()
    ratios = []
    for target in range(targets):
        own = {source for source, place in gold if place == target}
        behind = sorted(said - own)
        if behind:
            ratios.append(float(weights[target, behind].sum()) / (len(behind) / sources))
        said |= own
    return float(np.mean(ratios)) if ratios else None
