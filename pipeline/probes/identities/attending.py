"""Attention, Bahdanau's and Luong's: weights, what has parameters, and who asks when."""

from collections.abc import Iterator

import torch
from jaxtyping import Float
from torch import Tensor, nn

from pipeline.nn.attention import AdditiveScore, Attention, Score, attention_weights, build_score
from pipeline.nn.budget import count_parameters
from pipeline.nn.decoder import AttentiveDecoder, Decoded, LuongDecoder
from pipeline.nn.recurrent import Recurrent
from pipeline.nn.translator import Translator
from pipeline.nn.writer import Writer
from pipeline.probes.identities.check import About, Check, Checks, normal, shape, told
from pipeline.probes.identities.small import VOCABULARY, sources, translator

HIDDEN, OUTPUTS = 512, 8000
"""H and V of the account of Luong's output layer."""
WORD = 5
"""j, of the checks of timing."""


def weights() -> Iterator[Check]:
    about = About("attention-weights")
    everywhere = torch.ones(3, 7, dtype=torch.bool)
    scores = 5 * normal(3, 4, 7)
    alpha = attention_weights(scores, everywhere)
    yield about.equal("weights of 3 texts, 4 target and 7 source words: shape", shape(alpha), (3, 4, 7))
    yield about.within("softmax of scores of both signs: weights", alpha, 0, 1)
    yield about.near(
        "softmax of scores of both signs: sum over the source, against 1",
        alpha.sum(-1),
        torch.ones(3, 4).double(),
    )
    positive = scores.abs()
    divided = attention_weights(positive, everywhere, "sum")
    yield about.within("e / Σe of positive scores: weights", divided, 0, 1)
    yield about.near(
        "e / Σe of positive scores: sum over the source, against 1",
        divided.sum(-1),
        torch.ones(3, 4).double(),
    )
    check = "softmax(e) against e / Σe of exp(e)"
    yield about.near(check, alpha, attention_weights(scores.exp(), everywhere, "sum"))
    for words, found in (("a negative score", (3.0, -1.0)), ("scores whose sum is zero", (1.0, -1.0))):
        row = torch.tensor([[found]], dtype=torch.float64)
        ratio = attention_weights(row, torch.ones(1, 2, dtype=torch.bool), "sum")
        yield about.within(f"e / Σe with {words}, {found[0]:g} and {found[1]:g}", ratio, 0, 1)


def not_parameters() -> Iterator[Check]:
    about = About("attention-not-parameters")
    network = translator()
    counts = [count_parameters(network)]
    for source_words, target_words in ((7, 4), (14, 9)):
        alpha = attended(network, *sentences(source_words, target_words))
        check = f"weights of {source_words} source and {target_words} target words, target by source: shape"
        yield about.equal(check, shape(alpha[0]), (target_words, source_words))
        counts.append(count_parameters(network))
    check = "parameters of the network before, after one and after both of these texts"
    yield about.equal(check, listed(counts), listed(counts[:1] * 3))
    own = count_parameters(Attention(score="dot", size=8))
    yield about.equal("parameters of attention itself, with a dot score", own, 0)

    h, c, other = normal(1, 1, 8), normal(1, 1, 8), normal(1, 1, 8)
    by_h, by_both = (
        Attention(score="general", size=8, query=query).double() for query in ("hidden", "hidden_and_cell")
    )
    asked = [(shape(each.query((h, c))[0])) for each in (by_h, by_both)]
    yield about.equal(
        "numbers that ask: h of 8, and h with c", f"{asked[0]} and {asked[1]}", "(8,) and (16,)"
    )
    memory, everywhere = normal(1, 7, 8), torch.ones(1, 7, dtype=torch.bool)
    rows = [
        [each(each.query((h, cell)).unsqueeze(1), each.keys(memory), everywhere) for cell in (c, other)]
        for each in (by_h, by_both)
    ]
    yield about.near("weights for another c, where h asks", *rows[0])
    yield about.differ("weights for another c, where h and c ask", *rows[1])


def parts() -> Iterator[Check]:
    about = About("bahdanau-luong")
    size = 64
    wanted: dict[Score, int] = {"dot": 0, "general": size**2, "concat": 2 * size**2 + 2 * size}
    formulas = {"dot": "0", "general": "H²", "concat": "2H² + 2H"}
    for score, count in wanted.items():
        found = count_parameters(build_score(score, query_size=size, memory_size=size))
        yield about.equal(f"parameters of the {score} score at H = {size}: {formulas[score]}", found, count)
    reading, alone = (
        Writer(vocabulary=VOCABULARY, embedding=32, hidden=size, attention=name).decoder.get_submodule(
            "recurrent"
        )
        for name in ("bahdanau", "luong")
    )
    more = count_parameters(reading) - count_parameters(alone)
    yield about.equal("parameters that the context costs in Bahdanau's LSTM cell: 4H²", more, 4 * size**2)


def timing() -> Iterator[Check]:
    about = About("luong-timing")
    source, tokens = sentences(7, WORD)
    cases = {
        "Bahdanau": translator(attention="bahdanau", score="concat"),
        "Luong": translator(attention="luong", score="general"),
        "Luong, asking before": translator(attention="luong", score="general", asks="before"),
    }
    for name, network in cases.items():
        alpha = attended(network, source, tokens)[:, -1]
        before, after = (asked_by(network, source, tokens[:, :words]) for words in (WORD - 1, WORD))
        asking, silent = (after, before) if name == "Luong" else (before, after)
        states = ("s_j", "s_{j-1}") if name == "Luong" else ("s_{j-1}", "s_j")
        yield about.near(f"{name}: the weights of word j against the scores of {states[0]}", alpha, asking)
        yield about.differ(f"{name}: the weights of word j against the scores of {states[1]}", alpha, silent)


def output_layer() -> Iterator[Check]:
    about = About("luong-output-layer")
    additive = count_parameters(AdditiveScore(query_size=HIDDEN, memory_size=HIDDEN))
    sizes = f"H = {HIDDEN}, V = {OUTPUTS:,}"
    check = f"parameters of the additive network, {sizes}: 2H² + 2H"
    yield about.equal(check, additive, 2 * HIDDEN**2 + 2 * HIDDEN)
    widened = count_parameters(nn.Linear(2 * HIDDEN, OUTPUTS)) - count_parameters(nn.Linear(HIDDEN, OUTPUTS))
    check = "parameters that [s; c] adds to the dense layer, as written: V·H"
    yield about.equal(check, widened, OUTPUTS * HIDDEN)
    layers = Recurrent(input_size=1, hidden_size=HIDDEN, recurrent_init="default")
    attention = Attention(score="dot", size=HIDDEN)
    combined = LuongDecoder(layers, attention, readout=HIDDEN).combine.weight.numel()
    yield about.equal("parameters of Luong's W_c, a layer before the dense one: 2H²", combined, 2 * HIDDEN**2)
    check = "{} costs no more parameters than an additive network"
    yield about.at_most(check.format("[s; c] into the dense layer, as written,"), widened, additive)
    yield about.at_most(check.format("Luong's W_c"), combined, additive)


def sentences(source_words: int, target_words: int) -> tuple[Tensor, Tensor]:
    """One random text, and words to read after it."""
    return sources(1, source_words)[0], torch.randint(VOCABULARY, (1, target_words))


def listed(counts: list[int]) -> str:
    return ", ".join(map(told, counts))


def decode(network: Translator, source: Tensor, tokens: Tensor) -> Decoded:
    state = network.init_state(source, torch.tensor([source.shape[1]]))
    return network.writer.decode(tokens, state)


def attended(network: Translator, source: Tensor, tokens: Tensor) -> Float[Tensor, "1 T S"]:
    alpha = decode(network, source, tokens).attention
    assert alpha is not None
    return alpha


def asked_by(network: Translator, source: Tensor, tokens: Tensor) -> Tensor:
    """The weights for which the state after these words asks."""
    state = decode(network, source, tokens).state
    decoder = network.writer.decoder
    assert isinstance(decoder, AttentiveDecoder)
    attend = decoder.attention.stepwise(state.keys, state.memory_mask)
    return attend(decoder.attention.query(state.recurrent))[:, 0]


CHECKS: list[Checks] = [weights, not_parameters, parts, timing, output_layer]
