"""Transcribers: steps against whole transcripts, padding, attention over the sound, searches."""

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.nn.captioner import Begun
from pipeline.nn.transcriber import Transcriber
from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search

BOS, EOS, WORDS = 2, 3, 17
B, S, T, FEATURES = 3, 11, 5, 7
SOUND_LENGTHS, LENGTHS = torch.tensor([11, 5, 8]), torch.tensor([5, 3, 4])
DECODERS: list[dict[str, Any]] = [
    {"attention": "none"},
    {"attention": "luong", "score": "general", "input_feeding": True},
    {"attention": "luong", "score": "dot"},
    {"attention": "bahdanau", "score": "concat"},
]
every_decoder = pytest.mark.parametrize("decoder", DECODERS, ids=lambda d: "-".join(map(str, d.values())))
every_cell = pytest.mark.parametrize("cell", ["gru", "lstm"])


def transcriber(**options: Any) -> Transcriber:
    sizes = {"features": FEATURES, "vocabulary": WORDS, "embedding": 10, "hidden": 14}
    return Transcriber(**(sizes | options)).double()


def sounds() -> Tensor:
    return torch.randn(B, S, FEATURES, dtype=torch.double)


def targets() -> Tensor:
    target = torch.randint(4, WORDS, (B, T))
    target[:, 0] = BOS
    for row, length in enumerate(LENGTHS.tolist()):
        target[row, length - 1] = EOS
        target[row, length:] = 0
    return target


@every_cell
@every_decoder
@pytest.mark.parametrize("bidirectional", [True, False])
def test_steps_say_what_whole_transcripts_say(
    decoder: dict[str, Any], cell: str, bidirectional: bool
) -> None:
    network = transcriber(cell=cell, layers=2, bidirectional=bidirectional, **decoder).eval()
    frames, target = sounds(), targets()
    loss = network.loss(frames, SOUND_LENGTHS, target, LENGTHS)
    state, total = network.begin(frames, SOUND_LENGTHS), 0.0
    for step in range(T - 1):
        log_probs, state, attention = network.writer.step(target[:, step], state)
        real = step + 1 < LENGTHS
        total -= log_probs.gather(1, target[:, step + 1 : step + 2])[real].sum().item()
        if attention is not None:
            torch.testing.assert_close(attention.sum(1), torch.ones(B, dtype=torch.double))
            for row, length in enumerate(SOUND_LENGTHS.tolist()):
                assert not attention[row, length:].any()
    assert loss.nll.item() == pytest.approx(total, rel=1e-6)
    assert loss.tokens == (LENGTHS - 1).sum()


@every_decoder
def test_what_lies_behind_a_sound_does_not_matter(decoder: dict[str, Any]) -> None:
    network, frames, target = transcriber(**decoder).eval(), sounds(), targets()
    loss = network.loss(frames, SOUND_LENGTHS, target, LENGTHS).total
    for row, length in enumerate(SOUND_LENGTHS.tolist()):
        frames[row, length:] = 1e3
    torch.testing.assert_close(network.loss(frames, SOUND_LENGTHS, target, LENGTHS).total, loss)


@every_decoder
def test_every_step_of_the_sound_reaches_the_first_word(decoder: dict[str, Any]) -> None:
    network, frames = transcriber(**decoder).eval(), sounds().requires_grad_()
    state = network.begin(frames, SOUND_LENGTHS)
    network.writer.step(torch.full((B,), BOS), state)[0].square().sum().backward()
    assert frames.grad is not None
    reached = frames.grad.abs().sum(-1) > 0
    assert torch.equal(reached, torch.arange(S) < SOUND_LENGTHS[:, None])


@every_decoder
def test_searches_take_sounds_that_are_encoded_already(decoder: dict[str, Any]) -> None:
    network = transcriber(**decoder).eval()
    begun = Begun(network.writer, network.begin(sounds(), SOUND_LENGTHS))
    limits = torch.full((B,), 7)
    greedy = greedy_search(begun, *begun.places, max_lengths=limits, bos=BOS, eos=EOS)
    beam = beam_search(begun, *begun.places, max_lengths=limits, beam=1, bos=BOS, eos=EOS)
    assert [each.tokens for each in greedy] == [each.tokens for (each,) in beam]


def test_shapes_hold(checked: Any) -> None:
    network = checked.transcriber.Transcriber(features=FEATURES, vocabulary=WORDS, embedding=10, hidden=14)
    network.loss(sounds().float(), SOUND_LENGTHS, targets(), LENGTHS).total.backward()
    assert network.begin(sounds().float(), SOUND_LENGTHS).memory.shape == (B, S, 14)
