"""What the generated scenes promise: captions are true, the picture tells all, splits share no scene."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.config.schema.corpora import ScenesCorpus
from pipeline.corpora.embedded import scenes
from pipeline.corpora.embedded.scenes import CELL, CELLS, COLOURS, HELD_OUT, MASKS, SHAPE, Object, Scene
from pipeline.images import Pixels, read_image

SIZES = {"train": 101, "validation": 31, "test": 53}


@pytest.fixture(scope="module")
def tables() -> dict:
    corpus = ScenesCorpus.model_validate({"reader": "scenes", "sizes": SIZES, "held_out": 29})
    return {name: table.to_pylist() for name, table in scenes.generate(corpus).items()}


def seen(picture: Pixels) -> Scene:
    """The scene as pixels tell it: in each cell the shape and colour that fit best, if any does."""
    found = []
    for row, column in itertools.product(range(CELLS), repeat=2):
        cell = picture[row * CELL : (row + 1) * CELL, column * CELL : (column + 1) * CELL].astype(float)
        bright = cell.max(-1) > 105
        if not bright.any():
            continue
        shifts = list(itertools.product(range(CELL - SHAPE + 1), repeat=2))
        fits = {
            name: max((bright[i : i + SHAPE, j : j + SHAPE] == mask).mean() for i, j in shifts)
            for name, mask in MASKS.items()
        }
        mean = cell[bright].mean(0)
        cosines = {name: mean @ np.array(colour) / np.linalg.norm(colour) for name, colour in COLOURS.items()}
        found.append(
            Object(max(cosines, key=cosines.__getitem__), max(fits, key=fits.__getitem__), row, column)
        )
    return tuple(sorted(found))


def test_the_picture_tells_the_scene(tables: dict) -> None:
    for rows in tables.values():
        for line in rows:
            assert seen(read_image(line["image"], "picture")) == scenes.parse(line["scene"])


def test_captions_are_five_different_true_ones(tables: dict) -> None:
    for line in itertools.chain(*tables.values()):
        true = scenes.captions_of(scenes.parse(line["scene"]))
        assert len(set(line["captions"])) == 5
        assert set(line["captions"]) <= set(true)


def test_a_scene_is_in_one_split_and_held_out_shapes_in_the_last_alone(tables: dict) -> None:
    found = {name: {line["scene"] for line in rows} for name, rows in tables.items()}
    for one, other in itertools.combinations(found, 2):
        assert not found[one] & found[other]
    for name, rows in tables.items():
        for line in rows:
            looks = {(each.colour, each.shape) for each in scenes.parse(line["scene"])}
            assert bool(looks & HELD_OUT) == (name == "held_out")
    assert {name: len(rows) for name, rows in tables.items()} == SIZES | {"held_out": 29}


def test_words_are_few_and_training_has_them_all(tables: dict) -> None:
    words = {
        name: {word for line in rows for text in line["captions"] for word in text.split()}
        for name, rows in tables.items()
    }
    assert len(set.union(*words.values())) < 60
    assert words["test"] | words["held_out"] <= words["train"]


places = st.tuples(st.integers(0, 2), st.integers(0, 2))


@given(places, places)
def test_relations_are_of_the_cells(one: tuple[int, int], other: tuple[int, int]) -> None:
    """Against coordinates written down by hand, not against the generator's table."""
    if one == other:
        return
    first, second = Object("red", "circle", *one), Object("blue", "square", *other)
    captions = scenes.captions_of((first, second))
    says = {
        "left of": one[0] == other[0] and one[1] < other[1],
        "right of": one[0] == other[0] and one[1] > other[1],
        "above": one[1] == other[1] and one[0] < other[0],
        "below": one[1] == other[1] and one[0] > other[0],
    }
    for relation, is_true in says.items():
        assert (f"a red circle is {relation} a blue square" in captions) == is_true


def test_another_seed_makes_other_scenes_and_the_same_seed_the_same() -> None:
    def first(seed: int) -> list:
        corpus = ScenesCorpus.model_validate({"reader": "scenes", "seed": seed, "sizes": SIZES})
        return scenes.generate(corpus)["train"].slice(0, 5).to_pylist()

    assert first(3) == first(3)
    assert first(3) != first(4)
