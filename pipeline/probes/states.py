"""What an LSTM's two states hold: which words are read from them, and what is lost with each.

A network has read x_1 … x_t and hands h_t and c_t, of all layers, on to step t + 1:
  accuracy   of a linear probe (ridge regression on one-hot words, standardised units) that tells x_{t-k}, one
             of the commonest words, from h_t, or from c_t. It is fitted on the first half of the text that is
             read and scored on the second, each half with streams of its own.
  damage     h_t, or c_t, is set to zero and the true text read on: by how much the negative log-likelihood,
             in nats, of the word predicted by step t + 1 + k rises, mean over t. So k = 0 is the first step
             that reads what was altered. At step t itself nothing could be found out: h_t is what the output
             layer reads there, and c_t reaches it through h_t alone.
Both for the same k, over one text cut into streams that are read side by side, each from no state; the first
steps of a stream, as many as the furthest k, only warm up.
"""

from collections.abc import Mapping, Sequence
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
from torch.nn import functional as F

from pipeline.bundle.load import Bundle
from pipeline.data.store import Ids, PreparedDataset
from pipeline.data.streams import StreamBatches, running_ids
from pipeline.errors import UserError
from pipeline.evaluation.tables import Tables
from pipeline.nn.language_model import LanguageModel
from pipeline.text.tokenizer import EOS

STATES = ("h", "c")
REACH = 10
"""A stream is so many times as long as the furthest look back."""
EVERY = 10
"""Steps from one blow to the next."""
ROWS = 512
"""Blows at a time: keeps memory flat."""


def probe_bundle(bundle: Bundle, dataset: PreparedDataset, settings: Mapping[str, Any]) -> Tables:
    """`readout`: accuracy by state and k; `damage`: the rise in nats.

    Raises:
        UserError: the network is no LSTM, or the test split is too short.
    """
    network, back = bundle.network, settings["back"]
    assert isinstance(network, LanguageModel)
    if network.recurrent.cell != "lstm":
        raise UserError(
            f"states: {network.recurrent.cell} has no h and c; leave the variant out of the experiment"
        )
    ids = running_ids(dataset, dataset.description["tests"][0])[: settings["tokens"]]
    tokens, targets = streams(ids, back[-1])
    words = commonest(running_ids(dataset, "train"), settings["words"])
    states = states_of(network, tokens)
    return {
        "readout": readout(states, tokens, words, back),
        "damage": damage(network, states, tokens, targets, back),
    }


def streams(ids: Ids, furthest: int) -> tuple[Int[Tensor, "B S"], Int[Tensor, "B S"]]:
    """Tokens and the tokens that follow them, of an even number of streams; what is left over is not read.

    Raises:
        UserError: not even two streams can be filled.
    """
    width = REACH * (furthest + 1)
    number = len(ids) // width // 2 * 2
    if not number:
        raise UserError(
            f"states: {len(ids)} test tokens are read, {furthest} steps back need {2 * width}; "
            "raise tokens or lower back"
        )
    laid = StreamBatches(ids[: number * width], streams=number, window=width)
    (batch,) = (laid[rows] for rows in laid.order())
    return batch.tokens, batch.targets


def commonest(ids: Ids, number: int) -> npt.NDArray[np.int64]:
    """The commonest words of a text, symbols that the tokenizer adds left out."""
    counts = np.bincount(ids)
    counts[: EOS + 1] = 0
    ranked = np.argsort(-counts, kind="stable")[:number]
    return ranked[counts[ranked] > 0]


@torch.inference_mode()
def states_of(network: LanguageModel, tokens: Int[Tensor, "B S"]) -> tuple[Tensor, Tensor]:
    """h and c after every token, each S L B H. Step by step: the fused kernel keeps the last c only."""
    state, found = None, []
    for step in range(tokens.shape[1]):
        _, state = network(tokens[:, step : step + 1], state)
        found.append(state)
    h, c = (torch.stack(parts) for parts in zip(*found, strict=True))
    return h, c


def readout(
    states: tuple[Float[Tensor, "S L B H"], Float[Tensor, "S L B H"]],
    tokens: Int[Tensor, "B S"],
    words: npt.NDArray[np.int64],
    back: Sequence[int],
) -> pd.DataFrame:
    """state, back, accuracy, chance, tokens; `chance`: of the commonest word where accuracy is scored.

    Raises:
        UserError: a half of the text has fewer than two of the words.
    """
    warm, steps, half = back[-1], tokens.shape[1], len(tokens) // 2
    rows = []
    for state, values in zip(STATES, states, strict=True):
        units = values[warm:].permute(2, 0, 1, 3).flatten(2).double().numpy()
        for k in back:
            said = tokens[:, warm - k : steps - k].numpy()
            among = np.isin(said, words)
            fit, test = np.split(among, [half])
            told, asked = said[:half][fit], said[half:][test]
            if min(len(np.unique(told)), len(np.unique(asked))) < 2:
                raise UserError("states: half of the text has fewer than two of the words; raise tokens")
            model = make_pipeline(StandardScaler(), RidgeClassifier()).fit(units[:half][fit], told)
            _, counts = np.unique(asked, return_counts=True)
            rows.append(
                {
                    "state": state,
                    "back": k,
                    "accuracy": float(model.score(units[half:][test], asked)),
                    "chance": float(counts.max() / len(asked)),
                    "tokens": len(asked),
                }
            )
    return pd.DataFrame(rows)


@torch.inference_mode()
def damage(
    network: LanguageModel,
    states: tuple[Float[Tensor, "S L B H"], Float[Tensor, "S L B H"]],
    tokens: Int[Tensor, "B S"],
    targets: Int[Tensor, "B S"],
    back: Sequence[int],
) -> pd.DataFrame:
    """state, back, nll."""
    warm, steps = back[-1], tokens.shape[1]
    blows = range(warm, steps - warm - 1, EVERY)
    # Rows are blows: those of one stream's step stand side by side.
    h, c = (torch.cat([part[step] for step in blows], 1) for part in states)
    read, wanted = (
        torch.cat([each[:, step + 1 : step + warm + 2] for step in blows]) for each in (tokens, targets)
    )
    whole = _nll(network, (h, c), read, wanted, back)
    rows = []
    for state, altered in zip(STATES, ((torch.zeros_like(h), c), (h, torch.zeros_like(c))), strict=True):
        rises = (_nll(network, altered, read, wanted, back) - whole).mean(0)
        rows += [
            {"state": state, "back": k, "nll": rise} for k, rise in zip(back, rises.tolist(), strict=True)
        ]
    return pd.DataFrame(rows)


def _nll(
    network: LanguageModel,
    state: tuple[Float[Tensor, "L N H"], Float[Tensor, "L N H"]],
    tokens: Int[Tensor, "N S"],
    targets: Int[Tensor, "N S"],
    back: Sequence[int],
) -> Float[Tensor, "N K"]:
    """In nats, float64, of the targets at the steps `back`, read on from a state."""
    found = []
    for start in range(0, len(tokens), ROWS):
        rows = slice(start, start + ROWS)
        outputs, _ = network(tokens[rows], tuple(part[:, rows].contiguous() for part in state))
        logits = network.output(outputs[:, back]) + network.unsaid
        found.append(F.cross_entropy(logits.transpose(1, 2), targets[rows][:, back], reduction="none"))
    return torch.cat(found).double()
