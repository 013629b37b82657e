"""Generated texts about one event each, whose headlines say who does what: subject, verb and object.

    yesterday the tired baker , whom the mayor knows , sold a red boat at dawn . the crowd was quiet .
    baker sells boat

One sentence tells of the event; others may stand before and behind it, and it names more than who does what.
Its verb is the only word of its kind in the text, so the headline is certain. Splits share no headline, so
none can be known by heart.
"""

import random
import zlib

import pyarrow as pa

from pipeline.config.schema.corpora import SummariesCorpus
from pipeline.corpora.canonical import Split, text_schema
from pipeline.errors import UserError

PEOPLE = (
    *("baker", "captain", "doctor", "farmer", "judge", "mayor"),
    *("miller", "painter", "poet", "sailor", "teacher", "weaver"),
)
THINGS = (
    *("barn", "boat", "bridge", "clock", "mill", "organ"),
    *("piano", "shop", "statue", "tower", "tram", "well"),
)
VERBS = {
    "bought": "buys",
    "built": "builds",
    "cleaned": "cleans",
    "closed": "closes",
    "found": "finds",
    "inspected": "inspects",
    "lost": "loses",
    "opened": "opens",
    "painted": "paints",
    "repaired": "repairs",
    "sold": "sells",
    "wrecked": "wrecks",
}
"""As texts have them, and as headlines do."""
WHEN = ("yesterday", "on monday", "at dawn", "last night", "this week", "in may")
HOW = ("after a long debate", "for the second time", "without any help", "near the river", "for little money")
OF_PEOPLE = ("cheerful", "famous", "old", "tired", "young")
OF_THINGS = ("green", "huge", "old", "red", "small", "wooden")
ASIDES = (
    "the {person} was not there .",
    "nobody asked the {person} about the {thing} .",
    "the {person} and the {other} were pleased .",
    "it rained {when} .",
    "the {thing} stands near the {another} .",
)
DEALT = {"train": (0, 1, 2, 3, 4, 5), "validation": (6,), "test": (7, 8, 9)}
"""Of ten headlines, by their digests."""
TRIES = 1000


def splits(corpus: SummariesCorpus) -> list[Split]:
    schema = text_schema("text", "summary")
    return [Split(name, schema, rows) for name, rows in corpus.sizes.model_dump().items()]


def generate(corpus: SummariesCorpus) -> dict[str, pa.Table]:
    """Every split; no text occurs twice, and no headline in two splits.

    Raises:
        UserError: there are fewer different texts than asked for.
    """
    rng, seen = random.Random(corpus.seed), set[str]()
    found = {}
    for split in splits(corpus):
        texts: list[str] = []
        tries = 0
        while len(texts) < (split.rows or 0):
            text = _text(rng, corpus.asides)
            if text not in seen and zlib.crc32(headline(text).encode()) % 10 in DEALT[split.name]:
                seen.add(text)
                texts.append(text)
                tries = 0
            elif (tries := tries + 1) > TRIES:
                raise UserError(f"corpora: only {len(seen):,} different texts found; lower sizes")
        found[split.name] = pa.table([texts, [headline(text) for text in texts]], split.schema)
    return found


def headline(text: str) -> str:
    """The one right headline.

    Raises:
        ValueError: the text doesn't tell of one event.
    """
    events = [sentence.split() for sentence in text.split(" .") if VERBS.keys() & set(sentence.split())]
    if len(events) != 1:
        raise ValueError(f"{text!r} tells of {len(events)} events")
    (words,) = events
    (verb,) = (place for place, word in enumerate(words) if word in VERBS)
    subject = next(word for word in words if word in PEOPLE)
    target = next(word for word in words[verb:] if word in THINGS)
    return f"{subject} {VERBS[words[verb]]} {target}"


def _text(rng: random.Random, most: int) -> str:
    sentences = [_aside(rng) for _ in range(rng.randint(0, most))]
    sentences.insert(rng.randint(0, len(sentences)), _event(rng))
    return " ".join(sentences)


def _aside(rng: random.Random) -> str:
    (person, other), (thing, another) = rng.sample(PEOPLE, 2), rng.sample(THINGS, 2)
    form = rng.choice(ASIDES)
    return form.format(person=person, other=other, thing=thing, another=another, when=rng.choice(WHEN))


def _event(rng: random.Random) -> str:
    (who, other), (what, near) = rng.sample(PEOPLE, 2), rng.sample(THINGS, 2)
    between = rng.choice(["", f", whom the {other} knows ,", f"from the {near}"])
    words = [
        rng.choice(["", *WHEN]),
        f"the {rng.choice(OF_PEOPLE)} {who}",
        between,
        rng.choice(list(VERBS)),
        f"the {rng.choice(OF_THINGS)} {what}",
        rng.choice(["", *HOW]),
        ".",
    ]
    return " ".join(filter(None, words))
