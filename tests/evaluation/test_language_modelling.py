"""Running text: perplexities that follow from the kept log-probabilities, and how lines go on."""

import numpy as np
import pandas as pd
import pytest
import torch

from pipeline.data.streams import running_ids
from pipeline.evaluation.experiment import evaluate
from pipeline.evaluation.language_modelling import WORDS, evaluate_baseline
from pipeline.evaluation.ngrams import KneserNey
from pipeline.evaluation.predict import continuations
from pipeline.evaluation.predict.continuations import continue_texts, log_probabilities, perplexities
from pipeline.report.load import TABLES
from pipeline.text.tokenizer import EOS

SYSTEMS = {"gru", "lstm", "unigram", "kneser_ney"}
SPLITS = ["test", "other", "validation"]
TYPES = 9
"""Seven words, the unknown one and the end of line."""


@pytest.fixture
def found(project):
    """Tables of results/ by path without ending, and predictions/ by name."""
    places = project.places("line")
    evaluate(project.params, "line", places, tell=lambda line: None)
    tables = {
        path.relative_to(places.results).with_suffix("").as_posix(): pd.read_csv(path)
        for path in places.results.rglob("*.csv")
    }
    return tables, {path.stem: pd.read_parquet(path) for path in places.predictions.glob("*.parquet")}


@pytest.fixture(scope="module")
def bundle(prepared):
    return prepared.bundle("line", "lstm")


@pytest.fixture(scope="module")
def lines(prepared):
    return prepared.dataset("line")


def test_tables_are_those_that_the_report_reads(found):
    tables, kept = found
    for name, columns in TABLES["language_modelling"].items():
        assert set(columns) <= set(tables[name]), name
    assert set(tables) == set(TABLES["language_modelling"])
    assert set(kept) == {"predictions", "continuations"}
    assert set(tables["scores"]["variant"]) == set(kept["predictions"]["variant"]) == SYSTEMS
    assert set(kept["continuations"]["variant"]) == {"gru", "lstm"}
    assert list(tables["scores"]["split"].unique()) == [*SPLITS, "train"]


def test_perplexity_can_be_computed_from_the_predictions(found):
    tables, kept = found
    scored = tables["scores"].set_index(["variant", "seed", "split", "metric"])["value"]
    groups = kept["predictions"].groupby(["variant", "seed", "split"])
    assert len(groups) == (2 * 2 + 2) * len(SPLITS)
    for key, own in groups:
        each = np.concatenate(own.sort_values("row")["log_probabilities"].tolist())
        assert scored[(*key, "perplexity")] == pytest.approx(np.exp(-each.mean(dtype=np.float64)), rel=1e-5)


def test_kept_tokens_are_the_text_with_the_ends_of_its_lines(found, lines):
    _, kept = found
    for (*_, split), own in kept["predictions"].groupby(["variant", "seed", "split"]):
        texts = lines.split(split).rows()["text"]
        for row, tokens, each in zip(own["row"], own["tokens"], own["log_probabilities"], strict=True):
            assert list(tokens) == [*texts[row].split(), "</s>"]
            assert len(each) == len(tokens)


def test_classes_of_words_add_up_to_the_perplexity(found):
    tables, _ = found
    scored = tables["scores"].set_index(["variant", "seed", "split", "metric"])["value"]
    for key, own in tables["tables/by_frequency"].groupby(["variant", "seed", "split"]):
        mean = np.average(np.log(own["perplexity"]), weights=own["tokens"])
        assert scored[(*key, "perplexity")] == pytest.approx(np.exp(mean), rel=1e-5)


def test_scores_say_what_was_read(found, lines):
    tables, _ = found
    signed = tables["scores"].groupby("split")["signature"].unique()
    assert all(f"vocabulary of {TYPES}, unknown word counted|whole" in signed[split][0] for split in SPLITS)
    assert f"first {len(running_ids(lines, 'test'))} tokens" in signed["train"][0]
    assert all(len(each) == 1 for each in signed)


def test_a_model_that_was_never_trained_hesitates_among_all_words(found):
    scores = found[0]["scores"]
    assert scores[scores["role"] == "model"]["value"].between(0.8 * TYPES, 1.2 * TYPES).all()


def test_n_grams_know_what_comes_after_what(lines):
    """A line goes on with a word that the last one tells, or ends: two ways; unigrams see eight."""
    one, five = (
        evaluate_baseline(name, lines)["scores"].set_index("split")["value"]
        for name in ("unigram", "kneser_ney")
    )
    assert (five < 4).all()
    assert (one > 6).all()
    train, test = (running_ids(lines, name) for name in ("train", "test"))
    by_hand = KneserNey(train, order=5, vocabulary=lines.vocabulary["text"]).log_probabilities(test)
    assert five["test"] == pytest.approx(np.exp(-by_hand.mean()))


@pytest.mark.parametrize("window", [1, 7, 10_000])
def test_the_state_goes_on_from_window_to_window(bundle, lines, monkeypatch, window):
    monkeypatch.setattr(continuations, "WINDOW", window)
    ids = running_ids(lines, "validation")
    read = torch.from_numpy(np.concatenate([[EOS], ids]).astype(np.int64))[None]
    with torch.inference_mode():
        whole, _ = bundle.network.log_probabilities(read[:, :-1], read[:, 1:])
    np.testing.assert_allclose(log_probabilities(bundle, ids), whole[0], rtol=1e-4, atol=1e-6)


def test_a_text_of_its_own_begins_after_an_end_of_line(bundle, lines):
    text = "two three four"
    ids = np.array(lines.tokenizer("text").encode_batch([text])[0], dtype=np.uint16)
    alone = np.exp(-log_probabilities(bundle, ids).mean())
    assert perplexities(bundle, [text, "", "one"])[:2] == [pytest.approx(alone), None]


def test_halves_make_the_line(found, lines):
    _, kept = found
    texts = lines.split("test").rows()["text"]
    continued = kept["continuations"]
    assert set(continued["split"]) == {"test"}
    for _, own in continued.groupby(["variant", "seed"]):
        assert len(own) == 8
        lengths = [len(texts[row].split()) for row in own["row"]]
        assert (min(lengths), max(lengths)) == (1, 7)
        for row, prompt, rest in zip(own["row"], own["prompt"], own["rest"], strict=True):
            assert f"{prompt} {rest}".split() == texts[row].split()
            assert len(prompt.split()) == len(texts[row].split()) // 2
    assert (continued[["likeliest", "drawn"]].map(lambda text: len(text.split())) <= WORDS).all(axis=None)
    assert not continued[["likeliest", "drawn"]].map(lambda text: "<unk>" in text).any(axis=None)


def test_draws_repeat_themselves_by_seed_the_likeliest_first(bundle):
    asked = {"words": 3, "n_best": 4, "temperature": 1.0}
    one, again, other = (continue_texts(bundle, ["one two", ""], **asked, seed=seed) for seed in (1, 1, 2))
    assert one == again
    assert one != other
    for found in one:
        chances = [each.log_probability for each in found]
        assert len(found) == 4
        assert chances == sorted(chances, reverse=True)
        assert all(len(each.text.split()) <= 3 for each in found)


def test_the_search_ranks_by_token_and_ended_lines_first(bundle):
    (found,) = continue_texts(bundle, ["one two"], words=3, n_best=4)
    ranks = [
        (each.finished, each.log_probability / (len(each.text.split()) + each.finished)) for each in found
    ]
    assert len(ranks) == 4
    assert ranks == sorted(ranks, reverse=True)


def test_a_continuation_is_as_likely_as_the_text_that_it_makes(bundle, lines):
    (found,) = continue_texts(bundle, ["one two"], words=4, n_best=5)
    for each in found:
        ids = lines.tokenizer("text").encode_batch([f"one two {each.text}"])[0]
        ids = np.array([*ids, EOS] if each.finished else ids, dtype=np.uint16)
        assert log_probabilities(bundle, ids)[2:].sum() == pytest.approx(each.log_probability, rel=1e-4)
