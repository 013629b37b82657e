"""When two sentences are the same to a reader."""

import unicodedata

KEPT = frozenset("LMN")
"""First letters of Unicode's categories: letters, the marks that go with them, numbers."""


def bare(sentence: str) -> str:
    """Its letters and numbers alone, in one case: equal for what differs in capitals, marks or blanks."""
    text = unicodedata.normalize("NFKC", sentence).casefold()
    return "".join(character for character in text if unicodedata.category(character)[0] in KEPT)
