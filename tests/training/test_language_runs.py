"""A language model's runs: they learn the generated text, and resume in the middle of their state."""

import math
from typing import Any

import numpy as np

from pipeline.bundle.load import load
from pipeline.corpora.embedded.text import END, ROLES, perplexity
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import running_ids
from pipeline.evaluation.ngrams import KneserNey
from pipeline.evaluation.predict.continuations import log_probabilities
from pipeline.training import fit, store


def test_a_run_learns_the_text(lab: Any) -> None:
    """Better than counting words, no better than who knows the grammar; and a verb agrees with its person."""
    spec = lab.spec("language_modelling", training={"epochs": 15})
    fit.fit(store.enter(spec))
    dataset = PreparedDataset.open(lab.prepared / "lines")
    train, test = (running_ids(dataset, name) for name in ("train", "test"))
    counted = KneserNey(train, order=5, vocabulary=dataset.vocabulary["text"]).log_probabilities(test)
    found = log_probabilities(load(store.folder_of(spec) / "bundle"), test)
    truth = perplexity(lab.lines, dataset.split("test").rows()["text"].tolist())
    assert truth < math.exp(-found.mean()) < 0.97 * math.exp(-counted.mean())
    verbs = np.isin(dataset.tokenizer("text").tokens(test.tolist()), list(ROLES.values()))
    assert verbs.sum() == len(dataset.split("test").rows())
    # END / 8 is what a verb has from whoever forgot the person.
    assert math.exp(found[verbs].mean()) > 2 * END / len(ROLES)


def test_a_killed_run_goes_on_with_the_bits_of_an_undisturbed_one(lab: Any) -> None:
    """It repeats the epoch that it was killed in, whose first batch begins without a state."""
    whole, killed = (lab.spec("language_modelling", twin=twin) for twin in ("whole", "killed"))
    fit.fit(store.enter(whole))

    def carries_a_state(task: Any) -> None:
        assert task._state is not None

    lab.kill(killed, epoch=2, batch=3, look=carries_a_state)
    fit.fit(store.enter(killed))
    assert lab.results(killed) == lab.results(whole)
