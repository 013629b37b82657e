"""Words by the rule, counted by hand and by the tokenizer."""

import pytest

from pipeline.text.ascii_words import count, train_ascii_words


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don't go!", ["don't", "go", "!"]),
        ("It's 3.5 well-known 'stars'", ["it's", "3", ".", "5", "well", "-", "known", "'", "stars", "'"]),
        ("one.<br /><br />Two", ["one", ".", "two"]),
        ("caf\u00e9s", ["caf", "\u00e9", "s"]),
        ("rock'n'roll", ["rock'n", "'", "roll"]),
        ("  \n\t ", []),
        ("", []),
    ],
)
def test_the_rule(text: str, words: list[str]) -> None:
    tokenizer = train_ascii_words([text], vocabulary=50, minimum_frequency=1)
    assert tokenizer.tokens(tokenizer.encode(text)) == words
    assert count(text) == len(words)


def test_a_vocabulary_of_frequent_words() -> None:
    tokenizer = train_ascii_words(["a a b"], vocabulary=50, minimum_frequency=2)
    assert tokenizer.tokens(tokenizer.encode("A b c")) == ["a", "<unk>", "<unk>"]
