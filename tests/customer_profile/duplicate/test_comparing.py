"""What is the same is the same text, and what many share is nobody's."""

from datetime import date

import pytest

from customer_profile.customer.domain import Facts
from customer_profile.duplicate.domain.comparing import comparable, normal_name, without_crowds
from tests.customer_profile.duplicate.books import another
from tests.customer_profile.facts import ZHANG

FACTS = Facts("personal", "B1", "R1", None, 1990, "unknown", "active", date(2021, 4, 12))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("张 三丰", "张三丰"),
        ("张　三丰", "张三丰"),
        ("阿依古丽·买买提", "阿依古丽・买买提"),
        ("Anna BERG", "berg anna"),
        ("Ａｎｎａ Ｂｅｒｇ", "Anna Berg"),
    ],
)
def test_a_name_is_the_same_in_any_width_case_spacing_and_order_of_latin_words(one: str, other: str) -> None:
    assert normal_name(one) == normal_name(other)


def test_names_that_may_be_two_stay_two() -> None:
    """Traditional characters stand in papers; and two characters that changed places are another name."""
    assert normal_name("張三") != normal_name("张三")
    assert normal_name("三 张") != normal_name("张 三")


def test_what_is_not_known_is_nothing_to_compare() -> None:
    file = comparable("c", FACTS, ZHANG.model_dump() | {"email": None, "address": " -"}, id_is_valid=True)
    assert file is not None
    assert (file.email, file.address, file.gender) == (None, None, None)
    assert (file.id_head, file.id_tail) == ("11010919900307", "03071234"[-8:])


def test_companies_and_files_without_identity_are_compared_with_nobody() -> None:
    nobody = dict.fromkeys(ZHANG.model_dump())
    company = Facts("corporate", "B1", "R1", None, None, "unknown", "active", date(2021, 4, 12))
    assert comparable("c", FACTS, nobody, id_is_valid=True) is None
    assert comparable("c", company, ZHANG.model_dump(), id_is_valid=True) is None


def test_what_more_files_share_than_a_crowd_is_not_known_of_any_of_them() -> None:
    files = [another(f"p-{n}", id_number=f"E{n:08d}", email=None, address=f"street {n // 3}") for n in range(4)]
    assert {file.phone for file in without_crowds(files, 3)} == {None}
    assert {file.phone for file in without_crowds(files, 4)} == {files[0].phone}
    assert [file.address for file in without_crowds(files, 2)] == [None, None, None, "street 1"]
    assert [file.full_name for file in without_crowds(files, 2)] == [file.full_name for file in files]


def test_a_number_of_a_crowd_blocks_nothing_either() -> None:
    files = [another(f"p-{n}") for n in range(3)]
    assert {(file.id_number, file.id_head, file.id_tail) for file in without_crowds(files, 2)} == {(None, None, None)}
