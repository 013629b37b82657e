import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from pipeline.search.beam import beam_search
from pipeline.search.greedy import greedy_search

EVERYTHING = 500
"""A beam wider than the number of sequences that the fake vocabulary has at length 4."""


def search(fakes, *sentences, model=None, limit=4, **settings):
    source, lengths = fakes.source(*sentences)
    limits = torch.full_like(lengths, limit)
    return beam_search(
        model or fakes.model(), source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos, **settings
    )


@pytest.mark.parametrize("length_normalisation", [0.0, 0.6, 1.0])
def test_a_wide_beam_is_exhaustive_search(fakes, length_normalisation):
    n_best = 11
    found = search(fakes, 2, 3, 5, beam=EVERYTHING, n_best=n_best, length_normalisation=length_normalisation)
    for sentence, hypotheses in zip((2, 3, 5), found, strict=True):
        expected = fakes.exhaustive(sentence, 4, length_normalisation)[:n_best]
        assert [h.tokens for h in hypotheses] == [tokens for _, tokens in expected]
        assert [h.score for h in hypotheses] == pytest.approx([score for score, _ in expected], rel=1e-5)
        assert all(h.finished for h in hypotheses)


def test_length_normalisation_changes_the_winner(fakes):
    plain = search(fakes, *range(13), beam=EVERYTHING, length_normalisation=0.0)
    normalised = search(fakes, *range(13), beam=EVERYTHING, length_normalisation=1.0)
    lengths = [(len(p[0].tokens), len(n[0].tokens)) for p, n in zip(plain, normalised, strict=True)]
    assert all(short <= long for short, long in lengths)
    assert any(short < long for short, long in lengths)


def test_beam_of_one_is_greedy_search(fakes):
    source, lengths = fakes.source(*range(17))
    limits = torch.tensor([1, 2, 3, 5, 7] * 3 + [11, 13])
    greedy = greedy_search(fakes.model(), source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos)
    beam = beam_search(
        fakes.model(), source, lengths, max_lengths=limits, bos=fakes.bos, eos=fakes.eos, beam=1
    )
    assert [h.tokens for h in greedy] == [h[0].tokens for h in beam]
    assert [h.score for h in greedy] == pytest.approx([h[0].score for h in beam])
    assert [h.finished for h in greedy] == [h[0].finished for h in beam]
    for one, (other,) in zip(greedy, beam, strict=True):
        np.testing.assert_allclose(one.attention, other.attention)


@settings(max_examples=30, deadline=None)
@given(
    sentences=st.lists(st.integers(0, 999), min_size=1, max_size=7),
    beam=st.integers(1, 5),
    limit=st.integers(1, 7),
    length_normalisation=st.sampled_from([0.0, 0.5, 1.0, 2.0]),
    data=st.data(),
)
def test_a_sentence_does_not_depend_on_its_batch(fakes, sentences, beam, limit, length_normalisation, data):
    order = data.draw(st.permutations(range(len(sentences))))
    wanted = {"beam": beam, "n_best": beam, "limit": limit, "length_normalisation": length_normalisation}
    together = search(fakes, *sentences, **wanted)
    shuffled = search(fakes, *[sentences[i] for i in order], **wanted)
    for place, i in enumerate(order):
        (alone,) = search(fakes, sentences[i], **wanted)
        expected = [(h.tokens, h.finished) for h in alone]
        assert [(h.tokens, h.finished) for h in together[i]] == expected
        assert [(h.tokens, h.finished) for h in shuffled[place]] == expected
        assert [h.score for h in together[i]] == [h.score for h in alone]


@settings(max_examples=30, deadline=None)
@given(sentence=st.integers(0, 999), beam=st.integers(1, 7), limit=st.integers(1, 7))
def test_invariants(fakes, sentence, beam, limit):
    (found,) = search(fakes, sentence, beam=beam, n_best=beam, limit=limit)
    assert 1 <= len(found) <= beam
    assert len({(*h.tokens, h.finished) for h in found}) == len(found)
    ranks = [(h.finished, h.score) for h in found]
    assert ranks == sorted(ranks, reverse=True)
    for h in found:
        assert set(h.tokens) <= set(fakes.words)
        assert len(h.tokens) + h.finished <= limit
        assert h.log_probability <= 0
        assert h.score == pytest.approx(h.log_probability / (len(h.tokens) + h.finished))
    (best,) = search(fakes, sentence, beam=beam, n_best=1, limit=limit)
    assert best[0].tokens == found[0].tokens


def test_stopping_early_saves_steps_and_loses_nothing(fakes):
    impatient, patient = fakes.model(), fakes.model()
    settings = {"beam": 11, "limit": 13, "length_normalisation": 0.0}
    early = search(fakes, *range(23), model=impatient, n_best=1, **settings)
    late = search(fakes, *range(23), model=patient, n_best=11, **settings)
    assert [h[0].tokens for h in early] == [h[0].tokens for h in late]
    assert impatient.rows < patient.rows / 2


def test_attention_follows_its_hypothesis(fakes):
    source, lengths = fakes.source(2, 3, 5)
    found = search(fakes, 2, 3, 5, beam=5, n_best=5, limit=7)
    for sentence, length, hypotheses in zip((2, 3, 5), lengths.tolist(), found, strict=True):
        for h in hypotheses:
            assert h.attention.shape == (len(h.tokens), length)
            for i, weights in enumerate(h.attention):
                expected = fakes.attention_after(sentence, tuple(h.tokens[:i]), source.shape[1])
                np.testing.assert_allclose(weights, expected[:length], rtol=1e-6)


def test_without_attention(fakes):
    (found,) = search(fakes, 2, model=fakes.model(attention=False), beam=3)
    assert found[0].attention is None


def test_each_sentence_has_its_own_limit_and_cut_off_hypotheses_say_so(fakes):
    source, lengths = fakes.source(7, 7, 7)
    limits = torch.tensor([1, 2, 11])
    found = beam_search(
        fakes.model(), source, lengths, beam=2, n_best=2, max_lengths=limits, bos=fakes.bos, eos=fakes.eos
    )
    for hypotheses, limit in zip(found, limits.tolist(), strict=True):
        for h in hypotheses:
            assert len(h.tokens) + h.finished <= limit
            assert h.finished or len(h.tokens) == limit
    assert not all(h.finished for h in found[0])


def test_n_best_wider_than_the_beam_is_refused(fakes):
    with pytest.raises(ValueError, match="n_best 3 is more than beam 2"):
        search(fakes, 2, beam=2, n_best=3)
