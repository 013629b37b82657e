"""Draws: distribution, seed, temperature, against a model whose every probability is known."""

import math
from collections import Counter

import pytest
import torch

from pipeline.search.greedy import greedy_search
from pipeline.search.sample import sample

DRAWS = 4000


def drawn(fakes, *sentences, number=7, temperature=1.0, seed=0, limits=None):
    source, lengths = fakes.source(*sentences)
    limits = torch.full_like(lengths, 5) if limits is None else torch.tensor(limits)
    symbols = {"bos": fakes.bos, "eos": fakes.eos, "pad": fakes.pad}
    settings = {"number": number, "temperature": temperature, "seed": seed, "max_lengths": limits}
    return sample(fakes.model(), source, lengths, **settings, **symbols)


def after(fakes, sentence, prefix):
    """Token -> the model's log-probability after BOS and `prefix`, for what may be drawn."""
    model = fakes.model()
    state = model.init_state(*fakes.source(sentence))
    for token in (fakes.bos, *prefix):
        log_probs, state, _ = model.step(torch.tensor([token]), state)
    return {token: log_probs[0, token].item() for token in (*fakes.words, fakes.eos)}


def chances(fakes, sentence, prefix, temperature):
    weights = {
        token: math.exp(log_prob / temperature) for token, log_prob in after(fakes, sentence, prefix).items()
    }
    return {token: weight / sum(weights.values()) for token, weight in weights.items()}


def said(fakes, hypothesis):
    return (*hypothesis.tokens, fakes.eos) if hypothesis.finished else tuple(hypothesis.tokens)


@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_sentences_come_as_often_as_they_are_likely(fakes, temperature):
    """All sentences of two tokens at most, at each temperature's own distribution."""
    (found,) = drawn(fakes, 3, number=DRAWS, temperature=temperature, limits=[2])
    shares = Counter(said(fakes, hypothesis) for hypothesis in found)
    expected = {}
    for first, chance in chances(fakes, 3, (), temperature).items():
        if first == fakes.eos:
            expected[(first,)] = chance
            continue
        for second, following in chances(fakes, 3, (first,), temperature).items():
            expected[first, second] = chance * following
    assert sum(expected.values()) == pytest.approx(1)
    assert set(shares) <= set(expected)
    for sentence, chance in expected.items():
        deviation = math.sqrt(chance * (1 - chance) / DRAWS)
        assert abs(shares[sentence] / DRAWS - chance) < 4 * deviation + 1 / DRAWS


def test_log_probabilities_are_the_models_own_at_any_temperature(fakes):
    for hypothesis in drawn(fakes, 11, number=13, temperature=3.0)[0]:
        tokens = said(fakes, hypothesis)
        total = sum(after(fakes, 11, tokens[:place])[token] for place, token in enumerate(tokens))
        assert hypothesis.log_probability == pytest.approx(total, rel=1e-5)


def test_the_likeliest_come_first_and_limits_hold(fakes):
    limits = [1, 3, 5]
    for found, limit in zip(drawn(fakes, 2, 3, 5, number=17, limits=limits), limits, strict=True):
        assert len(found) == 17
        totals = [hypothesis.log_probability for hypothesis in found]
        assert totals == sorted(totals, reverse=True)
        for hypothesis in found:
            length = len(said(fakes, hypothesis))
            assert length <= limit
            assert hypothesis.finished or length == limit
            assert set(hypothesis.tokens) <= set(fakes.words)


def test_a_seed_repeats_its_draws_and_another_does_not(fakes):
    one, again, other = (drawn(fakes, 2, 3, number=7, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other


def test_a_draw_does_not_hang_on_the_other_sentences(fakes):
    assert drawn(fakes, 2, 3)[0] == drawn(fakes, 2, 5)[0]


def test_next_to_no_temperature_is_greedy(fakes):
    source, lengths = fakes.source(2, 3, 5, 7)
    limits = torch.full_like(lengths, 5)
    greedy = greedy_search(fakes.model(), source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos)
    for found, expected in zip(drawn(fakes, 2, 3, 5, 7, number=3, temperature=1e-4), greedy, strict=True):
        assert all(hypothesis.tokens == expected.tokens for hypothesis in found)
        assert all(hypothesis.finished == expected.finished for hypothesis in found)
