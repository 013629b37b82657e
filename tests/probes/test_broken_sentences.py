"""A check of something that is broken does not pass: what writes, scores and attends."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from pipeline.metrics.notes_bleu import ngrams
from pipeline.nn import cells
from pipeline.nn.translator import Translator
from pipeline.probes.identities import (
    attending,
    decoding,
    limits,
    scores,
    searching,
    small,
)
from pipeline.probes.identities.check import Checks
from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search

BrokenBy = Callable[[Checks, str, Any], list[str]]
HOUSE, HERE = "pipeline.nn.", "pipeline.probes.identities."


def forgetful(layer: cells.Layer, x: Tensor, h: Tensor) -> Tensor:
    return layer.on_input(x)


def unforced(loss: Callable[..., Any]) -> Callable[..., Any]:
    return lambda *args, **kwargs: loss(*args, **kwargs | {"teacher_forcing": 0.0})


def told(search: Callable[..., Any], **other: Any) -> Callable[..., Any]:
    """A search that is told something else than it is asked."""
    return lambda *args, **kwargs: search(*args, **kwargs | other)


def without_references(*_: Any, **__: Any) -> Any:
    found = scores.BLEU(effective_order=True).sentence_score("a b c d", ["a b c d"])
    return SimpleNamespace(counts=found.counts, totals=found.totals, score=found.score)


BROKEN: list[tuple[Checks, str, Any, list[str]]] = [
    (
        decoding.context_vector,
        f"{HOUSE}translator.Translator._summary",
        lambda _, memory, lengths, final: tuple(part * 2 for part in final),
        ["the decoder's start"],
    ),
    (
        decoding.context_vector,
        f"{HERE}decoding.translator",
        lambda **options: small.translator(**options | {"attention": "luong"}),
        ["without attention"],
    ),
    (
        decoding.softmax,
        f"{HOUSE}writer.log_softmax",
        lambda logits: logits,
        ["log-softmax of", "sum of a row's"],
    ),
    (
        decoding.softmax,
        f"{HERE}decoding.greedy_search",
        told(greedy_search, eos=5),
        ["greedy search against"],
    ),
    (
        decoding.embeddings,
        f"{HOUSE}embedding.nn.Embedding.forward",
        lambda table, tokens: 2 * table.weight[tokens],
        ["one-hot words", "gradient of the matrix"],
    ),
    (
        decoding.start_and_end,
        f"{HERE}decoding.greedy_search",
        told(greedy_search, bos=4, eos=1),
        ["first word that", "after 4"],
    ),
    (
        scores.clipping,
        f"{HERE}scores.notes_precision",
        lambda words, known, n: scores.Fraction(
            sum(ngrams(each, n)[gram] for each in known for gram in ngrams(words, n)), 7
        ),
        ["by the notes' counts"],
    ),
    (scores.references, f"{HERE}scores._statistics", without_references, ["rose"]),
    (
        scores.references,
        f"{HERE}scores._statistics",
        lambda words, known: SimpleNamespace(counts=[10 - len(known)]),
        ["fell", "rose"],
    ),
    (
        searching.width,
        f"{HERE}searching.beam_search",
        told(beam_search, beam=1),
        ["candidates at each step", "text 1"],
    ),
    (
        searching.width,
        f"{HERE}searching.greedy_search",
        told(greedy_search, eos=5),
        ["outputs of a beam of 1"],
    ),
    (
        searching.teacher_forcing,
        f"{HOUSE}translator.Translator.loss",
        unforced(Translator.loss),
        ["words the decoder reads in training"],
    ),
    (
        attending.weights,
        f"{HERE}attending.attention_weights",
        lambda scores, mask, normaliser="softmax": scores,
        ["softmax of scores of both signs: weights", "softmax of scores of both signs: sum", "softmax(e)"],
    ),
    (
        attending.not_parameters,
        f"{HOUSE}attention.Attention.query",
        lambda attention, state: torch.cat([state[0][-1]] * (1 + attention.of_cell), -1),
        ["where h and c ask"],
    ),
    (
        attending.parts,
        f"{HERE}attending.build_score",
        lambda score, **sizes: nn.Linear(64, 64),
        ["the dot score", "the general score", "the concat score"],
    ),
    (
        attending.timing,
        f"{HERE}attending.translator",
        lambda **options: small.translator(**options | {"asks": "after"}),
        ["Luong, asking before"],
    ),
    (
        attending.output_layer,
        f"{HERE}attending.AdditiveScore",
        lambda **sizes: nn.Linear(512, 512),
        ["parameters of the additive", "Luong's W_c costs"],
    ),
    (limits.sequential, f"{HOUSE}cells.Layer.forward", forgetful, ["RNN: least", "LSTM: least"]),
    (
        limits.sequential,
        f"{HERE}limits.depth",
        lambda result: result.numel(),
        ["how many more with one more source", "in a batch of 64"],
    ),
]


@pytest.mark.parametrize(
    ("checks", "target", "broken", "wanted"), BROKEN, ids=lambda value: getattr(value, "__name__", None)
)
def test_what_is_broken_does_not_pass(
    checks: Checks,
    target: str,
    broken: Any,
    wanted: list[str],
    broken_by: BrokenBy,
) -> None:
    failed = broken_by(checks, target, broken)
    for words in wanted:
        assert any(words in check for check in failed), f"{words}: only {failed}"


def test_where_the_notes_are_put_right_everything_passes(
    failing: Callable[[Checks], list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Their formulas replaced by the standard ones: so it is the formulas that do not pass."""
    standard = scores.standard_bleu
    monkeypatch.setattr(scores, "notes_precision", scores.clipped_precision)
    monkeypatch.setattr(scores, "notes_bleu", lambda *sentence: round(standard(*sentence), 9))
    monkeypatch.setattr(
        scores, "notes_length_factor", lambda c, r: min(1.0, float(torch.tensor(1 - r / c).exp()))
    )
    monkeypatch.setattr(attending, "OUTPUTS", 1000)
    assert failing(scores.clipping) + failing(scores.formula) + failing(attending.output_layer) == []
