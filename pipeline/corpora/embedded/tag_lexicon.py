"""The words of the tagged sentences: what each is, and which decide another."""

from typing import Literal, NamedTuple

Side = Literal["later", "earlier"]


class Reading(NamedTuple):
    upos: str
    ner: str


PERSON, ORGANISATION, PLACE = Reading("PROPN", "B-PER"), Reading("PROPN", "B-ORG"), Reading("PROPN", "B-LOC")
THING, ACTION = Reading("NOUN", "O"), Reading("VERB", "O")
READINGS = (PERSON, ORGANISATION, PLACE, THING, ACTION)

AMBIGUOUS = "mark grant chase hunt bill chip ford page bond cook park post"
DECIDERS: dict[Side, dict[Reading, str]] = {
    "later": {
        PERSON: "sings laughs sneezes whistles smiles dances",
        ORGANISATION: "merges invests recruits advertises diversifies restructures",
        PLACE: "floods stretches sprawls thaws slopes erodes",
        THING: "vanishes rots rusts melts expires matters",
        ACTION: "everything something nothing anything it them",
    },
    "earlier": {
        PERSON: "captain doctor uncle aunt professor nurse",
        ORGANISATION: "firm bank club agency insurer brewery",
        PLACE: "village island valley county suburb hamlet",
        THING: "no some another every each any",
        ACTION: "must should could can might would",
    },
}
FILLERS = [
    [""],
    ["again", "still", "often", "perhaps", "indeed"],
    ["once again", "of course", "at last", "in fact", "quite often"],
    ["in the end", "by the way", "at this point", "on most days"],
    ["for the first time", "in the old days", "on the other hand", "at the same time", "at the last minute"],
]
"""By number of words."""
THEMES = {"water": "river lake harbour bay pond canal", "land": "forest hill desert meadow farm garden"}
PREPOSITIONS = "near behind beside beyond"
NOUNS = "rain bread music dust smoke light"
VERBS = "waits changes returns stays moves appears"
NAMES = {
    "PER": ("anna peter maria felix", "lind moreau varga"),
    "ORG": ("acme velmor tirano lumex", "group holdings partners"),
    "LOC": ("oslo quito lima cairo", "heights quarter"),
}
"""Unambiguous entities: first words and second ones."""
_PUNCTUATION = ", ; ."
JOINTS = [",", ";", "and", "but", "while"]
"""Between clauses."""

UPOS_WORDS = {
    "ADJ": "first last most old other same",
    "ADP": f"at by for in of on {PREPOSITIONS}",
    "ADV": "again indeed often once perhaps quite still",
    "AUX": DECIDERS["earlier"][ACTION],
    "CCONJ": "and but",
    "DET": f"the this {DECIDERS['earlier'][THING]}",
    "NOUN": " ".join(
        [
            "course days end fact hand minute point time way",
            NOUNS,
            *THEMES.values(),
            *(DECIDERS["earlier"][reading] for reading in (PERSON, ORGANISATION, PLACE)),
        ]
    ),
    "PRON": DECIDERS["later"][ACTION],
    "PROPN": " ".join(words for both in NAMES.values() for words in both),
    "PUNCT": _PUNCTUATION,
    "SCONJ": "while",
    "VERB": " ".join([VERBS, *(words for reading, words in DECIDERS["later"].items() if reading != ACTION)]),
}
UPOS = {word: upos for upos, words in UPOS_WORDS.items() for word in words.split()}
NER = {
    word: f"{part}-{kind}"
    for kind, both in NAMES.items()
    for part, words in zip("BI", both, strict=True)
    for word in words.split()
}
DECIDES = {
    word: (side, reading)
    for side, by_reading in DECIDERS.items()
    for reading, words in by_reading.items()
    for word in words.split()
}
THEME_OF = {place: theme for theme, places in THEMES.items() for place in places.split()}
ENDS = {*JOINTS, *_PUNCTUATION.split()}

VOCABULARY = frozenset(AMBIGUOUS.split()) | frozenset(UPOS)
