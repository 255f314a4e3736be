"""Complaints, the repair of service and protection from fraud are left to no lot, whichever playbook is taken; and no
arm hangs on which playbook that is.
"""

import json
from collections.abc import Iterator
from dataclasses import replace
from itertools import chain, combinations, product
from pathlib import Path

import pytest

from churn_alert.alert.domain.lifecycle import Alert
from churn_alert.intervention.handlers.following import assign_playbook
from churn_alert.lifecycle.domain.life import STAGES
from churn_alert.playbook.documents import PUBLISHED
from churn_alert.playbook.domain.choosing import choose
from churn_alert.playbook.domain.playbooks import INDICATORS, MEASURES, NEVER_HELD_OUT, Shelf, Situation
from churn_alert.risk.domain.indicators import Indicator
from tests.churn_alert.alert.raising import four, raised
from tests.churn_alert.lives import START
from tests.churn_alert.playbook.test_documents import Document, book, changed, of, shelf_of

PERSONS = [f"c-{number}" for number in range(1, 31)]
TIERS = ("high", "middle", "low", None)
COMPLAINED = Indicator("negative-feedback", 1.4, None, 0.5, part_of="service-feedback")


def situations(shelf: Shelf) -> Iterator[Situation]:
    """Every warning with any of the indicators out of range, and every other occasion, of every kind of customer."""
    segments = {None, *chain.from_iterable(one.segments for version in shelf.versions for one in version.playbooks)}
    some = list(chain.from_iterable(combinations(sorted(INDICATORS), size) for size in range(len(INDICATORS) + 1)))
    nodes = {one.node for version in shelf.versions for one in version.playbooks}
    for node, tier, stage, segment in product(sorted(nodes), TIERS, (*STAGES, None), sorted(segments, key=str)):
        for apart in some if node == "churn-warning" else [()]:
            yield Situation(node, tier, stage, frozenset(apart), segment)


def held_out(shelf: Shelf) -> tuple[set[str], int]:
    """By what anybody is held out: kinds of playbooks, and how many with a complaint."""
    kinds, complaints = set(), 0
    for situation, person in product(situations(shelf), PERSONS):
        found = choose(shelf, situation, person=person, at=START)
        if found is not None and found.arm == "held-out":
            assert found.experiment is not None
            kinds.add(found.playbook.kind)
            complaints += "service-feedback" in situation.apart
    return kinds, complaints


def repaired_last(document: Document) -> None:
    """A bank's own order: whoever is new, or whose money leaves, is cared for first, complaint or not."""
    books = book(document)["playbooks"]
    books.insert(4, books.pop(0))
    assert books[4]["playbook"] == "repair-service"


@pytest.mark.parametrize("own", [False, True], ids=["as delivered", "with repairs behind care"])
def test_in_no_playbook_anybody_who_complains_is_held_out_nor_of_a_repair_or_protection(
    tmp_path: Path, own: bool
) -> None:
    shelf = shelf_of(changed(tmp_path, repaired_last) if own else None)
    kinds, complaints = held_out(shelf)
    assert kinds, "a lot that holds nobody out"
    assert kinds.isdisjoint(NEVER_HELD_OUT)
    assert complaints == 0


def test_the_lot_alone_would_hold_out_complaints_where_care_comes_before_repair(tmp_path: Path) -> None:
    """What the test above would find, were playbooks alone asked."""
    shelf = shelf_of(changed(tmp_path, repaired_last))
    situation = Situation("churn-warning", stage="new", apart=frozenset({"service-feedback"}))
    (taken,) = {choose(shelf, situation, person=one, at=START).playbook for one in PERSONS}  # type: ignore[union-attr]
    assert taken.code == "care-of-new"
    assert taken.hold_out is not None
    assert "held-out" in {shelf.lot.draw(taken.hold_out, one) for one in PERSONS}


@pytest.mark.parametrize("kind", sorted(NEVER_HELD_OUT))
@pytest.mark.parametrize("node", ["churn-warning", *sorted(MEASURES)])
def test_no_document_can_hold_out_of_what_is_owed_on_any_occasion(tmp_path: Path, kind: str, node: str) -> None:
    def owed(document: Document) -> None:
        found = next(one for one in book(document)["playbooks"] if one["node"] == node and "hold_out" in one)
        found["kind"] = kind

    with pytest.raises(Exception, match=f"{kind} is never held out; leave it out"):
        shelf_of(changed(tmp_path, owed))


def test_a_complaint_of_whom_complaints_are_usual_is_mended_too() -> None:
    """Within the customer's own range, and still a complaint: once it was cared for by lot."""
    shelf = shelf_of()
    for person in PERSONS:
        alert: Alert = replace(raised(*four(), COMPLAINED), customer_id=person, stage="new")
        assigned = assign_playbook(alert, frozenset(), shelf=shelf)
        assert assigned is not None
        assert (assigned.playbook, assigned.arm, assigned.experiment) == ("repair-service", None, None)


def test_of_whom_is_warned_neither_arm_nor_experiment_hangs_on_tier_stage_segment_or_playbook() -> None:
    """The tier is another service's word, heard sooner or later: which playbook is taken may hang on it, no arm."""
    shelf = shelf_of()
    warned = [one for one in situations(shelf) if one.node == "churn-warning" and "service-feedback" not in one.apart]
    for person in PERSONS:
        found = [choose(shelf, one, person=person, at=START) for one in warned]
        assert len({(one.arm, one.experiment) for one in found if one}) == 1
        assert len({one.playbook.code for one in found if one}) > 3


def test_the_delivered_warnings_are_one_experiment() -> None:
    document = json.loads(PUBLISHED.read_bytes())
    drawn = [
        one["hold_out"] for one in book(document)["playbooks"] if one["node"] == "churn-warning" and "hold_out" in one
    ]
    assert drawn == [{"experiment": "care-of-warned", "share": 0.2}] * 5


def test_who_refuses_what_a_playbook_rests_on_is_in_neither_arm_of_it(tmp_path: Path) -> None:
    """By intention to treat a refusal is asked of all before the lot: once refusers counted as treated."""
    path = changed(tmp_path, lambda d: of(d, "care-of-high").update(purpose="cross-selling"))
    shelf = shelf_of(path)
    for person in PERSONS:
        alert = replace(raised(*four(), tier="high"), customer_id=person)
        takes, refuses = (assign_playbook(alert, frozenset(said), shelf=shelf) for said in ((), ("cross-selling",)))
        assert takes is not None
        assert refuses is not None
        assert (takes.playbook, refuses.playbook) == ("care-of-high", "care-of-all")
        assert assign_playbook(alert, frozenset({"cross-selling", "churn-care"}), shelf=shelf) is None
