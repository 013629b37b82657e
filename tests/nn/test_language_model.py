"""A language model: its loss, its state from window to window, and what a search asks of it."""

from typing import Any

import pytest
import torch
from torch.nn import functional as F

from pipeline.nn.language_model import LanguageModel
from pipeline.search.beam import beam_search
from pipeline.search.sample import sample

V, D, H, B, S = 17, 5, 7, 3, 11
OPTIONS: list[dict[str, Any]] = [
    {},
    {"layers": 2, "cell": "gru"},
    {"hidden": 5, "tied_embeddings": True},
    {"recurrent_dropout": "zoneout", "recurrent_dropout_share": 0.3},
]


def network(**options: Any) -> LanguageModel:
    torch.manual_seed(7)
    return LanguageModel(**({"vocabulary": V, "embedding": D, "hidden": H} | options)).double()


@pytest.fixture
def text() -> tuple[torch.Tensor, torch.Tensor]:
    torch.manual_seed(3)
    ids = torch.randint(3, V, (B, S + 1))
    return ids[:, :-1], ids[:, 1:]


@pytest.mark.parametrize("options", OPTIONS)
def test_probabilities_of_all_words_add_up_to_one(options: dict[str, Any], text: Any) -> None:
    model, (tokens, _) = network(**options).eval(), text
    each = [model.log_probabilities(tokens, torch.full_like(tokens, word))[0].exp() for word in range(V)]
    assert torch.stack(each).sum(0).allclose(torch.ones(B, S, dtype=torch.float64))
    assert not each[0].any()  # padding
    assert not each[2].any()  # start of sentence


@pytest.mark.parametrize("options", OPTIONS)
def test_loss_is_the_sum_over_real_targets(options: dict[str, Any], text: Any) -> None:
    model, (tokens, targets) = network(**options).eval(), text
    targets = targets.clone()
    targets[1, 7:] = 0
    found, _ = model.loss(tokens, targets)
    each, _ = model.log_probabilities(tokens, targets)
    assert found.item() == pytest.approx(-each[targets != 0].sum().item())


def test_the_loss_is_cross_entropy_of_the_output_layer(text: Any) -> None:
    model, (tokens, targets) = network().eval(), text
    outputs, _ = model.recurrent(model.embedding(tokens))
    logits = model.output(outputs)
    logits[..., [0, 2]] = -torch.inf
    expected = F.cross_entropy(logits.flatten(0, 1), targets.flatten(), reduction="sum")
    assert model.loss(tokens, targets)[0].item() == pytest.approx(expected.item())


@pytest.mark.parametrize("options", OPTIONS)
def test_windows_with_carried_state_are_the_whole_text(options: dict[str, Any], text: Any) -> None:
    model, (tokens, targets) = network(**options).eval(), text
    whole, _ = model.log_probabilities(tokens, targets)
    first, state = model.log_probabilities(tokens[:, :4], targets[:, :4])
    second, _ = model.log_probabilities(tokens[:, 4:], targets[:, 4:], state)
    assert torch.cat([first, second], 1).allclose(whole)
    cold, _ = model.log_probabilities(tokens[:, 4:], targets[:, 4:])
    assert not cold.allclose(second)


def test_no_gradient_goes_back_over_a_window(text: Any) -> None:
    model, (tokens, targets) = network(), text
    _, state = model.loss(tokens, targets)
    assert not any(part.requires_grad for part in state)


def test_no_word_is_seen_before_it_is_predicted(text: Any) -> None:
    model, (tokens, targets) = network(layers=2).eval(), text
    changed = tokens.clone()
    changed[:, 6] = (changed[:, 6] - 2) % (V - 3) + 3
    before, after = (model.log_probabilities(read, targets)[0] for read in (tokens, changed))
    assert before[:, :6].equal(after[:, :6])
    assert not before[:, 6:].allclose(after[:, 6:])


def test_word_dropout_hides_a_type_wherever_it_stands(text: Any) -> None:
    model = network(word_dropout=0.5).train()
    tokens = torch.tensor([[3, 4, 3, 5, 3, 4]])
    seen: list[Any] = []
    model.recurrent.register_forward_pre_hook(lambda module, read: seen.append(read[0]))
    for _ in range(40):
        model(tokens)
    gone = torch.cat([(steps == 0).all(-1) for steps in seen])
    assert gone[:, 0].equal(gone[:, 2])
    assert gone[:, 0].equal(gone[:, 4])
    assert gone[:, 1].equal(gone[:, 5])
    assert 0 < gone[:, 0].sum() < 40
    kept = next(steps for steps, lost in zip(seen, gone, strict=True) if not lost[3])
    assert kept[0, 3].allclose(2 * model.embedding.weight[5])


def test_tied_matrices_are_one() -> None:
    tied = network(hidden=5, tied_embeddings=True)
    assert tied.output.weight is tied.embedding.weight
    with pytest.raises(ValueError, match="embedding 5 and hidden 7 differ"):
        network(tied_embeddings=True)


class TestSearch:
    @pytest.fixture
    def prompts(self) -> tuple[torch.Tensor, torch.Tensor]:
        return torch.tensor([[3, 5, 6, 7], [3, 9, 0, 0], [3, 0, 0, 0]]), torch.tensor([4, 2, 1])

    @pytest.mark.parametrize("options", OPTIONS)
    def test_a_step_goes_on_where_the_prompt_ends(self, options: dict[str, Any], prompts: Any) -> None:
        model = network(**options).eval()
        source, lengths = prompts
        found, state, _ = model.step(torch.full((3,), 2), model.init_state(source, lengths))
        second, _, _ = model.step(torch.tensor([8, 8, 8]), state)
        for row, length in enumerate(lengths.tolist()):
            for word in range(3, V):
                asked = torch.cat([source[row, :length], torch.tensor([8])])[None]
                wanted = torch.tensor([[*source[row, 1:length].tolist(), word, word]])
                expected, _ = model.log_probabilities(asked, wanted)
                assert found[row, word].item() == pytest.approx(expected[0, length - 1].item())
                assert second[row, word].item() == pytest.approx(expected[0, length].item())

    def test_beam_search_scores_what_it_finds(self, prompts: Any) -> None:
        model, (source, lengths) = network().eval(), prompts
        found = beam_search(
            model, source, lengths, beam=4, n_best=3, max_lengths=torch.tensor([5, 5, 5]), bos=2, eos=3
        )
        for row, hypotheses in enumerate(found):
            prompt = source[row, : int(lengths[row])].tolist()
            for one in hypotheses:
                said = [*one.tokens, 3] if one.finished else one.tokens
                read = torch.tensor([[*prompt, *said]])
                each, _ = model.log_probabilities(read[:, :-1], read[:, 1:])
                assert one.log_probability == pytest.approx(each[0, len(prompt) - 1 :].sum().item(), rel=1e-5)

    def test_draws_come_as_often_as_they_are_likely(self) -> None:
        model = network().eval()
        source, lengths, number = torch.tensor([[3, 5]]), torch.tensor([2]), 4000
        kept = {"max_lengths": torch.tensor([1]), "bos": 2, "eos": 3}
        (drawn,) = sample(model, source, lengths, number=number, temperature=1.0, seed=1, **kept)
        words = torch.tensor([3 if one.finished else one.tokens[0] for one in drawn])
        log_probs, _, _ = model.step(torch.tensor([2]), model.init_state(source, lengths))
        shares = torch.bincount(words, minlength=V) / number
        assert shares.sub(log_probs[0].exp()).abs().max() < 0.03
        assert [one.log_probability for one in drawn] == sorted(
            (one.log_probability for one in drawn), reverse=True
        )
        (cold,) = sample(model, source, lengths, number=5, temperature=1e-4, seed=1, **kept)
        best = int(log_probs[0].argmax())
        assert all((3 if one.finished else one.tokens[0]) == best for one in cold)
