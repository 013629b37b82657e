"""Encoder-decoder and its improvements: context vector, softmax, start and end, embeddings."""

from collections.abc import Iterator
from dataclasses import replace
from functools import partial

import torch
from jaxtyping import Float, Int
from torch import Tensor
from torch.nn import functional as F

from pipeline.nn.budget import count_parameters
from pipeline.nn.classifier import Classifier
from pipeline.nn.decoder import State
from pipeline.nn.embedding import build_embedding
from pipeline.nn.translator import Translator
from pipeline.probes.identities.check import About, Check, Checks, normal, shape
from pipeline.probes.identities.small import (
    BOS,
    EOS,
    LIMIT,
    PAD,
    VOCABULARY,
    Recorder,
    settings,
    sources,
    spelled,
    translator,
)
from pipeline.search.greedy import greedy_search

LONG = 9
"""Most words in the checks of start and end."""
SURE = 1e3


def context_vector() -> Iterator[Check]:
    about = About("seq2seq-context-vector")
    source, lengths = sources()
    tokens = torch.randint(VOCABULARY, (len(source), 5))
    plain = translator(attention="none", layers=2, bidirectional=False)
    state = plain.init_state(source, lengths)
    memory, final = plain.encoder(plain.embedding(source) * 5**0.5, lengths)
    bridged = [bridge(part) for bridge, part in zip(plain.bridge, torch.cat(final), strict=True)]
    begin = torch.cat((torch.stack(bridged[:2]).tanh(), torch.stack(bridged[2:])))
    check = "the decoder's start against the encoder's last (h, c), each level through one layer"
    yield about.near(check, torch.cat(state.recurrent), begin)
    other = normal(*shape(memory))
    check = "{} attention, outputs when every state of the encoder is another, but (h, c) the same"
    for attention in ("none", "luong"):
        network = translator(attention=attention)
        state = network.init_state(source, lengths)
        changed = replace(state, memory=other, keys=network.writer.decoder.keys(other))
        one, another = (network.writer.decode(tokens, each).readouts for each in (state, changed))
        if attention == "none":
            yield about.near(check.format("without"), another, one)
        else:
            yield about.differ(check.format("with"), another, one)


def softmax() -> Iterator[Check]:
    about = About("seq2seq-softmax")
    network, (source, lengths) = translator(), sources()
    state, tokens = network.init_state(source, lengths), torch.full((len(source),), BOS)
    dense = network.writer.output
    yield about.equal("neurons of the dense layer, for a vocabulary of 7", dense.out_features, VOCABULARY)
    log_probs = network.step(tokens, state)[0]
    yield about.equal("scores of 3 rows: shape", shape(log_probs), (3, VOCABULARY))
    logits = dense(network.writer.decode(tokens.unsqueeze(1), state).readouts.squeeze(1))
    yield about.near(
        "log-softmax of dense(hidden state) against the step's scores", logits.log_softmax(-1), log_probs
    )
    yield about.near(
        "sum of a row's probabilities, against 1", log_probs.exp().sum(-1), torch.ones(3).double()
    )
    check = "likeliest word of each row by logits and by probabilities"
    by_logits, by_chances = (scores.argmax(-1).tolist() for scores in (logits, log_probs.exp()))
    yield about.equal(check, spelled([by_logits]), spelled([by_chances]))
    found = [each.tokens for each in greedy_search(network, source, lengths, **settings(3, LONG))]
    wanted = [likeliest_words(network, row, length) for row, length in zip(source, lengths, strict=True)]
    yield about.equal(
        "greedy search against the likeliest word, step by step", spelled(found), spelled(wanted)
    )


def likeliest_words(network: Translator, row: Tensor, length: Tensor) -> list[int]:
    """By the softmax, until it is the end's turn; one sentence."""
    state = network.init_state(row[:length].unsqueeze(0), length.unsqueeze(0))
    words = [BOS]
    while words[-1] != EOS and len(words) <= LONG:
        log_probs, state, _ = network.step(torch.tensor(words[-1:]), state)
        chances = log_probs[0].exp()
        chances[[PAD, BOS]] = 0
        words.append(int(chances.argmax()))
    return [word for word in words[1:] if word != EOS]


def embeddings() -> Iterator[Check]:
    about = About("seq2seq-embeddings")
    tokens = torch.randint(11, (3, 7))
    table = build_embedding(11, 5).double()
    looked = table(tokens)
    matrix = table.weight.detach().clone().requires_grad_()
    multiplied = F.one_hot(tokens, 11).double() @ matrix
    yield about.near("one-hot words times a matrix against an embedding's rows", multiplied, looked)
    for outputs in (looked, multiplied):
        (outputs**2).sum().backward()
    assert table.weight.grad is not None
    assert matrix.grad is not None
    yield about.near("gradient of the matrix against that of the embedding", matrix.grad, table.weight.grad)
    vocabulary, size, hidden = 1000, 16, 64
    make = partial(Classifier, vocabulary=vocabulary, classes=2, embedding=size, hidden=hidden)
    one_hot, embedded = make(inputs="one_hot"), make(inputs="embedding")
    check = "parameters that read 1,000 one-hot words into an LSTM of 64 units: V times 4H"
    yield about.equal(check, count_parameters(one_hot.embedding), vocabulary * 4 * hidden)
    through = count_parameters(embedded.embedding) + embedded.recurrent.weights(0).input.numel()
    check = "parameters that read them through an embedding of 16: V times D and D times 4H"
    yield about.equal(check, through, vocabulary * size + size * 4 * hidden)


def start_and_end() -> Iterator[Check]:
    about = About("decoding-start-stop")
    source, lengths = sources(rows=1)
    network = translator()
    network.writer.output.bias.data[EOS] = -SURE
    asked = Recorder(network)
    (endless,) = greedy_search(asked, source, lengths, **settings(1, LONG))
    yield about.equal("first word that the decoder reads, <start> being 2", asked.read[0][0], BOS)
    read = [words[0] for words in asked.read[1:]]
    yield about.equal(
        "words it reads from then on, against its own outputs",
        spelled([read]),
        spelled([endless.tokens[:-1]]),
    )
    yield about.equal(
        f"words written where <end> never is the likeliest, of at most {LONG}", len(endless.tokens), LONG
    )
    patient = EndsAfter(network, words=LIMIT)
    (ended,) = greedy_search(patient, source, lengths, **settings(1, LONG))
    check = f"words written where <end> is the likeliest after {LIMIT}, of at most {LONG}"
    yield about.equal(check, len(ended.tokens), LIMIT)


class EndsAfter(Recorder):
    """A model that is sure of the end once it has read so many words."""

    def __init__(self, model: Translator, *, words: int) -> None:
        super().__init__(model)
        self.words = words

    def step(
        self, tokens: Int[Tensor, "N"], state: State
    ) -> tuple[Float[Tensor, "N V"], State, Float[Tensor, "N S"] | None]:
        log_probs, state, attention = super().step(tokens, state)
        if len(self.read) > self.words:
            log_probs[:, EOS] = 0.0
        return log_probs, state, attention


CHECKS: list[Checks] = [context_vector, softmax, embeddings, start_and_end]
