"""A trace shows what the network itself computed."""

import dataclasses

import pytest
import torch

from pipeline.errors import UserError
from pipeline.evaluation.predict.classes import classify
from pipeline.evaluation.predict.gates import traced
from pipeline.evaluation.predict.tags import tag

TEXT = "one two three two"


def test_a_classifier_answers_after_each_word_as_it_answers_the_text_so_far(prepared):
    bundle = prepared.bundle("mood", "gru")
    found = traced(bundle, TEXT)
    assert found.words == TEXT.split()
    for place, answer in enumerate(found.answers, 1):
        probabilities = classify(bundle, [" ".join(TEXT.split()[:place])])[0]
        name, shown = answer.split()
        assert name == bundle.description["classes"][probabilities.argmax()]
        assert float(shown) == pytest.approx(float(probabilities.max()), abs=0.006)


def test_the_last_layer_is_what_the_network_reads_on(prepared):
    bundle = prepared.bundle("mood", "gru")
    outputs = []
    bundle.network.recurrent.register_forward_hook(lambda _, given, got: outputs.append(got[0]))
    top = traced(bundle, TEXT).layers[-1].steps.hidden
    torch.testing.assert_close(outputs[0][-1, :, : top.shape[1]], top, atol=1e-5, rtol=0)


def test_a_tagger_answers_with_its_tags(prepared):
    bundle = prepared.bundle("part", "plain")
    found = traced(bundle, TEXT)
    assert list(zip(found.words, found.answers, strict=True)) == tag(bundle, [TEXT])[0]
    assert [layer.direction for layer in found.layers] == ["forward", "backward"]


@pytest.mark.parametrize("variant", ["none", "luong"])
def test_an_encoder_reads_and_answers_nothing(prepared, variant):
    found = traced(prepared.bundle("number", variant), TEXT)
    assert found.answers == []
    assert len(found.words) == len(found.layers[0].steps.hidden)


def test_long_texts_are_cut_as_in_training(prepared):
    bundle = prepared.bundle("mood", "gru")
    assert len(traced(bundle, "one two " * 50).words) == bundle.description["data"]["max_tokens"]


def test_nothing_to_read(prepared):
    with pytest.raises(UserError, match="text: holds no word"):
        traced(prepared.bundle("mood", "gru"), " \n")


def test_padding_that_is_read_has_no_words_to_show(prepared):
    bundle = prepared.bundle("mood", "gru")
    data = bundle.description["data"] | {"padding": "before"}
    padded = dataclasses.replace(bundle, description=bundle.description | {"data": data})
    with pytest.raises(
        UserError, match=r"reads padding as words \(data.padding\); such a model can't be traced"
    ):
        traced(padded, TEXT)
