"""What each problem promises: the answer is what was read so many steps before, and nobody can guess it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.schema.corpora import AlgorithmicCorpus, Sizes
from pipeline.corpora.embedded.algorithmic import generate
from pipeline.data.symbols import ASK, BLANK, FIRST_LETTER, MARK

PROBLEMS = ("adding", "copy", "reverse", "recall")
corpora = st.builds(
    AlgorithmicCorpus,
    reader=st.just("algorithmic"),
    problem=st.sampled_from(PROBLEMS),
    seed=st.integers(0, 99),
    sizes=st.just(Sizes(train=23, validation=11, test=13)),
    nearest=st.integers(1, 7),
    farthest=st.integers(7, 40),
    letters=st.integers(2, 26),
)


def corpus(problem: str, **settings: object) -> AlgorithmicCorpus:
    base = {"reader": "algorithmic", "problem": problem, "sizes": Sizes(train=3000, validation=5, test=5)}
    return AlgorithmicCorpus.model_validate(base | settings)


@given(corpora)
def test_what_is_asked_was_read_so_many_steps_before(made: AlgorithmicCorpus) -> None:
    for table in generate(made).values():
        for row in table.to_pylist():
            symbols, numbers = row["symbols"], row["numbers"]
            asked = [place for place, distance in enumerate(row["distances"]) if distance]
            assert asked == [place for place, symbol in enumerate(symbols) if symbol == ASK]
            assert asked
            for place in asked:
                distance, target = row["distances"][place], row["targets"][place]
                assert distance <= made.farthest
                if made.problem == "adding":
                    marked = [
                        number for number, symbol in zip(numbers, symbols, strict=True) if symbol == MARK
                    ]
                    assert len(marked) == 2
                    assert symbols[place - distance] == MARK
                    assert target == pytest.approx(sum(marked), abs=1e-9)
                else:
                    assert symbols[place - distance] == target
                    assert FIRST_LETTER <= target < FIRST_LETTER + made.letters
            assert not any(row["targets"][place] for place in range(len(symbols)) if place not in asked)


@given(corpora)
def test_no_row_is_in_two_splits(made: AlgorithmicCorpus) -> None:
    tables = generate(made)
    contents = {
        name: {(tuple(row["symbols"]), tuple(row["numbers"])) for row in table.to_pylist()}
        for name, table in tables.items()
    }
    assert [table.num_rows for table in tables.values()] == [23, 11, 13]
    assert not contents["train"] & contents["test"]
    assert not contents["train"] & contents["validation"]
    assert not contents["validation"] & contents["test"]


@given(corpora)
def test_a_seed_gives_the_same_rows(made: AlgorithmicCorpus) -> None:
    assert generate(made) == generate(made)
    other = made.model_copy(update={"seed": made.seed + 1})
    assert generate(other)["train"] != generate(made)["train"]


def test_orders_by_hand() -> None:
    row = generate(corpus("reverse", nearest=7, farthest=7))["train"].to_pylist()[0]
    letters = row["symbols"][:4]
    assert row["symbols"] == letters + [ASK] * 4
    assert row["targets"] == [0.0] * 4 + [float(letter) for letter in letters[::-1]]
    assert row["distances"] == [0] * 4 + [1, 3, 5, 7]
    row = generate(corpus("copy", nearest=7, farthest=7, length=3))["train"].to_pylist()[0]
    assert row["symbols"][3:] == [BLANK] * 4 + [ASK] * 3
    assert row["targets"][7:] == [float(letter) for letter in row["symbols"][:3]]
    assert row["distances"][7:] == [7] * 3


@pytest.mark.parametrize("problem", ["copy", "reverse", "recall"])
def test_the_chance_of_a_guess_is_one_letter_in_eight(problem: str) -> None:
    targets = np.concatenate(
        [np.array(row) for row in generate(corpus(problem))["train"]["targets"].to_pylist()]
    )
    _, counts = np.unique(targets[targets > 0], return_counts=True)
    assert len(counts) == 8
    assert counts.max() / counts.sum() < 0.16


def test_who_always_answers_one_misses_a_sum_by_a_sixth() -> None:
    sums = np.array([row[-1] for row in generate(corpus("adding"))["train"]["targets"].to_pylist()])
    error = ((sums - 1) ** 2).mean()
    assert error == pytest.approx(1 / 6, abs=0.015)


def test_distances_are_even_on_a_logarithmic_scale() -> None:
    rows = generate(corpus("recall", nearest=1, farthest=1000))["train"]["distances"].to_pylist()
    distances = np.array([row[-1] for row in rows])
    assert distances.min() == 1
    shares = [float((distances <= end).mean()) for end in (9, 31, 99, 315)]
    np.testing.assert_allclose(shares, [1 / 3, 1 / 2, 2 / 3, 5 / 6], atol=0.04)
