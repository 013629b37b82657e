"""Multi30k en-de as the speed comparisons see it: one joint BPE, 2,000 tokens a batch, by length."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd
import torch
from torch import Tensor

from pipeline.text.tokenizer import BOS, EOS, PAD, Tokenizer

VOCABULARY = 7_744
BATCH_TOKENS = 2_000


@dataclass(frozen=True)
class Corpus:
    tokenizer: Tokenizer
    train: list[tuple[list[int], list[int]]]
    validation: list[tuple[list[int], list[int]]]


class Batch(NamedTuple):
    source: Tensor
    source_lengths: Tensor
    target: Tensor
    target_lengths: Tensor

    @property
    def target_tokens(self) -> int:
        """Tokens predicted: words and the end of sentence."""
        return int(self.target_lengths.sum()) - len(self.target_lengths)


def load(folder: Path) -> Corpus:
    """Canonical Parquet files with columns `en` and `de`."""
    frames = {split: pd.read_parquet(folder / f"{split}.parquet") for split in ("train", "validation")}
    tokenizer = Tokenizer.train(
        [*frames["train"]["en"], *frames["train"]["de"]],
        kind="bpe",
        vocabulary=VOCABULARY,
        minimum_frequency=2,
        lowercase=True,
    )

    def pairs(frame: pd.DataFrame) -> list[tuple[list[int], list[int]]]:
        sides = (tokenizer.encode_batch(list(frame[language])) for language in ("en", "de"))
        return list(zip(*sides, strict=True))

    return Corpus(tokenizer, pairs(frames["train"]), pairs(frames["validation"]))


def batches(
    pairs: list[tuple[list[int], list[int]]], *, seed: int, tokens: int = BATCH_TOKENS
) -> Iterator[Batch]:
    """One epoch: sentences of like length together, rows times longest row within the budget."""
    rng = np.random.default_rng(seed)
    order = sorted(rng.permutation(len(pairs)), key=lambda i: (len(pairs[i][1]), len(pairs[i][0])))
    groups: list[list[int]] = [[]]
    width = 0
    for i in order:
        width = max(width, len(pairs[i][0]), len(pairs[i][1]) + 1)
        if width * (len(groups[-1]) + 1) > tokens:
            groups.append([])
            width = max(len(pairs[i][0]), len(pairs[i][1]) + 1)
        groups[-1].append(i)
    for g in rng.permutation(len(groups)):
        yield _pad([pairs[i] for i in groups[g]])


def _pad(pairs: list[tuple[list[int], list[int]]]) -> Batch:
    sources = [source for source, _ in pairs]
    targets = [[BOS, *target, EOS] for _, target in pairs]
    return Batch(*_rows(sources), *_rows(targets))


def _rows(rows: list[list[int]]) -> tuple[Tensor, Tensor]:
    tensors = [torch.tensor(row) for row in rows]
    padded = torch.nn.utils.rnn.pad_sequence(tensors, batch_first=True, padding_value=PAD)
    return padded, torch.tensor([len(row) for row in rows])
