import dataclasses

import numpy as np
import pytest
import torch

from pipeline.evaluation.predict import translations
from pipeline.evaluation.predict.classes import classify, classify_ids
from pipeline.evaluation.predict.translations import translate, translate_ids
from pipeline.text.tokenizer import PAD

ODD_TEXTS = [
    "",
    "   ",
    "one two",
    "😀😀 👩‍👩‍👧",
    "неизвестно 漢字 हिन्दी",
    "two " * 1500,
    "\x00\u0085",
    "three",
]


@pytest.fixture
def classifier(prepared):
    return prepared.bundle("mood", "gru")


@pytest.fixture(params=["none", "luong"])
def translator(prepared, request):
    return prepared.bundle("number", request.param)


def test_every_text_gets_probabilities(classifier):
    found = classify(classifier, ODD_TEXTS)
    assert found.shape == (len(ODD_TEXTS), 3)
    np.testing.assert_allclose(found.sum(1), 1, rtol=1e-5)


def test_classification_depends_on_neither_order_nor_batches(classifier):
    together = classify(classifier, ODD_TEXTS)
    np.testing.assert_allclose(classify(classifier, ODD_TEXTS[::-1])[::-1], together, atol=1e-6)
    np.testing.assert_allclose(classify(classifier, ODD_TEXTS, batch_tokens=1), together, atol=1e-6)


def test_long_texts_are_cut_as_in_training(classifier):
    long = "one two three four five six seven one two three four"
    np.testing.assert_array_equal(classify(classifier, [long]), classify(classifier, [long + " five six"]))


def read_padding(bundle, padding):
    data = bundle.description["data"] | {"padding": padding}
    return dataclasses.replace(bundle, description=bundle.description | {"data": data})


@pytest.mark.parametrize("padding", ["after", "before"])
def test_padding_that_is_read_fills_a_text_to_the_longest(classifier, padding):
    found = read_padding(classifier, padding)
    ids = classifier.tokenizers["text"].encode_batch(["three one two"])[0]
    filling = [PAD] * (classifier.description["data"]["max_tokens"] - len(ids))
    row = ids + filling if padding == "after" else filling + ids
    logits = classifier.network(torch.tensor([row]), torch.tensor([len(row)]))
    expected = logits.softmax(-1).detach().numpy()
    np.testing.assert_allclose(classify(found, ["three one two"]), expected, atol=1e-6)
    assert not np.allclose(classify(found, ["three one two"]), classify(classifier, ["three one two"]))
    together = classify(found, ODD_TEXTS)
    np.testing.assert_allclose(classify(found, ODD_TEXTS, batch_tokens=1), together, atol=1e-6)


def test_raw_text_and_stored_ids_get_the_same_answer(prepared, classifier):
    split = prepared.dataset("mood").split("test")
    texts = split.rows()["text"].tolist()
    np.testing.assert_array_equal(
        classify(classifier, texts), classify_ids(classifier, list(split.columns["text"]))
    )


def test_no_texts(prepared, classifier):
    assert classify(classifier, []).shape == (0, 3)
    assert translate(prepared.bundle("number", "none"), []) == []


def test_every_text_gets_a_translation(translator):
    found = translate(translator, ODD_TEXTS, beam=3, n_best=2, max_ratio=0.1)
    assert len(found) == len(ODD_TEXTS)
    for ranked in found:
        assert 1 <= len(ranked) <= 2
        scores = [each.score for each in ranked]
        assert all(score <= 0 for score in scores)
    assert [each.text for each in found[0]] == [""]
    assert [each.text for each in found[1]] == [""]
    assert found[0][0].target_tokens == []


def test_translation_depends_on_neither_order_nor_batches(translator):
    together = translate(translator, ODD_TEXTS, max_ratio=0.1)
    for changed in (
        translate(translator, ODD_TEXTS[::-1], max_ratio=0.1)[::-1],
        translate(translator, ODD_TEXTS, max_ratio=0.1, batch_sentences=1),
    ):
        assert [each[0].text for each in changed] == [each[0].text for each in together]
        assert [each[0].score for each in changed] == pytest.approx(
            [each[0].score for each in together], rel=1e-4
        )


def test_a_very_long_text_is_translated_up_to_the_limit(prepared, monkeypatch):
    monkeypatch.setattr(translations, "LONGEST_SOURCE", 13)
    (found,) = translate(prepared.bundle("number", "luong"), ["two " * 97])
    assert len(found[0].source_tokens) == 13
    assert found[0].attention.shape == (len(found[0].target_tokens), 13)


def test_alignments_fit_the_tokens(prepared):
    (found,) = translate(prepared.bundle("number", "luong"), ["one two three"])
    best = found[0]
    assert "".join(best.source_tokens).replace("▁", " ").split() == ["one", "two", "three"]
    assert best.attention.shape == (len(best.target_tokens), len(best.source_tokens))
    np.testing.assert_allclose(best.attention.sum(1), 1, rtol=1e-5)
    (found,) = translate(prepared.bundle("number", "none"), ["one two three"])
    assert found[0].attention is None


def test_max_ratio_limits_the_length(translator):
    with torch.no_grad():
        translator.network.writer.output.bias[3] = -100.0
    source = np.array([4, 5, 6, 7, 8], dtype=np.uint16)
    for beam in (1, 3):
        ((found, *_),) = translate_ids(translator, [source], beam=beam, max_ratio=1.4)
        assert len(found.tokens) == 7 + 10
        assert not found.finished
