"""Whatever is asked, whenever, and whoever dies meanwhile: the promises, counted again from what happened."""

from datetime import datetime, time, timedelta, tzinfo

from hypothesis import given
from hypothesis import strategies as st

from customer_profile.contact.domain.contact import Contact
from customer_profile.contact.domain.deciding import Person
from tests.customer_profile.contact.lives import (
    BERLIN,
    DAY,
    HOUR,
    MONDAY,
    SHANGHAI,
    Fate,
    contact,
    live,
    person,
    policy,
)

MINUTES = st.integers(0, 20 * 24 * 60).map(lambda minutes: MONDAY + timedelta(minutes=minutes))
PURPOSES = {"churn-care": "marketing", "contract-performance": "service", "complaint-handling": "obligation"}
FATES = st.lists(st.sampled_from(["taken", "taken", "not taken", "hung up", "died before", "died after"]), max_size=3)
CLOCKS = st.integers(0, 47).map(lambda half: time(half // 2, 30 * (half % 2)))


@st.composite
def requests(draw: st.DrawFn) -> list[tuple[Contact, list[Fate]]]:
    """What is asked within three weeks, and what becomes of the first attempts at each."""
    found = []
    for number in range(draw(st.integers(1, 12))):
        at, purpose = draw(MINUTES), draw(st.sampled_from([*PURPOSES, "churn-care", "churn-care"]))
        asked = contact(
            f"r-{number}",
            purpose=purpose,
            kind=PURPOSES[purpose],
            requested_at=at,
            due_at=at,
            not_before=draw(st.none() | MINUTES),
            expires_at=at + draw(st.integers(1, 12 * 24)) * HOUR,
        )
        found.append((asked, draw(FATES)))
    return found


def quiet_at(moment: datetime, zone: tzinfo, begin: time, end: time) -> bool:
    """By minutes of the day, without the code under test."""
    minute = (moment.astimezone(zone).hour * 60 + moment.astimezone(zone).minute) % 1440
    first, last = begin.hour * 60 + begin.minute, end.hour * 60 + end.minute
    return (minute - first) % 1440 < (last - first) % 1440


@given(requests(), st.integers(1, 3), st.integers(1, 5), CLOCKS, CLOCKS, st.none() | MINUTES, st.booleans())
def test_the_cap_quiet_hours_and_a_withdrawal_hold_and_each_request_is_answered_once(
    asked: list[tuple[Contact, list[Fate]]],
    at_most: int,
    days: int,
    begin: time,
    end: time,
    withdrawn_at: datetime | None,
    is_far: bool,
) -> None:
    rules = policy(at_most=at_most, days=days, begin=begin, end=end)
    fates = {one.request_id: fate for one, fate in asked}

    def who(now: datetime) -> Person:
        objection = "refused" if withdrawn_at is not None and now >= withdrawn_at else None
        return person(region="R-west" if is_far else None, objection=objection)

    def fate_of(request_id: str, attempt: int) -> Fate:
        known = fates[request_id]
        return known[attempt] if attempt < len(known) else "taken"

    life = live([one for one, _ in asked], rules, who, fate_of)
    assert sorted(request_id for request_id, _ in life.answers) == sorted(life.contacts)
    heeding = {i: at for i, at in life.reached.items() if life.contacts[i].kind != "obligation"}
    for zone in (SHANGHAI, BERLIN) if is_far else (SHANGHAI,):
        assert not [i for i, at in heeding.items() if quiet_at(at, zone, begin, end)]
    marketing = [at for i, at in life.reached.items() if life.contacts[i].kind == "marketing"]
    for last in marketing:
        assert sum(last - days * DAY < at <= last for at in marketing) <= at_most
    for request_id, at in life.reached.items():
        one = life.contacts[request_id]
        assert max(one.requested_at, one.not_before or at) <= at < one.expires_at
        assert withdrawn_at is None or at < withdrawn_at
    delivered = {request_id for request_id, answer in life.answers if answer == "delivered"}
    assert delivered <= set(life.reached)


@given(requests())
def test_what_nothing_holds_back_reaches_the_customer_at_once(asked: list[tuple[Contact, list[Fate]]]) -> None:
    """Else the promises above would be kept by reaching nobody."""
    free = [one for one, _ in asked if one.kind == "obligation" and one.not_before is None]
    life = live(free, policy(), lambda _: person(), lambda *_: "taken")
    assert life.reached == {one.request_id: one.requested_at for one in free}
