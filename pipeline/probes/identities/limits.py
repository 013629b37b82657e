"""Limitations: which steps wait for which."""

from collections.abc import Iterator

import torch
from torch import Tensor, nn
from torch.autograd.functional import jacobian
from torch.autograd.graph import Node

from pipeline.nn.cells import GRU, LSTM, RNN
from pipeline.nn.translator import Translator
from pipeline.probes.identities.check import About, Check, Checks, normal
from pipeline.probes.identities.small import VOCABULARY, translator

SIZE, UNITS, STEPS = 5, 7, 11
WORDS = (7, 5)
"""S and T of the shortest pair of texts."""
BATCH = 64


def sequential() -> Iterator[Check]:
    about = About("limits-sequential")
    for kind in (RNN, GRU, LSTM):
        least = jacobian_norms(kind(input_size=SIZE, hidden_size=UNITS).double()).min().item()
        check = f"{kind.__name__}: least norm of ∂h_t/∂h_{{t-1}} over {STEPS} steps: none can start early"
        yield about.above(check, least, 1e-3)

    network = translator(attention="bahdanau", score="concat", bidirectional=False)
    source, target = WORDS
    base = chain(network, source, target)
    per_source = chain(network, source + 1, target) - base
    per_target = chain(network, source, target + 1) - base
    waiting = "operations that wait for each other"
    yield about.above(f"{waiting}: how many more with one more source word", per_source, 0)
    yield about.above(f"{waiting}: how many more with one more target word", per_target, 0)
    check = f"{waiting}, with 3 more source and 4 more target words: what each adds, no product"
    more = chain(network, source + 3, target + 4)
    yield about.equal(check, more, base + 3 * per_source + 4 * per_target)
    batch = chain(network, source, target, batch=BATCH)
    yield about.equal(f"{waiting}, in a batch of {BATCH} pairs against one: rows wait for none", batch, base)
    short, long = (depth(convolved(words)) for words in (7, 14))
    yield about.equal(f"{waiting}, in a convolution over 14 words against 7", long, short)


def jacobian_norms(cell: RNN | GRU | LSTM) -> Tensor:
    """Of every step's h by the h before it."""
    inputs = normal(STEPS, SIZE)
    hidden = cell(inputs).hidden.detach()
    norms = []
    for t in range(1, STEPS):
        derivatives = jacobian(lambda h, t=t: cell(inputs[t : t + 1], h).hidden[0], hidden[t - 1])
        assert isinstance(derivatives, Tensor)
        norms.append(derivatives.norm())
    return torch.stack(norms)


def chain(network: Translator, source: int, target: int, *, batch: int = 1) -> int:
    """Longest chain of operations, each of which needs the one before, from the first word to the last."""
    texts = torch.randint(4, 11, (batch, source))
    state = network.init_state(texts, torch.full((batch,), source))
    return depth(network.writer.decode(torch.randint(VOCABULARY, (batch, target)), state).readouts)


def convolved(words: int) -> Tensor:
    """A convolution's answer to a text of so many words: its largest value at any place."""
    outputs: Tensor = nn.Conv1d(SIZE, UNITS, 3).double()(normal(1, SIZE, words)).amax(-1)
    return outputs


def depth(result: Tensor) -> int:
    """Of the graph of operations that autograd has noted for a result."""
    assert result.grad_fn is not None
    depths: dict[Node, int] = {}
    open_nodes = [result.grad_fn]
    while open_nodes:
        node = open_nodes[-1]
        below = [each for each, _ in node.next_functions if each is not None]
        waiting = [each for each in below if each not in depths]
        if waiting:
            open_nodes += waiting
        else:
            depths[open_nodes.pop()] = 1 + max((depths[each] for each in below), default=0)
    return depths[result.grad_fn]


CHECKS: list[Checks] = [sequential]
