"""What is stored decides; files only seed an empty table, and what cannot be read is nobody's dead letter."""

from datetime import date, timedelta

import pytest
from sqlalchemy.exc import DBAPIError

from rapport.clock import utc_now
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.scorecard.handlers import ScorecardUnreadable, keep_scorecards, take_up_approved
from tests.scoring.facts import MONDAY, deliver, transaction
from tests.support.delivering import Delivering

NEXT = "INSERT INTO scorecards (version, document, effective_from) SELECT 2, document, '{at}' FROM scorecards"


async def test_files_seed_an_empty_table_and_change_nothing_later(service: Delivering) -> None:
    (document,) = read_documents("CNY")
    await keep_scorecards(service.runtime.transactions, documents=[document])
    later = document.model_copy(update={"version": 2, "effective_from": date(2025, 1, 1)})
    await keep_scorecards(service.runtime.transactions, documents=[document, later])
    assert [row.version for row in await service.rows("SELECT version FROM scorecards")] == [1]


async def test_without_anything_stored_the_files_decide(service: Delivering) -> None:
    cards = scorecards_of(read_documents("CNY"))
    async with service.runtime.engine.connect() as connection:
        await take_up_approved(cards, connection)
    assert [card.version for card in cards.cards] == [1]
    assert not cards.is_outdated(utc_now())


async def test_a_stored_version_is_taken_up_when_it_is_time_to_look_again(service: Delivering) -> None:
    documents = read_documents("CNY")
    await keep_scorecards(service.runtime.transactions, documents=documents)
    cards = scorecards_of(documents)
    at = utc_now() + timedelta(hours=1)
    async with service.runtime.engine.connect() as connection:
        await take_up_approved(cards, connection)
        same = cards.cards
        await service.rows_written(NEXT.format(at=at.isoformat()))
        await take_up_approved(cards, connection)
        assert cards.cards is same
        await take_up_approved(cards, connection, at_once=True)
    assert [(card.version, card.effective_from) for card in cards.cards[1:]] == [(2, at)]
    assert (cards.at(at - timedelta(seconds=1)).version, cards.at(at).version) == (1, 2)
    assert cards.cards[0].features[0].edges == cards.cards[1].features[0].edges


async def test_a_stored_version_that_breaks_a_rule_is_no_fault_of_an_event(service: Delivering) -> None:
    await keep_scorecards(service.runtime.transactions, documents=read_documents("CNY"))
    await service.rows_written(
        "INSERT INTO scorecards (version, document, effective_from) "
        """SELECT 2, document || '{"features": []}', '2025-01-01' FROM scorecards"""
    )
    with pytest.raises(ScorecardUnreadable, match="break a rule: features: List should have"):
        await deliver(service, transaction(MONDAY))
    assert (await service.counts())["dead_lettered"] == 0


@pytest.mark.parametrize(
    "statement",
    ["UPDATE scorecards SET document = '{}'", "UPDATE scorecards SET version = 7", "DELETE FROM scorecards"],
)
async def test_a_stored_version_is_altered_by_nobody(service: Delivering, statement: str) -> None:
    await keep_scorecards(service.runtime.transactions, documents=read_documents("CNY"))
    with pytest.raises(DBAPIError, match="never changes"):
        await service.rows_written(statement)
