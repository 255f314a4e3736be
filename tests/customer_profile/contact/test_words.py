"""Messages in words: every place filled once, by language, and nothing in a value is ever read as a place."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.contact.domain.templates import Language, Value, Words, places_in, rendered, salutation
from tests.customer_profile.contact.test_documents import templates_of

EXAMPLES: dict[str, Value] = {"code": "WM-30D", "number": Decimal("1234567.80"), "day": date(2026, 3, 9)}


@pytest.mark.parametrize(
    ("language", "said"),
    [("zh", "WM-30D 1,234,567.80 2026年3月9日"), ("en", "WM-30D 1,234,567.80 9 March 2026")],
)
def test_values_are_written_as_the_language_writes_them(language: Language, said: str) -> None:
    assert rendered(Words(None, "{code} {number} {day}"), language, EXAMPLES).text == said


@pytest.mark.parametrize(
    ("gender", "language", "said"),
    [
        ("female", "zh", "张三丰女士"),
        ("male", "zh", "张三丰先生"),
        ("unknown", "zh", "张三丰"),
        ("female", "en", "Ms 张三丰"),
        ("male", "en", "Mr 张三丰"),
        ("unknown", "en", "张三丰"),
    ],
)
def test_a_customer_is_addressed_by_title_where_one_is_known(gender: str, language: Language, said: str) -> None:
    assert salutation("张三丰", gender, language) == said


@given(st.text(), st.text())
def test_what_is_filled_in_is_never_looked_through_for_places(name: str, code: str) -> None:
    filled = rendered(Words("{code}", "{full_name}|{code}"), "zh", {"full_name": name, "code": code})
    name, code = (" ".join(value.splitlines()) for value in (name, code))
    assert filled == Words(code, f"{name}|{code}")
    braces = rendered(Words(None, "{full_name}"), "zh", {"full_name": "{code}{full_name}", "code": code})
    assert braces.text == "{code}{full_name}"


def test_every_published_message_can_be_written_in_every_channel_and_language() -> None:
    for template in templates_of().values():
        values = {name: EXAMPLES[kind] for name, kind in template.places.items()}
        for by_language in template.words.values():
            for language, words in by_language.items():
                said = rendered(words, language, values | {"full_name": "张三丰", "salutation": "张三丰先生"})
                assert places_in(said.whole) == frozenset()
                assert "{" not in said.whole


@pytest.mark.parametrize("broken", ["张三\r\nBcc: all@bank.example", "张三\u2028x", "张三\x85x"])
def test_no_value_begins_a_line_of_its_own(broken: str) -> None:
    """A title is a header of an e-mail, and a name is as a core told it."""
    title = rendered(Words("{full_name}", "{full_name}"), "zh", {"full_name": broken}).title
    assert title is not None
    assert len(title.splitlines()) == 1
