"""What makes two sentences the same."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pipeline.text.sentences import bare


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Don't go!", "don\u2019t go"),
        ("Row, row.", "ROW ROW?"),
        ("\u201cCafe\u0301\u201d", "café"),
        ("यह क्या है।", "यह क्या है?"),
        ("Straße 1", "STRASSE 1."),
    ],
)
def test_capitals_and_marks_do_not_count(one: str, other: str) -> None:
    assert bare(one) == bare(other) != ""


@pytest.mark.parametrize(
    ("one", "other"), [("row", "rows"), ("दिन", "दीन"), ("page 1", "page 2"), ("resume", "résumé")]
)
def test_letters_their_marks_and_numbers_do(one: str, other: str) -> None:
    assert bare(one) != bare(other)


@given(st.text(), st.text(alphabet=" \t\u00a0.,;:!?'\u2019\u201c\u0964-"))
def test_marks_may_stand_anywhere(text: str, marks: str) -> None:
    assert bare(text) == bare(bare(text)) == bare(marks + text + marks)
