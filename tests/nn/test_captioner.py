"""Captioners: how the picture reaches the decoder, steps against whole captions, what depends on what."""

from typing import Any

import pytest
import torch
from torch import Tensor

from pipeline.nn.captioner import Begun, Captioner
from pipeline.nn.picture import varied
from pipeline.nn.standardised import Standardised
from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search

BOS, EOS, WORDS = 2, 3, 29
B, SIDE, PLACES, T = 3, 13, 16, 5
OWNER = torch.tensor([0, 0, 1, 2, 2, 2, 0])
LENGTHS = torch.tensor([5, 3, 4, 5, 2, 3, 4])

WAYS = ["state", "first", "every"]
DECODERS: list[dict[str, Any]] = [
    {"attention": "none"},
    {"attention": "luong", "score": "general"},
    {"attention": "luong", "score": "dot", "input_feeding": True},
    {"attention": "bahdanau", "score": "concat"},
]
every_way = pytest.mark.parametrize("picture", WAYS)
every_decoder = pytest.mark.parametrize("decoder", DECODERS, ids=lambda d: "-".join(map(str, d.values())))
every_cell = pytest.mark.parametrize("cell", ["gru", "lstm"])


def captioner(**options: Any) -> Captioner:
    sizes = {"vocabulary": WORDS, "channels": [8, 16], "embedding": 10, "hidden": 14}
    network = Captioner(**(sizes | options)).double()
    # As after some training: an untrained picture's vector is 0 in evaluation as well.
    network.standardised.variance.fill_(1e-4)
    return network


def pictures(count: int = B) -> Tensor:
    return torch.randint(256, (count, 3, SIDE, SIDE), dtype=torch.uint8)


def targets() -> Tensor:
    target = torch.randint(4, WORDS, (len(OWNER), T))
    target[:, 0] = BOS
    for row, length in enumerate(LENGTHS.tolist()):
        target[row, length - 1] = EOS
        target[row, length:] = 0
    return target


@every_cell
@every_way
@every_decoder
def test_steps_say_what_whole_captions_say(picture: str, decoder: dict[str, Any], cell: str) -> None:
    network = captioner(picture=picture, cell=cell, layers=2, **decoder).eval()
    shown, target = pictures(), targets()
    loss = network.loss(shown, OWNER, target, LENGTHS)
    state, total = network.begin(shown).select(OWNER), 0.0
    for step in range(T - 1):
        log_probs, state, attention = network.writer.step(target[:, step], state)
        real = step + 1 < LENGTHS
        total -= log_probs.gather(1, target[:, step + 1 : step + 2])[real].sum().item()
        if attention is not None:
            assert attention.shape == (len(OWNER), PLACES)
            torch.testing.assert_close(attention.sum(1), torch.ones(len(OWNER), dtype=torch.double))
    assert loss.nll.item() == pytest.approx(total, rel=1e-6)
    assert loss.tokens == (LENGTHS - 1).sum()


@every_way
@every_decoder
def test_the_picture_reaches_every_word(picture: str, decoder: dict[str, Any]) -> None:
    network = captioner(picture=picture, **decoder).eval()
    first, second = network.begin(pictures(1)), network.begin(pictures(1))
    tokens = targets()[:1]
    one, other = (network.writer.decode(tokens, state).readouts for state in (first, second))
    assert (one - other).abs().amax(-1).min() > 1e-6


@every_way
def test_captions_of_one_picture_share_what_it_encodes(picture: str) -> None:
    """Encoded once or once for each caption: the same loss and the same gradient."""
    network, shown, target = captioner(picture=picture, attention="luong").eval(), pictures(), targets()
    found = []
    for each, owner in ((shown, OWNER), (shown[OWNER], torch.arange(len(OWNER)))):
        network.zero_grad()
        network.loss(each, owner, target, LENGTHS).total.backward()
        found.append([parameter.grad.clone() for parameter in network.encoder.parameters()])
    for one, other in zip(*found, strict=True):
        torch.testing.assert_close(one, other)


def test_in_evaluation_no_picture_depends_on_its_batch() -> None:
    network, shown = captioner(attention="bahdanau", score="concat").eval(), pictures()
    together, alone = network.begin(shown), network.begin(shown[1:2])
    torch.testing.assert_close(together.memory[1:2], alone.memory)
    torch.testing.assert_close(together.recurrent[0][:, 1:2], alone.recurrent[0])


@every_decoder
def test_searches_take_pictures_that_are_encoded_already(decoder: dict[str, Any]) -> None:
    network = captioner(**decoder).eval()
    begun = Begun(network.writer, network.begin(pictures()))
    limits = torch.full((B,), 7)
    greedy = greedy_search(begun, *begun.places, max_lengths=limits, bos=BOS, eos=EOS)
    beam = beam_search(begun, *begun.places, max_lengths=limits, beam=1, bos=BOS, eos=EOS)
    assert [each.tokens for each in greedy] == [each.tokens for (each,) in beam]
    places = None if decoder["attention"] == "none" else PLACES
    for each in greedy:
        assert (each.attention.shape[1] if each.attention is not None else None) == places


def test_shapes_hold(checked: Any) -> None:
    network = checked.captioner.Captioner(
        vocabulary=WORDS, channels=[8, 16, 24], embedding=10, hidden=14, picture="every", layers=2
    )
    network.loss(pictures(), OWNER, targets(), LENGTHS).total.backward()
    assert network.begin(pictures()).memory.shape == (B, 4, 14)


# ----------------------------------------------------------------------------------- variation


def test_nothing_to_vary_varies_nothing() -> None:
    shown = pictures()
    assert torch.equal(varied(shown, flips=False, crops=0.0), shown)


def test_flips_mirror_about_half() -> None:
    shown = pictures(1).expand(400, -1, -1, -1)
    found = varied(shown, flips=True, crops=0.0)
    same, mirrored = (found == shown).flatten(1).all(1), (found == shown.flip(3)).flatten(1).all(1)
    assert (same ^ mirrored).all()
    assert 150 < mirrored.sum() < 250


def test_crops_keep_size_and_order_and_cut_no_more_than_told() -> None:
    """Of a picture whose pixels are numbered, what is left are rising numbers of a window."""
    column = torch.arange(SIDE, dtype=torch.uint8)
    shown = column.expand(50, 3, SIDE, SIDE)
    found = varied(shown, flips=False, crops=0.25)
    assert found.shape == shown.shape
    steps = found.long().diff(dim=3)
    assert steps.min() >= 0
    assert (found[..., -1].long() - found[..., 0].long()).min() >= 0.75 * SIDE - 2
    assert len({tuple(row.tolist()) for row in found[:, 0, 0]}) > 10


# ------------------------------------------------------------------------------ standardisation


def test_standardised_is_batch_normalisation() -> None:
    ours, theirs = Standardised(7), torch.nn.BatchNorm1d(7, affine=False, momentum=0.3)
    for _ in range(5):
        rows = 3 + 2 * torch.randn(11, 7)
        torch.testing.assert_close(ours(rows), theirs(rows))
    torch.testing.assert_close(ours.mean, theirs.running_mean)
    # torch keeps the unbiased variance.
    ours.eval(), theirs.eval()
    torch.testing.assert_close(ours(rows), theirs(rows), rtol=0.06, atol=0.01)


def test_a_single_row_is_the_average_picture() -> None:
    assert torch.equal(Standardised(5)(torch.randn(1, 5)), torch.zeros(1, 5))
