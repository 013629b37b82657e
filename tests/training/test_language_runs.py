"""A language model's runs: they learn the generated text, and resume in the middle of their state."""

import math
from typing import Any

import numpy as np
import pytest
from torch import Tensor

from pipeline.bundle.load import load
from pipeline.corpora.embedded.text import END, ROLES, perplexity
from pipeline.data.store import PreparedDataset
from pipeline.data.streams import running_ids
from pipeline.evaluation.ngrams import KneserNey
from pipeline.evaluation.predict.continuations import log_probabilities
from pipeline.tasks.language_modelling import LanguageModelling
from pipeline.training import fit, store


class Killed(Exception):
    pass


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


def test_a_killed_run_goes_on_with_the_bits_of_an_undisturbed_one(
    lab: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It repeats the epoch that it was killed in, whose first batch begins without a state."""
    whole, killed = (lab.spec("language_modelling", twin=twin) for twin in ("whole", "killed"))
    fit.fit(store.enter(whole))
    step = LanguageModelling.training_step

    def dying(self: LanguageModelling, batch: Any, batch_idx: int) -> Tensor:
        if self.current_epoch == 2 and batch_idx == 3:
            assert self._state is not None
            raise Killed
        return step(self, batch, batch_idx)

    with monkeypatch.context() as patch:
        patch.setattr(LanguageModelling, "training_step", dying)
        with pytest.raises(Killed):
            fit.fit(store.enter(killed))
    fit.fit(store.enter(killed))
    assert lab.results(killed) == lab.results(whole)
