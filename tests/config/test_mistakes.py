"""Every mistake in params.yaml becomes exactly one line that says where, what, and what is allowed."""

import re
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml

from pipeline.config import parse
from pipeline.config.schema.corpora import Corpus
from pipeline.config.schema.params import AnyExperiment
from pipeline.errors import UserError


def names(union: Any, field: str) -> list[str]:
    """What tells the members of a union apart."""
    return [get_args(one.model_fields[field].annotation)[0] for one in get_args(get_args(union)[0])]


SMOKE = yaml.safe_load((Path(__file__).parents[2] / "params/smoke.yaml").read_text(encoding="utf-8"))
KEYS = "profile, corpora, datasets, experiments, probes, timing, divergence, trainer, execution"
READERS, TASKS = names(Corpus, "reader"), names(AnyExperiment, "task")
FLOW = SMOKE["probes"]["gradient_flow"]["vanishing"]
SENTIMENT, TRANSLATION = "experiments/sentiment", "experiments/translation"


@pytest.mark.parametrize(
    ("path", "value", "line"),
    [
        # a misspelt name
        (
            f"{SENTIMENT}/model/hiden",
            7,
            "experiments.sentiment.model: unknown name 'hiden'; allowed: cell, hidden, parameters, layers, "
            "dropout, forget_bias, recurrent_init, activation, initial_state, recurrent_scale, held_gates, "
            "coupled_gates, reset, recurrent_dropout, recurrent_dropout_share, inputs, embedding, "
            "bidirectional, reversed, pooling, word_dropout, reader, positions; did you mean hidden?",
        ),
        (
            "profil",
            "smoke",
            f"unknown name 'profil'; allowed: {KEYS}; did you mean profile?",
        ),
        (
            "corpora/reviews/sizes/trane",
            5,
            "corpora.reviews.sizes: unknown name 'trane'; allowed: train, validation, test; "
            "did you mean train?",
        ),
        # a misspelt choice
        (
            f"{SENTIMENT}/model/cell",
            "lstn",
            "experiments.sentiment.model.cell: 'lstn' is not one of rnn, gru, lstm; did you mean lstm?",
        ),
        (
            f"{SENTIMENT}/task",
            "clasification",
            f"experiments.sentiment.task: 'clasification' is not one of {', '.join(TASKS)}; "
            "did you mean classification?",
        ),
        (
            "corpora/reviews/reader",
            "review",
            f"corpora.reviews.reader: 'review' is not one of {', '.join(READERS)}; did you mean reviews?",
        ),
        (
            f"{SENTIMENT}/baselines",
            ["majority", "nbsv"],
            "experiments.sentiment.baselines.1: 'nbsv' is not one of majority, nbsvm; did you mean nbsvm?",
        ),
        (
            f"{SENTIMENT}/training/precision",
            "zzz",
            "experiments.sentiment.training.precision: 'zzz' is not one of 32-true, bf16-mixed, 64-true",
        ),
        # a wrong type or value
        (
            f"{SENTIMENT}/model/hidden",
            "big",
            "experiments.sentiment.model.hidden: 'big': should be a number of units, 1 or more, or auto",
        ),
        (
            f"{SENTIMENT}/model/hidden",
            True,
            "experiments.sentiment.model.hidden: True: should be a number of units, 1 or more, or auto",
        ),
        (
            f"{SENTIMENT}/model/layers",
            1.5,
            "experiments.sentiment.model.layers: 1.5: should be a valid integer, "
            "got a number with a fractional part",
        ),
        (
            f"{SENTIMENT}/model/hidden",
            0,
            "experiments.sentiment.model.hidden: 0: should be a number of units, 1 or more, or auto",
        ),
        (
            f"{SENTIMENT}/model/dropout",
            1.0,
            "experiments.sentiment.model.dropout: 1.0: should be less than 1",
        ),
        (
            f"{SENTIMENT}/training/learning_rate",
            float("inf"),
            "experiments.sentiment.training.learning_rate: inf: should be a finite number",
        ),
        (
            f"{SENTIMENT}/training/learning_rate",
            float("nan"),
            "experiments.sentiment.training.learning_rate: nan: should be a finite number",
        ),
        (
            f"{SENTIMENT}/training/learning_rate",
            "fast",
            "experiments.sentiment.training.learning_rate: 'fast': should be a valid number, "
            "unable to parse string as a number",
        ),
        (
            f"{SENTIMENT}/training/learning_rate",
            [0.1, -0.2],
            "experiments.sentiment.training.learning_rate.1: -0.2: should be greater than 0",
        ),
        (
            f"{SENTIMENT}/training/learning_rate",
            [0.1],
            "experiments.sentiment.training.learning_rate: List should have at least 2 items after "
            "validation, not 1",
        ),
        (
            "datasets/reviews_words/tokenizer/vocabulary",
            70_000,
            "datasets.reviews_words.tokenizer.vocabulary: 70000: should be less than or equal to 65000",
        ),
        (
            "datasets/reviews_words/tokenizer",
            None,
            "datasets.reviews_words.tokenizer: needs a mapping, holds nothing; write {} for none",
        ),
        ("trainer", "cpu", "trainer: needs a mapping, holds 'cpu'"),
        (SENTIMENT, 3, "experiments.sentiment: needs a mapping, holds 3"),
        (
            "profile",
            "Full size",
            "profile: 'Full size' is no name; allowed: small letters, digits and _, a letter first",
        ),
        (
            "experiments/Sentiment",
            SMOKE["experiments"]["sentiment"],
            "experiments.Sentiment: 'Sentiment' is no name; "
            "allowed: small letters, digits and _, a letter first",
        ),
        # something missing
        ("trainer", ..., "trainer: is missing; add it"),
        (f"{SENTIMENT}/seeds", ..., "experiments.sentiment.seeds: is missing; add it"),
        (f"{SENTIMENT}/task", ..., "experiments.sentiment: needs the key 'task'"),
        # values that contradict one another
        (
            f"{TRANSLATION}/decoding/n_best",
            9,
            "experiments.translation.decoding: n_best 9 is more than beam 2",
        ),
        (
            f"{TRANSLATION}/model/hidden",
            7,
            "experiments.translation.model: hidden must be even for a bidirectional encoder",
        ),
        (
            "corpora/reviews/max_length",
            3,
            "corpora.reviews: min_length 5 is more than max_length 3",
        ),
        # settings that don't go together
        (
            "datasets/series_univariate/horizons",
            [6, 24, 12],
            "datasets.series_univariate: horizons 6, 24, 12: they must rise",
        ),
        (
            "datasets/series_univariate/test",
            20,
            "datasets.series_univariate: horizon 24 is more than the hours of a part",
        ),
        (
            "datasets/series_univariate/columns",
            ["OT", "OT"],
            "datasets.series_univariate: columns OT, OT: one stands twice",
        ),
        (
            "corpora/series/gap_hours",
            399,
            "corpora.series: 2 gaps of 399 hours don't fit into 800 hours",
        ),
        (
            "corpora/recall/nearest",
            7,
            "corpora.recall: nearest 7 is more than farthest 6",
        ),
        (
            "corpora/recall/problem",
            "recal",
            "corpora.recall.problem: 'recal' is not one of adding, copy, reverse, recall; "
            "did you mean recall?",
        ),
        (
            "experiments/recall/model/bidirectional",
            True,
            "experiments.recall.model: bidirectional: reading backwards shows the network what it is to "
            "answer; leave it out",
        ),
        (
            "experiments/forecast_univariate/data/keep",
            "first",
            "experiments.forecast_univariate: "
            "data.keep: a forecast reads the hours just before it; write last",
        ),
        (
            "experiments/imputation/data/gap",
            167,
            "experiments.imputation: data.gap 167: leaves no hour on one side of it in data.max_tokens 168; "
            "at most 166",
        ),
        (
            "experiments/imputation/data/keep",
            "last",
            "experiments.imputation: data.keep: a window is read whole; write first",
        ),
        (
            "experiments/imputation/baselines",
            ["interpolation"],
            "experiments.imputation.baselines.0: 'interpolation': no baseline; allowed: repeat_last_N, "
            "seasonal_N, interpolation_N, of a gap of N hours",
        ),
        (
            "experiments/forecast_univariate/model/patch",
            5,
            "experiments.forecast_univariate: data.max_tokens 168: needs a multiple of model.patch 5",
        ),
        (
            "datasets/reviews_stars/levels",
            [1, 3, 3],
            "datasets.reviews_stars: levels 1, 3, 3: they must rise",
        ),
        (
            "experiments/stars/model/head",
            "class",
            "experiments.stars.model.head: 'class' is not one of regression, ordinal, classes; "
            "did you mean classes?",
        ),
        (
            "experiments/language/model/bidirectional",
            True,
            "experiments.language.model: bidirectional: reading backwards shows the network what it is to "
            "answer; leave it out",
        ),
        (
            "experiments/language/model",
            {"embedding": 8, "hidden": 7, "tied_embeddings": True},
            "experiments.language.model: tied_embeddings needs embedding 8 and hidden 7 to be equal",
        ),
        (
            "experiments/language/data/batch_tokens",
            43,
            "experiments.language: data.batch_tokens 43: needs a multiple of data.max_tokens 10, "
            "streams times the length of a window",
        ),
        (
            "experiments/language/data/keep",
            "last",
            "experiments.language: data.keep: a running text is read whole; write first",
        ),
        (
            "datasets/text_words/tokenizer/kind",
            "space",
            "datasets.text_words.tokenizer.kind: 'space' is not one of spaces, word, bpe; "
            "did you mean spaces?",
        ),
        (
            "datasets/reviews_words/shortest",
            9,
            "datasets.reviews_words: shortest counts tokens of tokenizer kind ascii_word, not word",
        ),
        (
            "datasets/reviews_words/longest",
            9,
            "datasets.reviews_words: longest counts tokens of tokenizer kind ascii_word, not word",
        ),
        (
            "datasets/reviews_long/longest",
            9,
            "datasets.reviews_long: longest 9 is less than shortest 20",
        ),
        (
            "datasets/reviews_long/filler",
            {"lengths": [0, 20, 10], "words": ["a"]},
            "datasets.reviews_long.filler: lengths 0, 20, 10: they must rise",
        ),
        (
            "datasets/reviews_long/filler",
            {"lengths": [0, 20], "words": ["a", "of", "a"]},
            "datasets.reviews_long.filler: words a, of, a: one stands twice",
        ),
        (
            "datasets/reviews_words/filler",
            {"lengths": [0, 20], "words": ["a"]},
            "datasets.reviews_words: filler counts tokens of tokenizer kind ascii_word, not word",
        ),
        (
            "datasets/reviews_long/tokenizer/lowercase",
            False,
            "datasets.reviews_long: tokenizer kind ascii_word needs lowercase true",
        ),
        (
            "datasets/questions_words/source",
            [],
            "datasets.questions_words.source: List should have at least 1 item after validation, not 0",
        ),
        (
            "datasets/questions_words/measure",
            "rouge",
            "datasets.questions_words.measure: 'rouge' is not one of exact_match, bleu, rouge_l; "
            "did you mean rouge_l?",
        ),
        (
            "datasets/questions_words/pool",
            {"split": "train", "validation": 5, "test": 5},
            "datasets.questions_words: "
            "with a pool, tests holds one split, test, hold_out is 0 and group is empty",
        ),
        (
            "datasets/replies_words/left_out",
            "units",
            "datasets.replies_words: left_out units needs columns in together: they say what a unit is",
        ),
        (
            "corpora/questions/facts",
            3,
            "corpora.questions.facts: 3: should be greater than or equal to 4",
        ),
        (
            "corpora/summaries/asides",
            9,
            "corpora.summaries.asides: 9: should be less than or equal to 8",
        ),
        (
            "experiments/answers/dataset",
            "translation_en_fr",
            "experiments.answers.dataset: translation_en_fr holds text_pairs; "
            "task transduction needs answered_text",
        ),
        (
            "experiments/answers/baselines",
            ["most_frequent", "most_frequent_by_grp"],
            "experiments.answers.baselines.1: 'most_frequent_by_grp' is not one of most_frequent, "
            "most_frequent_by_group, chance, nearest, first_sentence, first_words; "
            "did you mean most_frequent_by_group?",
        ),
        # references between blocks
        (
            "datasets/reviews_words/corpus",
            "reviws",
            "datasets.reviews_words.corpus: unknown name 'reviws'; "
            f"allowed: {', '.join(SMOKE['corpora'])}; did you mean reviews?",
        ),
        (
            f"{SENTIMENT}/dataset",
            "review_words",
            "experiments.sentiment.dataset: unknown name 'review_words'; "
            f"allowed: {', '.join(SMOKE['datasets'])}; did you mean reviews_words?",
        ),
        (
            f"{SENTIMENT}/dataset",
            "translation_en_fr",
            "experiments.sentiment.dataset: translation_en_fr holds text_pairs; "
            "task classification needs labelled_text",
        ),
        (
            "probes/gradient_flow/vanishng",
            FLOW,
            "probes.gradient_flow: unknown name 'vanishng'; "
            "allowed: sentiment, recall, vanishing, depth, filler",
        ),
        (
            "probes/gradient_flow/recall",
            FLOW | {"dataset": SMOKE["experiments"]["recall"]["dataset"]},
            "probes.gradient_flow.recall.steps: missing; task algorithmic needs a number of steps",
        ),
        (
            "probes/gradient_flow/vanishing/steps",
            9,
            "probes.gradient_flow.vanishing.steps: 9; task classification has data.max_tokens; "
            "leave it empty",
        ),
        (
            "probes/gradient_flow/translation",
            FLOW,
            "probes.gradient_flow.translation: translation is of task translation; "
            "gradient_flow needs classification or algorithmic",
        ),
        (
            "probes/gradient_flow/vanishing/dataset",
            "reviews_words",
            "probes.gradient_flow.vanishing.dataset: 'reviews_words'; experiments.vanishing reads "
            "reviews_long; write that",
        ),
        (
            "probes/bag/translation",
            {"dataset": "translation_en_fr"},
            "probes.bag.translation: translation is of task translation; bag needs classification",
        ),
        (
            "probes/gates/translation",
            {"dataset": "translation_en_fr", "sentence": "a word"},
            "probes.gates.translation: translation is of task translation; gates needs classification",
        ),
        (
            "probes/gates/filler/sentence",
            " ",
            "probes.gates.filler.sentence: ' ': holds no word; write a sentence",
        ),
        (
            "probes/beam/translation/beam",
            0,
            "probes.beam.translation.beam: 0: should be greater than 0",
        ),
        (
            "probes/gradient_flo",
            {},
            "probes: unknown name 'gradient_flo'; allowed: gradient_flow, states, layers, bag, gates, "
            "beam; did you mean gradient_flow?",
        ),
        (
            "probes/gradient_flow/vanishing/review",
            3,
            "probes.gradient_flow.vanishing: unknown name 'review'; allowed: dataset, reviews, steps; "
            "did you mean reviews?",
        ),
        (
            "probes/states/sentiment",
            {"dataset": "reviews_words"},
            "probes.states.sentiment: sentiment is of task classification; states needs language_modelling",
        ),
        (
            "probes/states/language/back",
            [0, 5, 2],
            "probes.states.language.back: [0, 5, 2] needs rising numbers",
        ),
        (
            "probes/states/language/back",
            [0, 5],
            "probes.states.language.back: List should have at least 3 items after validation, not 2",
        ),
        (
            "probes/states/language/words",
            1,
            "probes.states.language.words: 1: should be greater than or equal to 2",
        ),
        (
            "probes/layers/depth/entities",
            "tags_pos",
            "probes.layers.depth.entities: 'tags_pos' is no dataset of tagged words with scheme bio; "
            "allowed: tags_entities",
        ),
        (
            "probes/layers/depth/parts_of_speech",
            "reviews_words",
            "probes.layers.depth.parts_of_speech: 'reviews_words' is no dataset of tagged words with scheme "
            "plain; allowed: tags_pos",
        ),
        (
            "probes/layers/depth/texts",
            0,
            "probes.layers.depth.texts: 0: should be greater than 0",
        ),
        (
            "experiments/depth/model/layers",
            2,
            "probes.layers.depth: no variant of depth has 3 layers; add one or leave the probe out",
        ),
        # timing
        ("timing/batches", [4, 1], "timing.batches: [4, 1] needs rising numbers"),
        (
            "timing/lengths",
            [8],
            "timing.lengths: List should have at least 2 items after validation, not 1",
        ),
        ("timing/repeats", 1, "timing.repeats: 1: should be greater than or equal to 2"),
        # divergence
        (
            "divergence/radii",
            [1, 2],
            "divergence.radii: [1.0, 2.0] needs rising numbers, some below 1 and some above",
        ),
        (
            "divergence/radii",
            [2, 0.5],
            "divergence.radii: [2.0, 0.5] needs rising numbers, some below 1 and some above",
        ),
        ("divergence/radii", [], "divergence.radii: [] needs rising numbers, some below 1 and some above"),
        ("divergence/distance", 1, "divergence.distance: 1: should be greater than or equal to 2"),
        ("divergence/seeds", 1, "divergence.seeds: 1: should be greater than or equal to 2"),
        ("divergence/clip_norm", 0, "divergence.clip_norm: 0: should be greater than 0"),
        # the grid
        (
            f"{SENTIMENT}/grid/lstm",
            {"modell": {}},
            "experiments.sentiment.grid.lstm: unknown name 'modell'; allowed: model, training, data; "
            "did you mean model?",
        ),
        (
            f"{SENTIMENT}/grid/lstm",
            {"data": {"kep": "last"}},
            "experiments.sentiment.grid.lstm.data: unknown name 'kep'; "
            "allowed: batch_tokens, max_tokens, keep, padding, few, reading; did you mean keep?",
        ),
        (
            f"{SENTIMENT}/grid/lstm",
            {"model": {"cell": "gry"}},
            "experiments.sentiment.grid.lstm.model.cell: 'gry' is not one of rnn, gru, lstm; "
            "did you mean gru?",
        ),
        (
            f"{SENTIMENT}/grid/lstm",
            {"model": 3},
            "experiments.sentiment.grid.lstm.model: needs a mapping, holds 3",
        ),
        (
            f"{SENTIMENT}/grid/lstm",
            None,
            "experiments.sentiment.grid.lstm: needs a mapping, holds nothing; write {} for none",
        ),
        (
            f"{SENTIMENT}/grid/Lstm",
            {},
            "experiments.sentiment.grid.Lstm: 'Lstm' is no name; "
            "allowed: small letters, digits and _, a letter first",
        ),
        (
            "experiments/forecast_univariate/grid/bilstm",
            {"data": {"max_tokens": 100}},
            "experiments.forecast_univariate.grid.bilstm: data.max_tokens 100: needs a multiple of "
            "model.patch 6",
        ),
        (
            f"{TRANSLATION}/grid/none",
            {"model": {"attention": "none", "input_feeding": True}},
            "experiments.translation.grid.none.model: input_feeding goes with attention luong only",
        ),
    ],
)
def test_a_mistake_is_one_line(changed: Any, path: str, value: Any, line: str) -> None:
    with pytest.raises(UserError, match=f"^{re.escape('p.yaml: ' + line)}$"):
        parse(changed(path, value), "p.yaml")


def test_every_mistake_has_its_line(changed: Any) -> None:
    raw = changed("trainer", ...)
    raw["experiments"]["sentiment"]["model"]["cell"] = "x"
    raw["experiments"]["translation"]["seeds"] = 0
    with pytest.raises(UserError) as caught:
        parse(raw, "p.yaml")
    assert str(caught.value).splitlines() == [
        "p.yaml: experiments.sentiment.model.cell: 'x' is not one of rnn, gru, lstm",
        "p.yaml: experiments.translation.seeds: 0: should be greater than 0",
        "p.yaml: trainer: is missing; add it",
    ]


@pytest.mark.parametrize("name", ["corpora", "datasets", "probes"])
def test_names_that_results_need_are_refused(changed: Any, name: str) -> None:
    with pytest.raises(UserError, match=f"experiments.{name}: results/smoke/{name} is taken"):
        parse(changed(f"experiments/{name}", SMOKE["experiments"]["sentiment"]))
