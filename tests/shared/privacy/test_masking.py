"""A mask shows its bounded part and nothing more, whatever it is given."""

from collections.abc import Callable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.privacy import masking

EXAMPLES: list[tuple[Callable[[str], str], str, str]] = [
    (masking.mask_name, "张三", "张*"),
    (masking.mask_name, "欧阳震华", "欧*"),
    (masking.mask_name, "Anna Berg", "A*"),
    (masking.mask_name, "张", "*"),
    (masking.mask_name, "", "*"),
    (masking.mask_name, "13812341234", "*"),
    (masking.mask_phone, "13812341234", "138****1234"),
    (masking.mask_phone, "+86 138 1234 1234", "138****1234"),
    (masking.mask_phone, "0086-138-1234-1234", "138****1234"),
    (masking.mask_phone, "１３８１２３４１２３４", "138****1234"),
    (masking.mask_phone, "010 6552 9988", "010****9988"),
    (masking.mask_phone, "65529988", "****88"),
    (masking.mask_phone, "110", "****"),
    (masking.mask_phone, "call Anna", "****"),
    (masking.mask_resident_id, "110109199003071234", "110***********1234"),
    (masking.mask_resident_id, "11010119900307123x", "110***********123X"),
    (masking.mask_resident_id, "110101900307123", "110********7123"),
    (masking.mask_resident_id, "E12345678", "****"),
    (masking.mask_document, "E12345678", "****78"),
    (masking.mask_document, "张三的护照", "****"),
    (masking.mask_email, "zhang.san@example.com", "z****@example.com"),
    (masking.mask_email, "zs@example.com", "****@example.com"),
    (masking.mask_email, "张三@example.com", "****@example.com"),
    (masking.mask_email, "zhang@san@example.com", "****"),
    (masking.mask_email, "zhang.san", "****"),
    (masking.mask_address, "广东省深圳市南山区科技园1号", "广东省****"),
    (masking.mask_address, "北京市海淀区中关村大街27号", "北京市****"),
    (masking.mask_address, "张三家，北京市", "****"),
]


@pytest.mark.parametrize(("mask", "value", "shown"), EXAMPLES)
def test_each_type_shows_its_part(mask: Callable[[str], str], value: str, shown: str) -> None:
    assert mask(value) == shown


ANY = st.text() | st.from_regex(r"[+0-9 ()-]{0,30}", fullmatch=True) | st.from_regex(r"[1-9][0-9]{14,19}[xX]?")


def _shown(masked: str) -> str:
    return masked.replace("*", "")


@given(ANY)
def test_a_name_never_shows_more_than_one_letter(value: str) -> None:
    assert len(_shown(masking.mask_name(value))) <= 1
    assert not _shown(masking.mask_name(value)).isdigit()


@given(ANY)
def test_a_phone_never_shows_more_than_seven_digits_nor_all_but_four(value: str) -> None:
    shown = _shown(masking.mask_phone(value))
    digits = sum(character.isdigit() for character in value)
    assert len(shown) <= 7
    assert not shown or (shown.isdigit() and digits - len(shown) >= 4)


@given(ANY)
def test_a_resident_id_never_shows_the_birthday(value: str) -> None:
    shown = _shown(masking.mask_resident_id(value))
    assert len(shown) in {0, 7}


@given(ANY)
def test_a_document_never_shows_more_than_its_end(value: str) -> None:
    assert len(_shown(masking.mask_document(value))) <= 2


@given(ANY | st.emails(), ANY)
def test_an_email_never_shows_more_of_its_local_part_than_one_letter(value: str, other: str) -> None:
    for address in (value, f"{value}@{other}", f"{value}@example.com"):
        local, _, _ = masking.mask_email(address).partition("@")
        assert len(_shown(local)) <= 1


@given(ANY)
def test_an_address_never_shows_more_than_a_province(value: str) -> None:
    assert masking.mask_address(value) == "****"
    assert masking.mask_address(f"广西壮族自治区{value}") == "广西壮族自治区****"


@given(st.text(alphabet=st.characters(categories=["L", "N"]), min_size=9))
def test_two_values_that_differ_in_the_hidden_part_look_alike(value: str) -> None:
    hidden = value[:1] + "x" * 40
    if value[0].isalpha():
        assert masking.mask_name(value) == masking.mask_name(hidden)
