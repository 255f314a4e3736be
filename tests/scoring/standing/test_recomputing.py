"""Every decision that was stored can be made again from what is stored with it, to the bit."""

from datetime import timedelta

from rapport.ids import derived_id
from scoring.standing.domain.hashing import state_hash
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide_due
from scoring.standing.facts import fold
from tests.scoring.exchange_rate.rates import days_of_rates
from tests.scoring.facts import MONDAY, life, moment_of
from tests.scoring.replaying import replay
from tests.scoring.standing.remaking import remade
from tests.support.delivering import Delivering


def rules_of(service: Delivering) -> Rules:
    rules: Rules = service.runtime.composition.state["rules"]
    return rules


async def test_stored_values_and_the_scorecard_give_the_stored_decision(replaying: Delivering) -> None:
    await replaying.deliver(*days_of_rates(replaying, MONDAY.date(), 200))
    facts = life(seed=8, customers=25, days=200)
    await replay(replaying, facts, until=MONDAY + timedelta(days=260), size=50, sweeps=True)
    rules, made = rules_of(replaying), await replaying.rows("SELECT * FROM decisions ORDER BY customer_id, revision")
    assert {row.cause for row in made} == {"event", "time"} and len(made) > 40
    assert await replaying.rows("SELECT 1 FROM standings WHERE foreign_accounts IS NOT NULL")
    for row in made:
        again = remade(rules, row.values, row.old_tier, row.below_since, row.decided_at)
        assert again._asdict() == {name: getattr(row, name) for name in again._fields}


async def test_the_hash_of_a_decision_is_that_of_the_state_the_events_before_it_make(replaying: Delivering) -> None:
    facts = life(seed=8, customers=6, days=120)
    await replay(replaying, facts, until=MONDAY + timedelta(days=125), size=50, sweeps=True)
    rules = rules_of(replaying)
    standings: dict[str, Standing] = {}
    at_event: dict[str, str] = {}
    for number, fact in enumerate(facts):
        standing = standings.setdefault(fact.key, Standing(fact.key))
        decide_due(standing, rules, moment_of(fact))
        fold(standing, fact, rules.bank)  # type: ignore[arg-type]
        at_event[str(derived_id(moment_of(fact), "core", f"e-{number}"))] = state_hash(standing)
    rows = await replaying.rows("SELECT cause_event_id, state_hash FROM decisions WHERE cause = 'event'")
    assert rows
    assert all(at_event[str(row.cause_event_id)] == row.state_hash for row in rows)
    by_time = await replaying.rows("SELECT cause_event_id, state_hash FROM decisions WHERE cause = 'time'")
    assert all(row.cause_event_id is None and row.state_hash for row in by_time)
