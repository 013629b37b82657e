"""Generated notes on people, places and things, with questions of four kinds whose answers are certain.

    one fact     where is PERSON ?                     the place of the person's last note
    two facts    where is the THING ?                  where who holds it is, or where it was dropped
    yes or no    is PERSON PLACE ?                     yes half of the time, whatever the person and the place
    counting     how many things does PERSON hold ?    none, one, two …

A story is of one kind, and has a question after the third note and after each that follows. Notes are as
terse as can be ("amina upstairs"): with a verb and a full stop in each a network needs several times the
examples until it finds out who is asked for.
"""

import random
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import pyarrow as pa

from pipeline.config.schema.corpora import QuestionsCorpus
from pipeline.corpora.canonical import Split
from pipeline.corpora.stories import SCHEMA
from pipeline.errors import UserError

PEOPLE = ("amina", "boris", "carla", "dev", "elif", "femi")
PLACES = ("abroad", "ashore", "downtown", "home", "outside", "upstairs")
THINGS = ("candle", "hammer", "lemon", "map", "violin")
KINDS = ("one fact", "two facts", "yes or no", "counting")
NUMBERS = ("none", "one", "two", "three", "four", "five")
MOVES = {"one fact": 1.0, "two facts": 0.4, "yes or no": 0.8, "counting": 0.3}
"""Share of notes that tell where somebody is."""
FIRST = 3
"""Notes before the first question."""
TRIES = 1000


class Answer(NamedTuple):
    """`supporting`: places of the notes that decide it, in the story's order."""

    text: str
    supporting: list[int]


def splits(corpus: QuestionsCorpus) -> list[Split]:
    types = {type_of("one fact", back) for back in range(corpus.facts)} | {*KINDS[1:]}
    values = {"type": frozenset(types), "answer": frozenset({"yes", "no", *NUMBERS, *PLACES})}
    return [Split(name, SCHEMA, rows, values) for name, rows in corpus.sizes.model_dump().items()]


def generate(corpus: QuestionsCorpus) -> dict[str, pa.Table]:
    """Every split; no story occurs twice, nor does a question after the same notes.

    Raises:
        UserError: there are fewer different stories than asked for.
    """
    rng, seen = random.Random(corpus.seed), set[str]()
    return {
        split.name: pa.Table.from_pylist(_rows(split.rows or 0, corpus, rng, seen), SCHEMA)
        for split in splits(corpus)
    }


def type_of(kind: str, back: int) -> str:
    """One fact is told apart by how many notes `back` it stands."""
    return f"one fact, {back} back" if kind == "one fact" else kind


def _rows(count: int, corpus: QuestionsCorpus, rng: random.Random, seen: set[str]) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = []
    story_id = 0
    while len(rows) < count:
        kind = corpus.kinds[story_id % len(corpus.kinds)]
        found = _new_story(kind, corpus.facts, rng, seen)
        rows += [row | {"task": KINDS.index(kind) + 1, "story_id": story_id} for row in found]
        story_id += 1
    return rows[:count]


def _new_story(kind: str, facts: int, rng: random.Random, seen: set[str]) -> list[dict[str, Any]]:
    for _ in range(TRIES):
        found = list(_story(kind, facts, rng))
        keys = {" ".join([*row["story"], row["question"]]) for row in found}
        if found and seen.isdisjoint(keys):
            seen |= keys
            return found
    raise UserError(f"corpora: only {len(seen):,} different questions found; lower sizes or facts")


def _story(kind: str, facts: int, rng: random.Random) -> Iterator[dict[str, Any]]:
    story: list[str] = []
    while len(story) < facts:
        story.append(_note(kind, read(story), rng))
        if len(story) >= FIRST and (question := _question(kind, read(story), rng)):
            answer = answer_of(story, question)
            yield {
                "type": type_of(kind, len(story) - 1 - answer.supporting[-1]),
                "story": list(story),
                "question": question,
                "answer": answer.text,
                "supporting": answer.supporting,
            }


# ------------------------------------------------------------------------------------------- truth


class World(NamedTuple):
    """What a story tells, and by which of its notes.

    `went`: person -> place, note. `took`: things that are held -> person, note. `lies`: things that were
    dropped -> place, notes. `handled`: person -> notes on taking and dropping.
    """

    went: dict[str, tuple[str, int]]
    took: dict[str, tuple[str, int]]
    lies: dict[str, tuple[str, list[int]]]
    handled: dict[str, list[int]]


def read(story: Sequence[str]) -> World:
    """
    Raises:
        ValueError: a note isn't of this grammar.
    """
    world = World({}, {}, {}, {})
    for number, note in enumerate(story):
        match note.split():
            case [person, place] if place in PLACES:
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
                raise ValueError(f"note {number} is {note!r}, which isn't of this grammar")
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
        case ["is", person, asked]:
            place, moved = world.went[person]
            return Answer("yes" if place == asked else "no", [moved])
        case ["how", "many", "things", "does", person, "hold"]:
            held = sum(holder == person for holder, _ in world.took.values())
            return Answer(NUMBERS[held], list(world.handled[person]))
    raise ValueError(f"{question!r} isn't a question of this grammar")


# ------------------------------------------------------------------------------------------ making


def _note(kind: str, world: World, rng: random.Random) -> str:
    """Nobody takes or drops a thing before it is told where they are."""
    if world.went and rng.random() >= MOVES[kind]:
        person = rng.choice(sorted(world.went))
        held = [thing for thing, (holder, _) in world.took.items() if holder == person]
        free = [thing for thing in THINGS if thing not in world.took]
        if held and (not free or rng.random() < 0.35):
            return f"{person} dropped the {rng.choice(held)}"
        return f"{person} took the {rng.choice(free)}" if free else _move(world, rng)
    return _move(world, rng)


def _move(world: World, rng: random.Random) -> str:
    person = rng.choice(PEOPLE)
    here, _ = world.went.get(person, (None, 0))
    return f"{person} {rng.choice([place for place in PLACES if place != here])}"


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
            return f"is {person} {place}?"
        case "counting" if world.handled:
            return f"how many things does {rng.choice(sorted(world.handled))} hold?"
    return None
