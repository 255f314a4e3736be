"""Small books of files, with what the tests plant in them."""

from dataclasses import replace
from functools import cache

from customer_profile.duplicate.domain.comparing import Comparable
from customer_profile.duplicate.model import Linkage, read_linkage
from fit_linkage.twins import Book, make_book
from tests.customer_profile.facts import resident_id

ME = Comparable(
    customer_id="p-1",
    full_name="欧阳翎羽",
    id_type="resident-id",
    id_number=resident_id("11010919900307123"),
    id_is_valid=True,
    id_head="11010919900307",
    id_tail=resident_id("11010919900307123")[-8:],
    phone="+8613812341234",
    email="ling@example.com",
    address="虚拟市云溪街7号3幢1201室",
    birth_year=1990,
    gender="female",
    region="RG-EAST",
)


@cache
def book() -> Book:
    """1,000 files of strangers, relatives and second files."""
    return make_book(7, 1000)


@cache
def published() -> Linkage:
    return read_linkage()


def another(number: str, **changed: object) -> Comparable:
    """Another file of the same person, with these things recorded otherwise. `number`: of its token."""
    return replace(ME, customer_id=number, **changed)  # type: ignore[arg-type]


def with_number(file: Comparable, number: str, *, is_valid: bool) -> Comparable:
    return replace(file, id_number=number, id_head=number[:14], id_tail=number[-8:], id_is_valid=is_valid)
