"""Where a translator looks while it reads a reference, against the gold links of generated corpora."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd
import torch

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids, PreparedDataset
from pipeline.evaluation.predict.rows import encoded, padded
from pipeline.metrics import alignment
from pipeline.text.tokenizer import BOS

PAIRS = 300
"""Looked at, spread evenly over the split."""
ROWS = 64


def alignment_table(bundle: Bundle, dataset: PreparedDataset, split: str) -> pd.DataFrame | None:
    """split, order, pairs, aer, aer_diagonal, aer_reordered, aer_reordered_diagonal, entropy, covered.

    `order`: 0 for a row's first reference, 1 for the first that says the same in another order of source
    words, where there is one: the decoder is made to read either. `reordered`: of pairs whose gold links
    cross.

    Returns:
        None without attention, gold links, or tokens that are words.
    """
    rows = dataset.split(split).rows()
    if "links" not in rows or bundle.description["model"]["attention"] == "none":
        return None
    chosen = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, PAIRS).round().astype(int))]
    found = []
    for order in (0, 1):
        pairs = [pair for row in chosen.to_dict("records") if (pair := _pair(row, order))]
        if pairs:
            found.append({"split": split, "order": order} | _measured(bundle, pairs))
    return pd.DataFrame(found)


Pair = tuple[str, str, list[tuple[int, int]]]
"""Source, target, gold links."""


def _pair(row: Mapping[str, Any], order: int) -> Pair | None:
    references, links = list(row["references"]), [alignment.parse(text) for text in row["links"]]
    if order == 0:
        return str(row["source"]), references[0], links[0]
    for text, own in zip(references[1:], links[1:], strict=True):
        if _sequence(own) != _sequence(links[0]) and set(_sequence(own)) == set(_sequence(links[0])):
            return str(row["source"]), text, own
    return None


def _sequence(links: Sequence[tuple[int, int]]) -> list[int]:
    """Source words in the order in which the target says them."""
    return list(dict.fromkeys(source for source, _ in sorted(links, key=lambda link: (link[1], link[0]))))


def _measured(bundle: Bundle, pairs: list[Pair]) -> dict[str, float]:
    sources = encoded(bundle.tokenizers["source"], [source for source, _, _ in pairs])
    targets = encoded(bundle.tokenizers["target"], [target for _, target, _ in pairs])
    errors, straight, crossing, spread, behind = [], [], [], [], []
    for weights, (source, target, gold) in zip(_forced(bundle, sources, targets), pairs, strict=True):
        if weights.shape != (len(target.split()), len(source.split())):
            continue  # cut into pieces of words, to which links do not apply
        errors.append(alignment.error_rate(alignment.hard(weights), gold))
        straight.append(alignment.error_rate(alignment.diagonal(*weights.shape[::-1]), gold))
        crossing.append(_sequence(gold) != sorted(_sequence(gold)))
        spread.append(alignment.entropy(weights))
        if (share := alignment.covered(weights, gold)) is not None:
            behind.append(share)
    reordered = np.array(crossing, dtype=bool)
    return {
        "pairs": len(errors),
        "aer": _mean(errors),
        "aer_diagonal": _mean(straight),
        "aer_reordered": _mean(np.array(errors)[reordered]),
        "aer_reordered_diagonal": _mean(np.array(straight)[reordered]),
        "entropy": _mean(spread),
        "covered": _mean(behind),
    }


def _mean(values: Sequence[float] | alignment.Weights) -> float:
    return float(np.mean(values)) if len(values) else float("nan")


@torch.inference_mode()
def _forced(bundle: Bundle, sources: list[Ids], targets: list[Ids]) -> list[alignment.Weights]:
    """(T, S) of each pair: weights before each word of the target, which the decoder is given."""
    network: Any = bundle.network
    found: list[alignment.Weights] = []
    for start in range(0, len(sources), ROWS):
        some, wanted = sources[start : start + ROWS], targets[start : start + ROWS]
        tokens, lengths = padded(bundle, some)
        given, target_lengths = padded(bundle, wanted)
        state = network.init_state(tokens, lengths)
        previous = torch.full((len(some),), BOS, device=tokens.device)
        steps = []
        for place in range(given.shape[1]):
            _, state, weights = network.step(previous, state)
            steps.append(weights)
            previous = given[:, place]
        looks = torch.stack(steps, 1).float().cpu().numpy()
        sizes = zip(looks, target_lengths.tolist(), lengths.tolist(), strict=True)
        found += [look[:target, :source] for look, target, source in sizes]
    return found
