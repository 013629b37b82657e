"""What each layer of a stack holds: which of its units tell a word's tag, and which a review's sentiment.

Linear probes (ridge regression on one-hot answers, standardised units) for every layer, 0 being the vectors
that the first one reads, fitted on the training split and scored on the first test split:
  part of speech   of a word, from the units after it;
  entity           the type of the entity that it is in, or none, among as many words of none as of entities;
  control          a tag drawn at random for each word type (Hewitt and Liang 2019): who is right here has
                   learned words by heart. Accuracy of parts of speech less this is the selectivity;
  sentiment        of a review, from units pooled over it as the network's own head pools the last layer; by
                   their mean where it weighs them by a learned score, which is made for the last layer alone.
Tagged sentences are read in the network's own tokens, and only words that it has a token for are asked about;
nothing about entities if these are too few, as where reviews were generated and name nobody.
All once more for the network as its seed drew it, before training.
"""

import importlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import torch
from sklearn.linear_model import RidgeClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from pipeline.bundle.load import Bundle
from pipeline.data.store import PreparedDataset
from pipeline.data.texts import TextBatches
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables
from pipeline.probes.layer_units import Texts, Units, units_of_texts, units_of_words
from pipeline.probes.tagged_words import balanced, controls, spread, tagged_words

DEEP = 3
"""Layers of a network that is looked into: fewer don't tell where something peaks."""
LEAST = 20
"""Answers from which a probe is fitted, and on which it is scored."""

Answers = npt.NDArray[Any]


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
    check(
        "part of speech",
        [words.tags for words in spoken],
        f"raise words, or take a dataset whose words {bundle.description['dataset']} has",
    )
    check("sentiment", [each.labels for each in reviews], "raise texts")
    enough = min(len(words.tags) for words in named) >= LEAST
    drawn = controls(spoken[0], bundle.description["vocabulary"]["text"])
    rows: list[dict[str, Any]] = []
    for weights, network in (("trained", trained), ("random", fresh)):
        said, inside = ([units_of_words(network, each) for each in words] for words in (spoken, named))
        read = [units_of_texts(network, each) for each in reviews]
        rows += [
            {"weights": weights} | row
            for row in (
                *told("part of speech", said, [words.tags for words in spoken]),
                *(told("entity", inside, [words.tags for words in named]) if enough else ()),
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


def check(feature: str, answers: Sequence[Answers], more: str) -> None:
    """
    Raises:
        UserError: too few answers to fit to or to score, or all to be fitted are alike.
    """
    fit, asked = answers
    kinds = len(np.unique(fit))
    if min(len(fit), len(asked)) < LEAST or kinds < 2:
        raise UserError(
            f"layers: {feature}: {len(fit)} answers of {kinds} kinds to fit to and {len(asked)} to score; "
            f"needs {LEAST} of 2 kinds: {more}"
        )


def told(feature: str, units: Sequence[Sequence[Units]], answers: Sequence[Answers]) -> list[dict[str, Any]]:
    """A row for each layer; `units`, by layer, and `answers`: to fit to, then to score."""
    fit, asked = answers
    _, counts = np.unique(asked, return_counts=True)
    rows = []
    for layer, (seen, unseen) in enumerate(zip(*units, strict=True)):
        model = make_pipeline(StandardScaler(), RidgeClassifier()).fit(seen, fit)
        accuracy = float(model.score(unseen, asked))
        rows.append({"layer": layer, "feature": feature, "accuracy": accuracy})
    return [row | {"chance": float(counts.max() / len(asked)), "items": len(asked)} for row in rows]
