"""Which numbers, phones and addresses are valid, in which form they are kept, and that no fault repeats a value."""

from datetime import date
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from customer_profile.customer.domain import RULES, checked
from simulator.bank.people import make_person
from tests.customer_profile.facts import resident_id

_REGIONS = ((11, 15), (21, 23), (31, 37), (41, 46), (50, 54), (61, 65), (71, 71), (81, 83))
PROVINCES = [province for first, last in _REGIONS for province in range(first, last + 1)]
"""GB/T 2260, province level, and 83 of residence permits."""
NUMBERS = st.builds(
    lambda province, county, born, order: resident_id(f"{province}{county:04d}{born:%Y%m%d}{order:03d}"),
    st.sampled_from(PROVINCES),
    st.integers(0, 9999),
    st.dates(date(1900, 1, 1), date(2025, 12, 31)),
    st.integers(0, 999),
)


def fault(kind: str, number: str) -> str | None:
    return checked({"id_type": kind, "id_number": number}).faults.get("id_number")


@given(NUMBERS)
def test_a_resident_id_is_valid_in_every_province_and_for_every_day_of_birth(number: str) -> None:
    assert fault("resident-id", number) is None


@given(NUMBERS, st.integers(0, 17), st.sampled_from("0123456789"))
def test_one_wrong_digit_of_a_resident_id_is_always_found(number: str, place: int, digit: str) -> None:
    mistaken = number[:place] + digit + number[place + 1 :]
    assert (fault("resident-id", mistaken) is None) == (mistaken == number)


@given(NUMBERS, st.integers(0, 16))
def test_two_neighbours_of_a_resident_id_in_the_wrong_order_are_always_found(number: str, place: int) -> None:
    turned = number[:place] + number[place + 1] + number[place] + number[place + 2 :]
    assert (fault("resident-id", turned) is None) == (turned == number)


@pytest.mark.parametrize(
    ("kind", "number", "rule"),
    [
        ("resident-id", "11010519491231002X", None),  # the example of GB 11643
        ("resident-id", "110105491231002", "form"),
        ("resident-id", "E12345678", "form"),
        ("resident-id", "110105194912310021", "check-digit"),
        ("resident-id", resident_id("11010520250229123"), "birth-date"),
        ("resident-id", resident_id("99010519491231002"), "province"),
        ("passport", "E12345678", None),
        ("passport", "PASSPORT", "form"),
        ("hk-macau-permit", "H12345678", None),
        ("hk-macau-permit", "M1234567801", None),
        ("hk-macau-permit", "A12345678", "form"),
        ("hk-macau-permit", "H1234567", "form"),
        ("taiwan-permit", "12345678", None),
        ("taiwan-permit", "0123456789B", None),
        ("taiwan-permit", "123456789", "form"),
        ("foreign-permanent-resident", "DEU330012345678", None),
        ("foreign-permanent-resident", resident_id("93327619900307123"), None),
        ("foreign-permanent-resident", resident_id("11010519491231002"), "form"),
        ("foreign-permanent-resident", "933276199003071230", "check-digit"),
        ("foreign-permanent-resident", "DE33001234567", "form"),
        ("uscc", "91110000600037341L", None),  # the example of GB 32100
        ("uscc", "91110000600037341M", "check-digit"),
        ("uscc", "9111000060003734", "form"),
    ],
)
def test_each_kind_of_paper_has_its_rule(kind: str, number: str, rule: str | None) -> None:
    assert fault(kind, number) == rule
    assert fault(kind, number.lower()) == rule


@pytest.mark.parametrize(
    ("phone", "kept"),
    [
        ("13812341234", "+8613812341234"),
        ("+86 138 1234 1234", "+8613812341234"),
        ("008613812341234", "+8613812341234"),
        ("01065529988", "+861065529988"),
        ("+442083661177", "+442083661177"),
        ("12345678901", None),
        ("+999123456789", None),
        ("65529988", None),
        ("+", None),
    ],
)
def test_a_phone_is_kept_in_the_form_of_e_164_and_is_of_a_country(phone: str, kept: str | None) -> None:
    found = checked({"phone": phone})
    assert found.identity["phone"] == (kept or phone)
    assert found.faults == ({} if kept else {"phone": "phone"})


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("zhang.san@EXAMPLE.com", "zhang.san@example.com"),
        ("张三@例子.中国", "张三@例子.中国"),
        ("zhang..san@example.com", None),
        ("zhang@localhost", None),
    ],
)
def test_an_e_mail_address_has_the_form_of_one(address: str, kept: str | None) -> None:
    found = checked({"email": address})
    assert found.identity["email"] == (kept or address)
    assert found.faults == ({} if kept else {"email": "email"})


@given(st.dictionaries(st.sampled_from(["id_type", "id_number", "phone", "email", "full_name"]), st.none() | st.text()))
def test_whatever_is_told_is_checked_without_an_error_and_checked_again_stays_as_it_is(told: dict[str, str]) -> None:
    found = checked(told)
    assert set(found.identity) == set(told)
    assert set(found.faults.values()) <= set(RULES)
    assert all(found.identity[field] for field in found.faults) or "" in told.values()
    assert checked(found.identity) == found


def test_the_simulated_banks_people_are_valid() -> None:
    rng = Random(1)
    people = [make_person(rng, (18, 90), date(2026, 1, 1)) for _ in range(300)]
    assert [checked(person.identity.model_dump()).faults for person in people] == [{}] * 300
