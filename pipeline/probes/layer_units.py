"""The units of every layer of a stack: after a word, or pooled over a text."""

import copy
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import torch
from jaxtyping import Float, Int
from torch import Tensor

from pipeline.data.batches import pad
from pipeline.data.store import Index
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.tagged_words import TaggedWords

ROWS = 64
"""Texts at a time: keeps memory flat."""

Units = npt.NDArray[np.float64]
"""Of one layer, a row for each answer, (N, D)."""
Take = Callable[[Tensor, Tensor, Tensor, slice], Tensor]
"""One layer's outputs (B S D), state after each row's last step (B D), lengths (B,), the rows -> (N, D)."""


@dataclass(frozen=True)
class Texts:
    """Reviews as the network reads them: tokens (R, S), lengths (R,), their sentiment (R,)."""

    tokens: Int[Tensor, "R S"]
    lengths: Int[Tensor, "R"]
    labels: Index


def units_of_texts(network: Any, read: Texts) -> list[Units]:
    """By layer, pooled over each text."""

    def take(outputs: Tensor, last: Tensor, lengths: Tensor, rows: slice) -> Tensor:
        return pooled(outputs, last, lengths, network.pooling)

    return _units(network, read.tokens, read.lengths, take)


def units_of_words(network: Any, words: TaggedWords) -> list[Units]:
    """By layer, after each word that is asked about."""

    def take(outputs: Tensor, last: Tensor, lengths: Tensor, rows: slice) -> Tensor:
        start, end = np.searchsorted(words.sentences, [rows.start, rows.stop])
        return outputs[words.sentences[start:end] - rows.start, words.steps[start:end]]

    return _units(network, *pad(words.texts), take)


def pooled(
    outputs: Float[Tensor, "B S D"], last: Float[Tensor, "B D"], lengths: Int[Tensor, "B"], pooling: str
) -> Float[Tensor, "B D"]:
    """As `Classifier` pools; the mean for attention. `outputs` are zero at padding."""
    if pooling == "last":
        return last
    if pooling == "max":
        mask = real_mask(lengths, outputs.shape[1]).unsqueeze(-1)
        return outputs.masked_fill(~mask, -torch.inf).amax(1)
    return outputs.sum(1) / lengths.unsqueeze(1)


@torch.inference_mode()
def by_layer(
    network: Any, tokens: Int[Tensor, "B S"], lengths: Int[Tensor, "B"]
) -> Iterable[tuple[Float[Tensor, "B S D"], Float[Tensor, "B D"]]]:
    """Outputs, zero at padding, and what is left after each row's last step: of layer 0, the inputs, and on.

    Each layer runs by itself, on the fused kernels, and reads the outputs of the one below.
    """
    recurrent, steps = network.recurrent, network.embedding(tokens)
    steps = steps * real_mask(lengths, tokens.shape[1]).unsqueeze(-1)
    found = [(steps, steps[torch.arange(len(tokens)), lengths - 1])]
    initial = recurrent.start(steps.transpose(0, 1))
    for layer, one in enumerate(alone(recurrent)):
        begin = None if initial is None else tuple(part[layer : layer + 1] for part in initial)
        steps, final = one(steps, lengths, begin)
        found.append((steps, final[0][-1]))
    return found


def alone(recurrent: Recurrent) -> list[Recurrent]:
    """Each layer of a stack as a stack of one."""
    found = []
    for layer in range(recurrent.layers):
        one = copy.deepcopy(recurrent)
        one.layers, one.projected = 1, recurrent.projected and not layer
        one.kernels = one.kernels[layer * one.directions : (layer + 1) * one.directions]
        found.append(one)
    return found


def _units(network: Any, tokens: Tensor, lengths: Tensor, take: Take) -> list[Units]:
    found: list[list[Tensor]] = [[] for _ in range(network.recurrent.layers + 1)]
    for start in range(0, len(tokens), ROWS):
        rows = slice(start, start + ROWS)
        some = lengths[rows]
        for parts, (outputs, last) in zip(
            found, by_layer(network, tokens[rows, : some.max()], some), strict=True
        ):
            parts.append(take(outputs, last, some, rows))
    return [torch.cat(parts).double().numpy() for parts in found]
