from typing import Any

import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from pipeline.nn.translator import Translator
from pipeline.nn.writer import embed

BOS, EOS = 2, 3
SOURCE_WORDS, TARGET_WORDS = 23, 29
B, S, T = 3, 7, 5
SOURCE_LENGTHS, TARGET_LENGTHS = torch.tensor([7, 2, 5]), torch.tensor([4, 5, 2])

DECODERS: list[dict[str, Any]] = [
    {"attention": "none"},
    {"attention": "luong", "score": "dot"},
    {"attention": "luong", "score": "general"},
    {"attention": "luong", "score": "concat"},
    {"attention": "luong", "score": "general", "input_feeding": True},
    {"attention": "luong", "score": "concat", "input_feeding": True},
    {"attention": "luong", "score": "general", "asks": "before"},
    {"attention": "luong", "score": "concat", "input_feeding": True, "asks": "before"},
    {"attention": "luong", "score": "general", "query": "hidden_and_cell"},
    {"attention": "luong", "score": "concat", "query": "hidden_and_cell", "asks": "before"},
    {"attention": "bahdanau", "score": "concat"},
    {"attention": "bahdanau", "score": "dot"},
    {"attention": "bahdanau", "score": "general", "query": "hidden_and_cell"},
]
every_decoder = pytest.mark.parametrize("decoder", DECODERS, ids=lambda d: "-".join(map(str, d.values())))
every_cell_and_decoder = pytest.mark.parametrize(
    ("cell", "decoder"),
    [
        (cell, decoder)
        for cell in ("gru", "lstm")
        for decoder in DECODERS
        if cell == "lstm" or decoder.get("query") != "hidden_and_cell"  # a GRU has no cell state
    ],
    ids=lambda part: part if isinstance(part, str) else "-".join(map(str, part.values())),
)


def translator(**options: Any) -> Translator:
    sizes = {
        "source_vocabulary": SOURCE_WORDS,
        "target_vocabulary": TARGET_WORDS,
        "embedding": 10,
        "hidden": 14,
    }
    return Translator(**(sizes | options)).double()


def rows(words: int, width: int) -> Tensor:
    return torch.randint(4, words, (B, width))


def targets() -> Tensor:
    target = rows(TARGET_WORDS, T)
    target[:, 0] = BOS
    for row, length in enumerate(TARGET_LENGTHS.tolist()):
        target[row, length - 1] = EOS
        target[row, length:] = 0
    return target


@every_cell_and_decoder
@pytest.mark.parametrize("layers", [1, 2])
def test_steps_equal_the_whole(cell: str, decoder: dict[str, Any], layers: int) -> None:
    """Word by word, as search does, the log-probabilities add up to the training loss."""
    model = translator(cell=cell, layers=layers, **decoder).eval()
    source, target = rows(SOURCE_WORDS, S), targets()
    loss = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS)
    state = model.init_state(source, SOURCE_LENGTHS)
    nll = torch.zeros((), dtype=torch.float64)
    for position in range(T - 1):
        log_probs, state, attention = model.step(target[:, position], state)
        torch.testing.assert_close(log_probs.exp().sum(1), torch.ones(B, dtype=torch.float64))
        real = position + 1 < TARGET_LENGTHS
        nll -= log_probs.gather(1, target[:, position + 1 : position + 2])[real].sum()
        if decoder["attention"] == "none":
            assert attention is None
        else:
            torch.testing.assert_close(attention.sum(1), torch.ones(B, dtype=torch.float64))
            assert not attention[1, 2:].any()
    torch.testing.assert_close(loss.nll, nll.detach(), atol=1e-6, rtol=0)
    torch.testing.assert_close(loss.total, nll, atol=1e-6, rtol=0)
    assert int(loss.tokens) == 3 + 4 + 1


@every_cell_and_decoder
def test_gradients_equal_those_of_single_steps(cell: str, decoder: dict[str, Any]) -> None:
    """The batched attention and the postponed weight gradients against autograd through `step`."""
    model = translator(cell=cell, layers=2, **decoder).eval()
    source, target = rows(SOURCE_WORDS, S), targets()
    total = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS, label_smoothing=0.1).total
    state = model.init_state(source, SOURCE_LENGTHS)
    stepped = torch.zeros((), dtype=torch.float64)
    for position in range(T - 1):
        log_probs, state, _ = model.step(target[:, position], state)
        real = position + 1 < TARGET_LENGTHS
        wanted = target[real, position + 1]
        stepped = stepped + F.cross_entropy(log_probs[real], wanted, reduction="sum", label_smoothing=0.1)
    parameters = list(model.parameters())
    torch.testing.assert_close(
        torch.autograd.grad(total, parameters, allow_unused=True),
        torch.autograd.grad(stepped, parameters, allow_unused=True),
        atol=1e-9,
        rtol=0,
    )


@every_cell_and_decoder
def test_padding_changes_no_loss(cell: str, decoder: dict[str, Any]) -> None:
    model = translator(cell=cell, **decoder).eval()
    source, target = rows(SOURCE_WORDS, S), targets()
    batch = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS, label_smoothing=0.1)
    alone = torch.zeros((), dtype=torch.float64)
    for row, (s, t) in enumerate(zip(SOURCE_LENGTHS.tolist(), TARGET_LENGTHS.tolist(), strict=True)):
        one = slice(row, row + 1)
        alone += model.loss(
            source[one, :s], SOURCE_LENGTHS[one], target[one, :t], TARGET_LENGTHS[one], label_smoothing=0.1
        ).total.detach()
    torch.testing.assert_close(batch.total.detach(), alone, atol=1e-10, rtol=0)


@every_decoder
def test_select_keeps_rows_whole(decoder: dict[str, Any]) -> None:
    model = translator(**decoder).eval()
    source = rows(SOURCE_WORDS, S)
    _, state, _ = model.step(torch.full((B,), BOS), model.init_state(source, SOURCE_LENGTHS))
    tokens = torch.tensor([5, 7, 11])
    log_probs, _, attention = model.step(tokens, state)
    chosen = torch.tensor([2, 0, 0, 1, 2])
    selected, _, selected_attention = model.step(tokens[chosen], state.select(chosen))
    torch.testing.assert_close(selected, log_probs[chosen], atol=1e-10, rtol=0)
    if attention is not None:
        torch.testing.assert_close(selected_attention, attention[chosen], atol=1e-10, rtol=0)


@every_decoder
def test_scheduled_sampling_reads_own_words(decoder: dict[str, Any]) -> None:
    model = translator(**decoder).eval()
    source, target = rows(SOURCE_WORDS, S), targets()
    forced = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS)
    own = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS, teacher_forcing=0.0)
    state, tokens = model.init_state(source, SOURCE_LENGTHS), target[:, 0]
    nll = torch.zeros((), dtype=torch.float64)
    for position in range(T - 1):
        log_probs, state, _ = model.step(tokens, state)
        real = position + 1 < TARGET_LENGTHS
        nll -= log_probs.gather(1, target[:, position + 1 : position + 2])[real].sum()
        tokens = log_probs.argmax(1)
    torch.testing.assert_close(own.nll, nll.detach(), atol=1e-6, rtol=0)
    assert abs(float(own.nll - forced.nll)) > 1e-3
    nearly = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS, teacher_forcing=1 - 1e-9)
    torch.testing.assert_close(nearly.nll, forced.nll, atol=1e-6, rtol=0)


def test_a_gru_has_no_cell_state_to_ask_with() -> None:
    with pytest.raises(ValueError, match="query hidden_and_cell: a gru has no cell state"):
        Translator(source_vocabulary=7, target_vocabulary=7, cell="gru", query="hidden_and_cell")


def test_the_state_before_a_word_asks_as_the_state_after_the_word_before() -> None:
    """s_{j-1} at word j looks where s_j did at word j - 1; at the first word the bridge's state asks."""
    after, before = (translator(cell="gru", attention="luong", asks=asks) for asks in ("after", "before"))
    before.load_state_dict(after.state_dict())
    source, target = rows(SOURCE_WORDS, S), targets()
    looked = [
        model.eval().writer.decode(target, model.init_state(source, SOURCE_LENGTHS)).attention
        for model in (after, before)
    ]
    torch.testing.assert_close(looked[1][:, 1:], looked[0][:, :-1], atol=1e-12, rtol=0)
    state = before.init_state(source, SOURCE_LENGTHS)
    scores = before.writer.decoder.attention.score(state.recurrent[0][-1].unsqueeze(1), state.keys)
    expected = scores.masked_fill(~state.memory_mask.unsqueeze(1), -torch.inf).softmax(-1)
    torch.testing.assert_close(looked[1][:, :1], expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("cell", ["gru", "lstm"])
def test_what_the_decoder_starts_from(cell: str) -> None:
    source = rows(SOURCE_WORDS, S)
    base = translator(cell=cell, layers=2, attention="none").eval()
    memory, final = base.encoder(embed(base.embedding, source, base.dropout), SOURCE_LENGTHS)
    mean = torch.stack([memory[row, :length].mean(0) for row, length in enumerate(SOURCE_LENGTHS.tolist())])
    read = {
        "levels": lambda part, layer: final[part][layer],
        "top": lambda part, layer: final[part][1],
        "hidden": lambda part, layer: torch.zeros_like(mean) if part else final[0][layer],
        "mean": lambda part, layer: mean,
    }
    for context, wanted in read.items():
        model = translator(cell=cell, layers=2, attention="none", context=context).eval()
        model.load_state_dict(base.state_dict())
        state = model.init_state(source, SOURCE_LENGTHS).recurrent
        for part, found in enumerate(state):
            for layer in range(2):
                bridged = model.bridge[2 * part + layer](wanted(part, layer))
                expected = bridged if part else bridged.tanh()
                torch.testing.assert_close(found[layer], expected, atol=1e-12, rtol=0)


@pytest.mark.parametrize("decoder", [{"attention": "none"}, {"attention": "luong"}])
def test_a_reversed_source_is_read_from_its_end_and_attended_where_it_stands(decoder: dict[str, Any]) -> None:
    model = translator(bidirectional=False, reversed=True, **decoder).eval()
    plain = translator(bidirectional=False, **decoder).eval()
    plain.load_state_dict(model.state_dict())
    source, first = rows(SOURCE_WORDS, S), torch.full((B,), BOS)
    turned = source.clone()
    for row, length in enumerate(SOURCE_LENGTHS.tolist()):
        turned[row, :length] = source[row, :length].flip(0)
    log_probs, _, looked = model.step(first, model.init_state(source, SOURCE_LENGTHS))
    expected, _, expected_looked = plain.step(first, plain.init_state(turned, SOURCE_LENGTHS))
    torch.testing.assert_close(log_probs, expected, atol=1e-10, rtol=0)
    if looked is not None and expected_looked is not None:
        for row, length in enumerate(SOURCE_LENGTHS.tolist()):
            torch.testing.assert_close(looked[row, :length], expected_looked[row, :length].flip(0))


@pytest.mark.parametrize(
    "decoder", [{"attention": "none"}, {"attention": "luong"}, {"attention": "bahdanau"}]
)
def test_tied_embeddings_are_one_matrix(decoder: dict[str, Any]) -> None:
    model = translator(tied_embeddings=True, **decoder)
    assert model.writer.output.weight is model.writer.embedding.weight
    assert model.embedding is not model.writer.embedding
    joint = translator(
        tied_embeddings=True, joint_vocabulary=True, source_vocabulary=29, target_vocabulary=29, **decoder
    )
    assert joint.embedding is joint.writer.embedding
    joint.loss(rows(SOURCE_WORDS, S), SOURCE_LENGTHS, targets(), TARGET_LENGTHS).total.backward()
    assert joint.writer.output.weight.grad.abs().sum() > 0


@every_decoder
def test_bfloat16_stays_near_float32(decoder: dict[str, Any]) -> None:
    model = translator(**decoder).float()
    source, target = rows(SOURCE_WORDS, S), targets()
    exact = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS)
    with torch.autocast("cpu", torch.bfloat16):
        near = model.loss(source, SOURCE_LENGTHS, target, TARGET_LENGTHS)
    near.total.backward()
    torch.testing.assert_close(near.total, exact.total, rtol=0.01, atol=0)
    assert all(parameter.grad is None or parameter.grad.isfinite().all() for parameter in model.parameters())


@pytest.mark.parametrize("decoder", [{"attention": "luong"}, {"attention": "bahdanau"}])
def test_learns_to_reverse(decoder: dict[str, Any]) -> None:
    """Six words backwards; greedy decoding gives whole sentences right."""
    words = 12
    model = Translator(source_vocabulary=words, target_vocabulary=words, embedding=16, hidden=32, **decoder)
    optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
    lengths = torch.full((64,), 6)

    def batch() -> tuple[Tensor, Tensor]:
        source = torch.randint(4, words, (64, 6))
        ends = torch.full((64, 1), BOS), torch.full((64, 1), EOS)
        return source, torch.cat((ends[0], source.flip(1), ends[1]), 1)

    for _ in range(150):
        source, target = batch()
        loss = model.loss(source, lengths, target, lengths + 2)
        optimizer.zero_grad()
        (loss.total / loss.tokens).backward()
        optimizer.step()
    model.eval()
    source, target = batch()
    state, tokens, said = model.init_state(source, lengths), target[:, 0], []
    with torch.no_grad():
        for _ in range(6):
            log_probs, state, _ = model.step(tokens, state)
            tokens = log_probs.argmax(1)
            said.append(tokens)
    right = (torch.stack(said, 1) == source.flip(1)).all(1)
    assert float(right.float().mean()) > 0.9
