"""How French and Hindi say a clause: the words with their agreement, and their order.

A language turns a clause into orders: sequences of units with a probability each. Units left of any
translation (the English article in Hindi) don't appear.
"""

from typing import Literal, NamedTuple

from pipeline.corpora.embedded.grammar import Clause, Command, NounPhrase, Words
from pipeline.corpora.embedded.lexicon import Adjective, Choices, choices
from pipeline.corpora.embedded.vocabulary import IS

Language = Literal["fr", "hi"]
LANGUAGES: tuple[Language, ...] = ("fr", "hi")


class Unit(NamedTuple):
    """Source words that are translated together, and what they may become."""

    source: tuple[int, ...]
    choices: Choices


Units = tuple[Unit, ...]


def orders(clause: Clause, language: Language) -> list[Units]:
    """The free orders of a clause: one in French, two in Hindi, the commoner first."""
    return [_french(clause)] if language == "fr" else _hindi(clause)


def _words(words: Words | None, language: Language) -> Units:
    if words is None:
        return ()
    return (Unit(words.positions, words.entry.french if language == "fr" else words.entry.hindi),)


# ------------------------------------------------------------------------------------------ French


def _french(clause: Clause) -> Units:
    place = _words(clause.preposition, "fr") + _french_noun(clause.place)
    rest = _french_noun(clause.object) + place + _words(clause.adverb, "fr")
    if isinstance(clause, Command):
        return _words(clause.order, "fr") + _words(clause.about, "fr") + rest
    verb = Unit((clause.position,), clause.verb.french[clause.subject.noun.plural])
    return (*_french_noun(clause.subject), verb, *rest)


def _french_noun(phrase: NounPhrase | None) -> Units:
    """Article and adjective agree with the noun; most adjectives follow it."""
    if phrase is None:
        return ()
    noun, at = phrase.noun, phrase.position
    units = [Unit((at,), noun.french)]
    feminine = noun.french_feminine
    if phrase.adjective:
        form = phrase.adjective.french[feminine + 2 * noun.plural]
        units.insert(0 if phrase.adjective.before else 1, Unit((at - 1,), choices(form)))
    if phrase.article:
        articles = ["les"] * 2 if noun.plural else ["le", "la"] if phrase.article == "the" else ["un", "une"]
        units.insert(0, Unit((at - len(units),), choices(articles[feminine])))
    return tuple(units)


# ------------------------------------------------------------------------------------------- Hindi


def _hindi(clause: Clause) -> list[Units]:
    """Verb last, postpositions; the other order moves object or place to the front, or the verb."""
    place = _hindi_noun(clause.place, oblique=True) + _words(clause.preposition, "hi")
    adverb = _words(clause.adverb, "hi")
    object_ = _hindi_noun(clause.object, oblique=isinstance(clause, Command) and clause.about is not None)
    if isinstance(clause, Command):
        order, topic = _words(clause.order, "hi"), object_ + _words(clause.about, "hi")
        return [adverb + place + topic + order, adverb + place + order + topic]
    subject, verb = _hindi_noun(clause.subject, oblique=False), _hindi_verb(clause)
    natural = subject + adverb + place + object_ + verb
    if place:
        return [natural, place + subject + adverb + object_ + verb]
    if object_:
        return [natural, object_ + subject + adverb + verb]
    return [natural, adverb + subject + verb if adverb else verb + subject]


def _hindi_verb(clause: Clause) -> Units:
    """Habitual present: participle and auxiliary agree with the subject."""
    assert not isinstance(clause, Command)
    noun = clause.subject.noun
    auxiliary = "हैं" if noun.plural else "है"
    ending = "ती" if noun.hindi_feminine else "ते" if noun.plural else "ता"
    form = auxiliary if clause.verb is IS else f"{clause.verb.hindi}{ending} {auxiliary}"
    return (Unit((clause.position,), choices(form)),)


def _hindi_noun(phrase: NounPhrase | None, *, oblique: bool) -> Units:
    """No definite article; adjectives in -aa agree with gender, number and case."""
    if phrase is None:
        return ()
    noun, at = phrase.noun, phrase.position
    units = [Unit((at,), noun.oblique if oblique else noun.hindi)]
    if phrase.adjective:
        form = _hindi_adjective(phrase.adjective, feminine=noun.hindi_feminine, bent=noun.plural or oblique)
        units.insert(0, Unit((at - 1,), choices(form)))
    if phrase.article == "a":
        units.insert(0, Unit((at - len(units),), choices("एक")))
    return tuple(units)


def _hindi_adjective(adjective: Adjective, *, feminine: bool, bent: bool) -> str:
    form = adjective.hindi
    if not form.endswith("ा"):
        return form
    return form[:-1] + ("ी" if feminine else "े" if bent else "ा")
