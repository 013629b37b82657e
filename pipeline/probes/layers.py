"""What each layer of a stack holds: which of its units tell a word's tag, and which a review's sentiment.

Linear probes (ridge regression on one-hot answers, standardised units) for every layer, 0 being the vectors
that the first one reads, fitted on the training split and scored on the first test split:
  part of speech   of a word, from the units after it;
  entity           the type of the entity that it is in, or none, among as many words of none as of entities;
  control          a tag drawn at random for each word type (Hewitt and Liang 2019): who is right here has
                   learned words by heart. Accuracy of parts of speech less this is the selectivity;
  sentiment        of a review, from units pooled over it as the network's own head pools the last layer; by
                   their mean where it weighs them by a learned score, which is made for the last layer alone.
Tagged sentences are read in the network's own tokens, and only words that it has a token for are asked about.
All once more for the network as its seed drew it, before training.
"""

import copy
import importlib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from jaxtyping import Float, Int
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from torch import Tensor

from pipeline.bundle.load import Bundle
from pipeline.data.batches import pad
from pipeline.data.store import Index, PreparedDataset
from pipeline.data.texts import TextBatches
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables
from pipeline.nn.masks import real_mask
from pipeline.nn.recurrent import Recurrent
from pipeline.probes.tagged_words import TaggedWords, balanced, controls, spread, tagged_words

DEEP = 3
"""Layers of a network that is looked into: fewer don't tell where something peaks."""
ROWS = 64
"""Texts at a time: keeps memory flat."""
LEAST = 20
"""Answers from which a probe is fitted, and on which it is scored."""

Units = npt.NDArray[np.float64]
"""Of one layer, a row for each answer, (N, D)."""
Answers = npt.NDArray[Any]
Take = Callable[[Tensor, Tensor, Tensor, slice], Tensor]
"""One layer's outputs (B S D), state after each row's last step (B D), lengths (B,), the rows -> (N, D)."""


@dataclass(frozen=True)
class Texts:
    """Reviews as the network reads them: tokens (R, S), lengths (R,), their sentiment (R,)."""

    tokens: Int[Tensor, "R S"]
    lengths: Int[Tensor, "R"]
    labels: Index


def probe_bundle(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> Tables:
    """`layers`: layer, feature, weights, accuracy, chance, items; nothing of a network of fewer than three.

    `chance`: the share of the commonest answer where accuracy is scored; `items`: answers that are scored.

    Raises:
        UserError: a tagged dataset is missing, or too few of the words are known to the network.
    """
    trained: Any = bundle.network
    if not hasattr(trained, "recurrent") or trained.recurrent.layers < DEEP:
        return {}
    # Drawn as training draws it, from the run's seed.
    torch.manual_seed(bundle.description["seed"])
    builder = importlib.import_module(f"pipeline.build.{bundle.description['architecture']}")
    fresh = builder.build(bundle.description["model"], bundle.description).eval()
    reviews = [
        texts(dataset, split, bundle.description["data"], settings["texts"]) for split in read_of(dataset)
    ]
    spoken, named = (
        [
            tagged_words(tagged, split, bundle.tokenizers["text"], settings["words"])
            for split in read_of(tagged)
        ]
        for tagged in (
            PreparedDataset.open(dataset.folder.parent / settings[name])
            for name in ("parts_of_speech", "entities")
        )
    )
    named = [words.only(balanced(words.tags)) for words in named]
    drawn = controls(spoken[0], bundle.description["vocabulary"]["text"])
    rows: list[dict[str, Any]] = []
    for weights, network in (("trained", trained), ("random", fresh)):
        said, inside = ([units_of_words(network, each) for each in words] for words in (spoken, named))
        read = [units_of_texts(network, each) for each in reviews]
        rows += [
            {"weights": weights} | row
            for row in (
                *told("part of speech", said, [words.tags for words in spoken]),
                *told("entity", inside, [words.tags for words in named]),
                *told("sentiment", read, [each.labels for each in reviews]),
                *told("control", said, [drawn[words.types] for words in spoken]),
            )
        ]
    return {"layers": pd.DataFrame(rows)[["layer", "feature", "weights", "accuracy", "chance", "items"]]}


def read_of(dataset: PreparedDataset) -> tuple[str, str]:
    """Splits that a probe is fitted to, and scored on."""
    return "train", dataset.description["tests"][0]


def texts(dataset: PreparedDataset, name: str, data: Mapping[str, Any], wanted: int) -> Texts:
    """So many reviews of a split, evenly spread, cut and padded as the network's own evaluation does."""
    split = dataset.split(name)
    options = {key: data[key] for key in ("max_tokens", "keep", "padding")}
    batch = TextBatches(split, **options)[spread(len(split), wanted)]
    return Texts(batch.tokens, batch.lengths, batch.labels.numpy())


def told(feature: str, units: Sequence[Sequence[Units]], answers: Sequence[Answers]) -> list[dict[str, Any]]:
    """A row for each layer; `units`, by layer, and `answers`: to fit to, then to score.

    Raises:
        UserError: too few answers, or all to be fitted are alike.
    """
    fit, asked = answers
    kinds = len(np.unique(fit))
    if min(len(fit), len(asked)) < LEAST or kinds < 2:
        raise UserError(
            f"layers: {feature}: {len(fit)} answers of {kinds} kinds to fit to and {len(asked)} to score, of "
            f"words that the network knows; needs {LEAST} of 2 kinds: raise words or texts"
        )
    _, counts = np.unique(asked, return_counts=True)
    rows = []
    for layer, (seen, unseen) in enumerate(zip(*units, strict=True)):
        model = make_pipeline(StandardScaler(), RidgeClassifier()).fit(seen, fit)
        accuracy = float(model.score(unseen, asked))
        rows.append({"layer": layer, "feature": feature, "accuracy": accuracy})
    return [row | {"chance": float(counts.max() / len(asked)), "items": len(asked)} for row in rows]


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
