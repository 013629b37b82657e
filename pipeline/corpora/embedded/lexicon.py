"""The form of a bilingual lexicon: words with what their agreement needs, and tables of them as text."""

import unicodedata
from dataclasses import dataclass

Choices = tuple[tuple[str, float], ...]
"""Translations (one or more words each) with their probabilities."""


def choices(text: str) -> Choices:
    """Reads "a" (for sure) or "a | b" (a two times in three, else b, as every free choice here)."""
    options = [option.strip() for option in unicodedata.normalize("NFC", text).split("|")]
    return tuple(zip(options, [1.0] if len(options) == 1 else [2 / 3, 1 / 3], strict=True))


@dataclass(frozen=True)
class Noun:
    english: str
    french: Choices
    hindi: Choices
    oblique: Choices
    """Hindi before a postposition."""
    french_feminine: bool
    hindi_feminine: bool
    plural: bool


@dataclass(frozen=True)
class Adjective:
    english: str
    french: tuple[str, str, str, str]
    """Masculine, feminine, and both in the plural."""
    before: bool
    """Stands before the French noun."""
    hindi: str
    """Ends in -aa where it is inflected."""


@dataclass(frozen=True)
class Verb:
    english: tuple[str, str]
    """Third person singular and plural."""
    french: tuple[Choices, Choices]
    hindi: str
    """Stem."""


@dataclass(frozen=True)
class Phrase:
    """Words without inflection: prepositions, adverbs, imperatives."""

    english: str
    french: Choices
    hindi: Choices


@dataclass(frozen=True)
class Lexicon:
    beings: tuple[Noun, ...]
    things: tuple[Noun, ...]
    places: tuple[Noun, ...]
    devices: tuple[Noun, ...]
    adjectives: tuple[Adjective, ...]
    intransitive: tuple[Verb, ...]
    transitive: tuple[Verb, ...]
    switches: tuple[Phrase, ...]
    """Imperatives for devices."""
    orders: tuple[Phrase, ...]
    """Imperatives for things."""
    adverbs: tuple[Phrase, ...]


def nouns(table: str) -> tuple[Noun, ...]:
    """Lines of: english; french; hindi; oblique; French and Hindi gender, number ("mfs")."""
    rows = []
    for line in table.strip().splitlines():
        english, french, hindi, oblique, forms = map(str.strip, line.split(";"))
        feminine = forms[0] == "f", forms[1] == "f"
        translations = choices(french), choices(hindi), choices(oblique)
        rows.append(Noun(english, *translations, *feminine, plural=forms[2] == "p"))
    return tuple(rows)


def adjectives(table: str) -> tuple[Adjective, ...]:
    """Lines of: english; four French forms; before or after; hindi."""
    rows = [[part.strip() for part in line.split(";")] for line in table.strip().splitlines()]
    forms = [tuple(row[1].split()) for row in rows]
    return tuple(
        Adjective(row[0], (m, f, ms, fs), row[2] == "before", row[3])
        for row, (m, f, ms, fs) in zip(rows, forms, strict=True)
    )


def verbs(table: str) -> tuple[Verb, ...]:
    """Lines of: english singular plural; french singular; french plural; hindi stem."""
    verbs = []
    for line in table.strip().splitlines():
        english, one, many, stem = map(str.strip, line.split(";"))
        singular, plural = english.split()
        verbs.append(Verb((singular, plural), (choices(one), choices(many)), stem))
    return tuple(verbs)


def phrases(table: str) -> tuple[Phrase, ...]:
    """Lines of: english; french; hindi."""
    rows = [[part.strip() for part in line.split(";")] for line in table.strip().splitlines()]
    return tuple(Phrase(english, choices(french), choices(hindi)) for english, french, hindi in rows)
