"""What the gates of a trained model do while it reads a text."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from jaxtyping import Int
from torch import Tensor

from pipeline.bundle.load import Bundle
from pipeline.data.batches import pad, shortened
from pipeline.data.tagged import padded_spelling
from pipeline.errors import UserError
from pipeline.evaluation.predict.rows import encoded
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.trace import LayerTrace, trace
from pipeline.text.words import spelled, split_words, word_ids


@dataclass(frozen=True)
class Traced:
    """A text as the network read it, word by word.

    `answers`: what a classifier would say if the text ended with that word, a tagger's tag of it; of an
    encoder none.
    """

    cell: str
    words: list[str]
    layers: list[LayerTrace]
    answers: list[str]


@torch.inference_mode()
def traced(bundle: Bundle, text: str) -> Traced:
    """Reads one raw text, cut as in training.

    Raises:
        UserError: the text holds no word, or the model reads no text, or padding as well.
    """
    architecture = bundle.description["architecture"]
    if architecture not in READERS:
        raise UserError(
            f"model: {architecture} can't be traced; name one of {', '.join(READERS)} with --model"
        )
    if not text.split():
        raise UserError("text: holds no word; give at least one")
    network: Any = bundle.network.cpu()
    if not hasattr(network, "encoder") and not hasattr(network, "recurrent"):
        raise UserError("model: has no recurrent layers (model.reader); it can't be traced")
    layers: Recurrent = network.encoder if architecture == "translator" else network.recurrent
    given: list[Tensor] = []
    hook = layers.register_forward_pre_hook(lambda _, arguments: given.append(arguments[0]))
    words, answers = READERS[architecture](bundle, network, text)
    hook.remove()
    # A classifier reads every beginning of the text: the last row is the whole.
    return Traced(layers.cell, words, trace(layers, given[0][-1]), answers)


def _classifier(bundle: Bundle, network: Any, text: str) -> tuple[list[str], list[str]]:
    if bundle.description["data"]["padding"] != "masked":
        raise UserError("model: reads padding as words (data.padding); such a model can't be traced")
    names, ids = bundle.description["classes"], _ids(bundle, "text", text)
    beginnings = ids.repeat(len(ids), 1).tril()
    found = network(beginnings, torch.arange(1, len(ids) + 1)).softmax(-1)
    answers = [f"{names[int(row.argmax())]} {row.max():.2f}" for row in found]
    return bundle.tokenizers["text"].tokens(ids.tolist()), answers


def _tagger(bundle: Bundle, network: Any, text: str) -> tuple[list[str], list[str]]:
    words = split_words(text)
    ids, lengths = pad([word_ids(bundle.tokenizers["words"], words)])
    letters = padded_spelling([spelled(bundle.tokenizers["characters"], words).ravel()], lengths)
    tags = network.tag(ids, letters, lengths)[0].tolist()
    return words, [bundle.description["tags"][tag] for tag in tags]


def _translator(bundle: Bundle, network: Any, text: str) -> tuple[list[str], list[str]]:
    ids = _ids(bundle, "source", text)
    network.init_state(ids[None], torch.tensor([len(ids)]))
    return bundle.tokenizers["source"].tokens(ids.tolist()), []


READERS: dict[str, Callable[[Bundle, Any, str], tuple[list[str], list[str]]]] = {
    "classifier": _classifier,
    "tagger": _tagger,
    "translator": _translator,
}
"""By architecture: lets the network read the text; words and answers."""


def _ids(bundle: Bundle, column: str, text: str) -> Int[Tensor, "S"]:
    data = bundle.description["data"]
    (ids,) = encoded(bundle.tokenizers[column], [text])
    rows, _ = pad([shortened(ids, data["max_tokens"], data["keep"])])
    return rows[0]
