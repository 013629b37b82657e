import math

import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search.greedy import greedy_search


def greedy(fakes, *sentences, limits=None, **settings):
    source, lengths = fakes.source(*sentences)
    limits = torch.full_like(lengths, 11) if limits is None else torch.tensor(limits)
    return greedy_search(
        fakes.model(), source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos, **settings
    )


def by_hand(fakes, sentence, limit):
    """One step after the other: (tokens, log-probability, finished)."""
    model = fakes.model()
    source, lengths = fakes.source(sentence)
    state = model.init_state(source, lengths)
    last, tokens, total = fakes.bos, [], 0.0
    for _ in range(limit):
        log_probs, state, _ = model.step(torch.tensor([last]), state)
        allowed = {token: log_probs[0, token].item() for token in (*fakes.words, fakes.eos)}
        last = max(allowed, key=allowed.get)
        total += allowed[last]
        if last == fakes.eos:
            return tokens, total, True
        tokens.append(last)
    return tokens, total, False


@settings(max_examples=30, deadline=None)
@given(sentences=st.lists(st.integers(0, 999), min_size=1, max_size=7), data=st.data())
def test_equals_the_search_by_hand(fakes, sentences, data):
    limits = [data.draw(st.integers(1, 11)) for _ in sentences]
    found = greedy(fakes, *sentences, limits=limits)
    for sentence, limit, hypothesis in zip(sentences, limits, found, strict=True):
        tokens, total, finished = by_hand(fakes, sentence, limit)
        assert (hypothesis.tokens, hypothesis.finished) == (tokens, finished)
        assert math.isclose(hypothesis.log_probability, total, rel_tol=1e-5)


def test_shapes_and_scores(fakes):
    for length, hypothesis in zip((5, 4, 3), greedy(fakes, 2, 3, 5, length_normalisation=2.0), strict=True):
        assert hypothesis.attention.shape == (len(hypothesis.tokens), length)
        generated = len(hypothesis.tokens) + hypothesis.finished
        assert math.isclose(hypothesis.score, hypothesis.log_probability / generated**2)


def test_finished_sentences_leave_the_batch(fakes):
    model = fakes.model()
    source, lengths = fakes.source(*range(13))
    limits = torch.full_like(lengths, 11)
    found = greedy_search(model, source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos)
    assert model.rows == sum(len(h.tokens) + h.finished for h in found)
