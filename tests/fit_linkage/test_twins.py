"""The books a model is fitted and judged on: seeded, with a truth, and with what makes it hard."""

from collections import Counter
from random import Random

from hypothesis import given
from hypothesis import strategies as st

from customer_profile.customer.domain import checked
from fit_linkage.judging import Judgement, by_rule, judged
from fit_linkage.twins import make_book, slip, transposed

BOOK = make_book(3, 2000)


def test_the_same_seed_makes_the_same_book_and_another_another() -> None:
    assert make_book(3, 200) == make_book(3, 200)
    assert make_book(3, 200) != make_book(4, 200)


def test_a_book_holds_as_many_files_and_second_files_as_asked_for() -> None:
    assert len(BOOK.persons) == len(BOOK.files()) == 2000
    assert len(BOOK.truth) == 60
    assert all(one < other and {one, other} <= set(BOOK.persons) for one, other in BOOK.truth)


def test_no_field_tells_all_second_files_and_relatives_share_what_strangers_do_not() -> None:
    twins = [(BOOK.persons[one], BOOK.persons[other]) for one, other in BOOK.truth]
    for field in ("full_name", "id_number", "phone", "address"):
        same = sum(one.identity[field] == other.identity[field] for one, other in twins)
        assert 0.15 < same / len(twins) < 0.95, field
    phones = Counter(person.identity["phone"] for person in BOOK.persons.values())
    assert sum(times > 1 for times in phones.values()) > len(BOOK.truth), "more phones of families than of twins"


@given(st.randoms(use_true_random=False))
def test_a_slip_in_a_resident_id_is_one_and_never_valid(rng: Random) -> None:
    """ISO 7064 finds each single error and each transposition: two valid numbers are never a slip apart."""
    number = next(iter(BOOK.persons.values())).identity["id_number"] or ""
    for damage in (slip, transposed):
        damaged = damage(number, rng)
        assert sorted(damaged) == sorted(number) or sum(a != b for a, b in zip(number, damaged, strict=True)) == 1
        assert damaged != number
    person = next(one.identity for one in BOOK.persons.values() if one.identity["id_type"] == "resident-id")
    if "id_number" not in checked(person).faults:
        assert "id_number" in checked(person | {"id_number": slip(person["id_number"] or "", rng)}).faults


def test_precision_and_recall_are_what_they_are_called() -> None:
    assert judged({("a", "b"), ("c", "d")}, {("a", "b"), ("e", "f"), ("g", "h")}) == Judgement(2, 1, 3)
    assert (Judgement(2, 1, 3).precision, Judgement(2, 1, 3).recall) == (0.5, 1 / 3)
    assert Judgement(0, 0, 3).precision == 1.0


def test_the_rule_finds_one_paper_and_one_phone_and_name_and_nothing_else() -> None:
    files = BOOK.files()
    by_hand = set()
    for place, one in enumerate(files):
        for other in files[place + 1 :]:
            paper = (one.id_type, one.id_number) == (other.id_type, other.id_number)
            if paper or (one.phone and (one.phone, one.full_name) == (other.phone, other.full_name)):
                by_hand.add(tuple(sorted((one.customer_id, other.customer_id))))
    assert by_rule(files) == by_hand
