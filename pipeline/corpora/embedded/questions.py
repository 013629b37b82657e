"""Generated stories of people, places and things, with questions of four kinds whose answers are certain.

    one fact     where is PERSON ?                     where the person went last
    two facts    where is the THING ?                  where who holds it is, or where it was dropped
    yes or no    is PERSON in the PLACE ?              yes half of the time, whatever the person and the place
    counting     how many things does PERSON hold ?    none, one, two …

A story has questions of one kind, one after every second statement.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.config.schema.corpora import QuestionsCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.stories import SCHEMA

PEOPLE = ("amina", "boris", "carla", "dev", "elif", "femi")
PLACES = ("attic", "cellar", "harbour", "library", "orchard", "station")
THINGS = ("candle", "hammer", "lemon", "map", "violin")
TYPES = ("one fact", "two facts", "yes or no", "counting")
NUMBERS = ("none", "one", "two", "three", "four", "five")
MOVES = {"one fact": 0.8, "two facts": 0.4, "yes or no": 0.8, "counting": 0.3}
"""Share of statements that tell where somebody went."""


class Answer(NamedTuple):
    """`supporting`: places of the statements that decide it, in the story's order."""

    text: str
    supporting: list[int]


def splits(corpus: QuestionsCorpus) -> list[Split]:
    values = {"type": frozenset(TYPES), "answer": frozenset({"yes", "no", *NUMBERS, *PLACES})}
    return [Split(name, SCHEMA, rows, values) for name, rows in corpus.sizes.model_dump().items()]


def generate(corpus: QuestionsCorpus) -> dict[str, pa.Table]:
    """Every split; no story occurs twice, nor does a question after the same statements."""
    rng, seen = random.Random(corpus.seed), set[str]()
    return {
        split.name: pa.Table.from_pylist(_rows(split.rows or 0, corpus.facts, rng, seen), SCHEMA)
        for split in splits(corpus)
    }


def _rows(count: int, facts: int, rng: random.Random, seen: set[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    story_id = 0
    while len(rows) < count:
        task = story_id % len(TYPES)
        found = list(_story(TYPES[task], facts, rng))
        keys = {" ".join([*row["story"], row["question"]]) for row in found}
        if not found or not seen.isdisjoint(keys):
            continue
        seen |= keys
        rows += [row | {"task": task + 1, "story_id": story_id} for row in found]
        story_id += 1
    return rows[:count]


def _story(kind: str, facts: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    story: list[str] = []
    while len(story) < facts:
        story.append(_statement(kind, read(story), rng))
        if len(story) % 2 == 0 and (question := _question(kind, read(story), rng)):
            answer = answer_of(story, question)
            yield {
                "type": kind,
                "story": list(story),
                "question": question,
                "answer": answer.text,
                "supporting": answer.supporting,
            }


# ------------------------------------------------------------------------------------------- truth


class World(NamedTuple):
    """What a story tells, and by which of its statements.

    `went`: person -> place, statement. `took`: things that are held -> person, statement. `lies`: things that
    were dropped -> place, statements. `handled`: person -> statements on taking and dropping.
    """

    went: dict[str, tuple[str, int]]
    took: dict[str, tuple[str, int]]
    lies: dict[str, tuple[str, list[int]]]
    handled: dict[str, list[int]]


def read(story: Sequence[str]) -> World:
    """
    Raises:
        ValueError: a statement isn't of this grammar.
    """
    world = World({}, {}, {}, {})
    for number, statement in enumerate(story):
        match statement.removesuffix(".").split():
            case [person, "went", "to", "the", place]:
                world.went[person] = place, number
            case [person, "took", "the", thing]:
                world.lies.pop(thing, None)
                world.took[thing] = person, number
                world.handled.setdefault(person, []).append(number)
            case [person, "dropped", "the", thing]:
                del world.took[thing]
                place, since = world.went[person]
                world.lies[thing] = place, sorted([since, number])
                world.handled[person].append(number)
            case _:
                raise ValueError(f"statement {number} is {statement!r}, which isn't of this grammar")
    return world


def answer_of(story: Sequence[str], question: str) -> Answer:
    """The one right answer.

    Raises:
        ValueError: story or question isn't of this grammar.
        KeyError: the story doesn't tell.
    """
    world = read(story)
    match question.removesuffix("?").split():
        case ["where", "is", "the", thing] if thing in world.lies:
            return Answer(*world.lies[thing])
        case ["where", "is", "the", thing]:
            holder, since = world.took[thing]
            place, moved = world.went[holder]
            return Answer(place, sorted([since, moved]))
        case ["where", "is", person]:
            place, moved = world.went[person]
            return Answer(place, [moved])
        case ["is", person, "in", "the", asked]:
            place, moved = world.went[person]
            return Answer("yes" if place == asked else "no", [moved])
        case ["how", "many", "things", "does", person, "hold"]:
            held = sum(holder == person for holder, _ in world.took.values())
            return Answer(NUMBERS[held], list(world.handled[person]))
    raise ValueError(f"{question!r} isn't a question of this grammar")


# ------------------------------------------------------------------------------------------ making


def _statement(kind: str, world: World, rng: random.Random) -> str:
    """Nobody takes or drops a thing before it is told where they are."""
    if world.went and rng.random() >= MOVES[kind]:
        person = rng.choice(sorted(world.went))
        held = [thing for thing, (holder, _) in world.took.items() if holder == person]
        free = [thing for thing in THINGS if thing not in world.took]
        if held and (not free or rng.random() < 0.35):
            return f"{person} dropped the {rng.choice(held)}."
        return f"{person} took the {rng.choice(free)}." if free else _move(world, rng)
    return _move(world, rng)


def _move(world: World, rng: random.Random) -> str:
    person = rng.choice(PEOPLE)
    here, _ = world.went.get(person, (None, 0))
    return f"{person} went to the {rng.choice([place for place in PLACES if place != here])}."


def _question(kind: str, world: World, rng: random.Random) -> str | None:
    """One that the story answers; None if there is none of this kind."""
    match kind:
        case "one fact" if world.went:
            return f"where is {rng.choice(sorted(world.went))}?"
        case "two facts" if known := sorted({*world.took, *world.lies}):
            return f"where is the {rng.choice(known)}?"
        case "yes or no" if world.went:
            person = rng.choice(sorted(world.went))
            here, _ = world.went[person]
            place = here if rng.random() < 0.5 else rng.choice([each for each in PLACES if each != here])
            return f"is {person} in the {place}?"
        case "counting" if world.handled:
            return f"how many things does {rng.choice(sorted(world.handled))} hold?"
    return None
