"""Generated pictures of up to three coloured shapes, with captions of which every true one is known.

24 x 24 pixels are nine cells; a shape of 6 x 6 pixels lies somewhere in its cell, on a dark, noisy ground.
Two shapes of a scene share a row or a column; of three, one does so with each of the others.

    "a red circle over a blue square"        "a blue square is left of a white cross"

A scene is its shapes, colours and cells. The split that it belongs to is a function of these, so that no
scene is in two splits; within one it may come again, a pixel further and in other light. Four shapes in a
certain colour are never in training; each scene of the split "held_out" has one of them.
"""

import random
from collections.abc import Iterator
from hashlib import sha256
from itertools import permutations, product
from typing import NamedTuple

import numpy as np
import pyarrow as pa

from pipeline.config.schema.corpora import ScenesCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.captioned import SCHEMA as CAPTIONED
from pipeline.images import Pixels, png

SIDE, CELLS, SHAPE = 24, 3, 6
CELL = SIDE // CELLS
CAPTIONS = 5
COLOURS = {
    "red": (225, 45, 40),
    "green": (50, 190, 70),
    "blue": (55, 90, 230),
    "yellow": (235, 215, 55),
    "white": (235, 235, 235),
}
SHAPES = {
    "circle": (0b001100, 0b011110, 0b111111, 0b111111, 0b011110, 0b001100),
    "square": (0b111111,) * SHAPE,
    "triangle": (0b001100, 0b001100, 0b011110, 0b011110, 0b111111, 0b111111),
    "cross": (0b001100, 0b001100, 0b111111, 0b111111, 0b001100, 0b001100),
}
"""Row by row, from above."""
MASKS = {
    name: np.array([[bits >> place & 1 for place in reversed(range(SHAPE))] for bits in rows], dtype=bool)
    for name, rows in SHAPES.items()
}
HELD_OUT = frozenset({("green", "circle"), ("yellow", "square"), ("red", "triangle"), ("blue", "cross")})
"""Of each shape, and of all colours but white, one that only the split "held_out" has."""
ROWS, COLUMNS = ("at the top", "", "at the bottom"), ("on the left", "", "on the right")
RELATIONS = {
    (0, -1): ("left of", "to the left of"),
    (0, 1): ("right of", "to the right of"),
    (-1, 0): ("above", "over"),
    (1, 0): ("below", "under"),
}
"""By the first shape's direction from the second: rows down, columns to the right."""
SHARES = {"train": range(60), "validation": range(60, 75), "test": range(75, 100)}
"""Of the hundredths that a scene's digest falls into."""


class Object(NamedTuple):
    colour: str
    shape: str
    row: int
    column: int

    def __str__(self) -> str:
        return " ".join(map(str, self))


Scene = tuple[Object, ...]

# ------------------------------------------------------------------------------------------- truth


def captions_of(scene: Scene) -> list[str]:
    """Every caption that this grammar has for the scene; they and no others are true of it."""
    return list(dict.fromkeys(_phrases(scene, [f"a {each.colour} {each.shape}" for each in scene])))


def _phrases(scene: Scene, names: list[str]) -> Iterator[str]:
    match len(scene):
        case 1:
            place, name = _place(scene[0]), names[0]
            yield from (f"{name} {place}", f"there is {name} {place}", f"{name} , all alone , {place}")
            yield from (f"only {name} , {place}", f"{name} and nothing else")
        case 2:
            line = "side by side" if scene[0].row == scene[1].row else "in one column"
            for x, y in permutations(range(2)):
                yield f"{names[x]} and {names[y]} {line}"
                for relation in _relations(scene[x], scene[y]):
                    yield f"{names[x]} {relation} {names[y]}"
                    yield f"{names[x]} is {relation} {names[y]}"
                    yield f"there is {names[x]} {relation} {names[y]}"
        case _:
            for x, y, z in permutations(range(3)):
                yield f"{names[x]} , {names[y]} and {names[z]}"
                for relation in _relations(scene[x], scene[y]):
                    yield f"{names[x]} {relation} {names[y]} and also {names[z]}"
                    for other in _relations(scene[y], scene[z]):
                        yield f"{names[x]} {relation} {names[y]} , which is {other} {names[z]}"


def _place(it: Object) -> str:
    words = [words for words in (ROWS[it.row], COLUMNS[it.column]) if words]
    return " ".join(words) or "in the middle"


def _relations(one: Object, other: Object) -> tuple[str, ...]:
    """How the first stands to the second; nothing is said of two that share neither row nor column."""
    down, right = one.row - other.row, one.column - other.column
    if down and right:
        return ()
    return RELATIONS[(down > 0) - (down < 0), (right > 0) - (right < 0)]


def parse(text: str) -> Scene:
    """A scene from the column "scene"."""
    words = (part.split() for part in text.split("; "))
    return tuple(Object(colour, shape, int(row), int(column)) for colour, shape, row, column in words)


# -------------------------------------------------------------------------------------- generation

SCHEMA = pa.schema([*CAPTIONED, ("scene", pa.string())])
"""The columns of flickr8k, and what the picture shows."""


def splits(corpus: ScenesCorpus) -> list[Split]:
    sizes = corpus.sizes.model_dump() | {"held_out": corpus.held_out}
    return [Split(name, SCHEMA, rows, items=CAPTIONS) for name, rows in sizes.items()]


def generate(corpus: ScenesCorpus) -> dict[str, pa.Table]:
    return {split.name: _table(corpus, split, number) for number, split in enumerate(splits(corpus))}


def _table(corpus: ScenesCorpus, split: Split, number: int) -> pa.Table:
    choose, light = random.Random(f"{corpus.seed} {split.name}"), np.random.default_rng([corpus.seed, number])
    rows: list[tuple[bytes, list[str], str]] = []
    while len(rows) < (split.rows or 0):
        scene = _scene(choose, choose.choices((1, 2, 3)[: corpus.objects], (1, 2, 2)[: corpus.objects])[0])
        if split_of(scene) == split.name:
            captions = choose.sample(captions_of(scene), CAPTIONS)
            rows.append((png(draw(scene, light)), captions, "; ".join(map(str, scene))))
    images, captions_, scenes = zip(*rows, strict=True)
    return pa.table([images, captions_, scenes], SCHEMA)


def split_of(scene: Scene) -> str:
    """The one split that may have the scene, whose objects are sorted."""
    if any((each.colour, each.shape) in HELD_OUT for each in scene):
        return "held_out"
    digest = sha256("; ".join(map(str, scene)).encode()).digest()
    place = int.from_bytes(digest[:4], "big") % 100
    return next(name for name, share in SHARES.items() if place in share)


def _scene(choose: random.Random, objects: int) -> Scene:
    """Sorted objects that differ in colour or shape, in cells as the module's text says."""
    looks = choose.sample([*product(COLOURS, SHAPES)], objects)
    middle = choose.randrange(CELLS), choose.randrange(CELLS)
    row, column = middle
    line = [(row, other) for other in range(CELLS) if other != column]
    line += [(other, column) for other in range(CELLS) if other != row]
    cells = [middle, *choose.sample(line, objects - 1)]
    return tuple(sorted(Object(*look, *cell) for look, cell in zip(looks, cells, strict=True)))


def draw(scene: Scene, light: np.random.Generator) -> Pixels:
    """The scene in some light, each shape somewhere in its cell."""
    picture = np.full((SIDE, SIDE, 3), light.uniform(15, 60))
    for each in scene:
        down, right = light.integers(0, CELL - SHAPE + 1, 2)
        top, left = each.row * CELL + down, each.column * CELL + right
        colour = np.array(COLOURS[each.colour]) * light.uniform(0.75, 1)
        picture[top : top + SHAPE, left : left + SHAPE][MASKS[each.shape]] = colour
    picture += light.uniform(-12, 12, picture.shape)
    return picture.clip(0, 255).astype(np.uint8)
