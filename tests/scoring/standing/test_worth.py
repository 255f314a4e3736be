"""A tier by points and lifetime value: either reaches a step, both keep it, and what rests on the value is said."""

from dataclasses import replace
from datetime import datetime, timedelta
from math import nextafter

from hypothesis import given
from hypothesis import strategies as st

from scoring.challenger.domain.course import Shadow
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.release.domain import DryRun
from scoring.scorecard.domain import Feature, Scorecard, Values
from scoring.standing.domain.evidence import evidence_of
from scoring.standing.domain.explaining import Texts, texts_of
from scoring.standing.domain.hysteresis import next_tier, settled
from scoring.standing.domain.reaching import way_up
from scoring.standing.domain.retelling import Past, retold
from scoring.standing.domain.state import Standing
from scoring.standing.domain.tiering import decide
from scoring.standing.domain.words import explain
from tests.scoring.facts import DAY
from tests.scoring.lifetime_value.banks import FITTED, NOW, every
from tests.scoring.rules import BANK, DAYS, LIMITS, card, rules
from tests.scoring.standing.test_evidence import NOTHING
from tests.scoring.standing.test_explanation import customer, explanation
from tests.scoring.standing.test_state import NOON

BY_VALUE = replace(LIMITS, values=(10_000.0, 100_000.0), value_band=0.2)
"""In minor units: middle from 100.00, up at 120.00 and down below 80.00; high from 1,000.00."""
HIGH_ALONE = replace(LIMITS, values=(None, 100_000.0), value_band=0.2)
CARD = card(limits=BY_VALUE)
amounts = st.floats(0.0, 1e6)
tiers = st.sampled_from([None, *LIMITS.tiers])


def moved(tier: str | None, value: float | None, points: int = 0, since: datetime | None = None) -> str:
    return next_tier(BY_VALUE, tier, since, points, NOON, value)[0]


def test_a_value_reaches_a_step_whatever_the_points_at_its_threshold_plus_the_band() -> None:
    assert [moved("low", value) for value in (11_999.0, 12_000.0, 119_999.0, 120_000.0)] == [
        "low", "middle", "middle", "high"
    ]  # fmt: skip
    assert [moved(None, value) for value in (9_999.0, 10_000.0, 100_000.0)] == ["low", "middle", "high"]


def test_a_tier_falls_only_when_points_and_value_are_both_too_low_for_the_whole_dwell() -> None:
    long_ago = NOON - LIMITS.dwell
    assert moved("middle", nextafter(8_000.0, 0.0), since=long_ago) == "low"
    assert moved("middle", 8_000.0, since=long_ago) == "middle"
    assert moved("middle", 0.0, points=45, since=long_ago) == "middle"
    assert moved("middle", 0.0, since=long_ago + timedelta(seconds=1)) == "middle"
    assert moved("high", 8_000.0, since=long_ago) == "middle"


def test_a_step_without_a_value_of_its_own_is_reached_by_that_of_a_higher_one_and_no_less() -> None:
    assert settled(HIGH_ALONE, "low", 0, 119_999.0) == "low"
    assert settled(HIGH_ALONE, "low", 0, 120_000.0) == "high"
    assert HIGH_ALONE.value_of("middle", 1) == HIGH_ALONE.value_of("high", 1) == 120_000.0
    assert LIMITS.value_of("high", 1) is BY_VALUE.value_of("low", 1) is None


@given(tiers, st.integers(-20, 120), amounts)
def test_a_value_that_is_not_known_or_not_looked_at_leaves_the_tier_to_the_points(
    tier: str | None, points: int, value: float
) -> None:
    by_points = next_tier(LIMITS, tier, NOON - LIMITS.dwell, points, NOON)
    assert next_tier(BY_VALUE, tier, NOON - LIMITS.dwell, points, NOON, None) == by_points
    assert next_tier(LIMITS, tier, NOON - LIMITS.dwell, points, NOON, value) == by_points


@given(tiers, st.integers(-20, 120), amounts, st.integers(0, 50), amounts)
def test_more_points_or_more_value_never_lead_lower(
    tier: str | None, points: int, value: float, gained: int, more: float
) -> None:
    place = LIMITS.tiers.index
    before = settled(BY_VALUE, tier, points, value)
    assert place(settled(BY_VALUE, tier, points + gained, value + more)) >= place(before)
    assert place(before) == max(place(settled(BY_VALUE, tier, points, 0.0)), place(settled(BY_VALUE, tier, -99, value)))
    assert settled(BY_VALUE, before, points, value) == before


def test_a_decision_is_by_the_model_of_its_moment_and_is_made_again_from_what_is_kept_of_it() -> None:
    worth = FITTED.value_of(every(2, 60), 60 * 40_000, NOW, BANK.zone)
    assert worth is not None
    by = rules(card(limits=replace(BY_VALUE, values=(None, worth / 2.0))))
    decided = Standing("c-1", active_days=every(2, 60), own_minor=60 * 40_000)
    without = decide(decided, by, NOW - 2 * DAY)
    by.models.take([LifetimeModel(1, NOW - DAY, FITTED)])
    change = decide(decided, by, NOW)
    assert without is not None and change is not None
    assert (without.tier, without.values.lifetime_value, change.old_tier, change.tier) == ("low", None, "low", "high")
    kept = change.values.lifetime_value
    assert kept == worth
    again = next_tier(change.card.thresholds, "low", change.below_since, change.points, change.decided_at, kept)
    assert again == ("high", None)
    assert f"rests on an expected lifetime value of {kept / 100:,.2f} CNY" in explain(change, BANK)


def test_a_dry_run_moves_whom_the_value_would_have_elsewhere() -> None:
    run = DryRun(2, 1, NOON, 1)
    run.score("low", NOTHING._replace(lifetime_value=120_000.0), card(), replace(CARD, version=2))
    assert run.matrix == {"low": {"high": 1}}


def texts(tier: str, found: Values, by: Scorecard = CARD, below_since: datetime | None = None) -> Texts:
    evidence, value = evidence_of(by, found), found.lifetime_value
    standing = Standing("c-1", tier=tier, tier_since=NOON, decided_at=NOON, below_since=below_since)
    return texts_of(standing, by, evidence, way_up(by, evidence, tier, value), BANK, value)


def test_who_is_held_by_the_value_is_told_so_and_staff_hear_the_amount() -> None:
    found = NOTHING._replace(lifetime_value=123_456.7)
    told = texts("high", found)
    assert "The tier rests on the business expected with you over the coming year" in told.customer.en
    assert "该等级依据预计未来一年与您的业务往来评定" in told.customer.zh
    assert "1,234" not in told.customer.en + told.customer.zh
    assert "The tier rests on an expected lifetime value of 1,234.57 CNY, not on points." in told.staff.en
    assert "该等级依据预计客户价值1,234.57元评定，而非得分。" in told.staff.zh
    past = Past("low", "high", 0, 1, "event", NOON, found._asdict(), None)
    assert "The tier rests on the business expected with you" in retold(past, CARD, BANK).customer.en
    assert "1,234.57 CNY, not on points" in retold(past, CARD, BANK).staff.en


def test_who_is_held_by_points_hears_what_value_reaches_the_next_tier() -> None:
    told = texts("low", NOTHING._replace(lifetime_value=5_000.0))
    assert "An expected lifetime value of at least 120.00 CNY reaches it too; at present: 50.00 CNY." in told.staff.en
    assert "预计客户价值不低于120.00元时亦可达到，目前为50.00元。" in told.staff.zh
    assert "can lead there too" in told.customer.en and "120.00" not in told.customer.en
    assert "at present: not known yet" in texts("low", NOTHING).staff.en


def test_a_middle_tier_that_rests_on_the_value_is_named_before_the_next_one_is() -> None:
    told = texts("middle", NOTHING._replace(lifetime_value=20_000.0)).customer
    assert told.en.index("The tier rests on") < told.en.index("Premier")
    assert told.zh.index("该等级依据") < told.zh.index("尊享")


def test_who_falls_from_a_tier_that_rested_on_the_value_hears_that_the_value_is_short_too() -> None:
    told = texts("high", NOTHING._replace(lifetime_value=50_000.0), below_since=NOON)
    assert "is less than this tier asks for as well" in told.customer.en and "500" not in told.customer.en
    assert "也低于该等级的要求" in told.customer.zh
    assert "kept by an expected lifetime value of at least 800.00 CNY too; at present: 500.00 CNY" in told.staff.en
    assert "不低于800.00元时亦可保持该等级，目前为500.00元" in told.staff.zh
    assert "Points and lifetime value have both been too low for it since 2025-03-03" in told.staff.en
    assert "目前尚不清楚" in texts("high", NOTHING, below_since=NOON).staff.zh


def test_who_is_kept_by_a_value_that_has_risen_since_is_threatened_with_nothing() -> None:
    told = texts("high", NOTHING._replace(lifetime_value=150_000.0), below_since=NOON)
    assert "The tier rests on" in told.customer.en and "may change" not in told.customer.en
    assert "too low" not in told.staff.en and "偏低" not in told.staff.zh


def test_a_rise_that_the_value_alone_gave_is_told_so_though_points_would_keep_the_tier() -> None:
    found = NOTHING._replace(average_balance=200_000.0, lifetime_value=13_000.0)
    past = Past("low", "middle", 47, 1, "event", NOON, found._asdict(), None)
    assert "The tier rests on the business expected" in retold(past, CARD, BANK).customer.en
    by_points = past._replace(points=60)
    assert "rests on" not in retold(by_points, CARD, BANK).customer.en


def test_a_first_tier_by_value_is_no_refusal_of_automated_decisions() -> None:
    past = Past(None, "high", 0, 1, "event", NOON, NOTHING._replace(lifetime_value=100_000.0)._asdict(), None)
    assert "refused" not in retold(past, CARD, BANK).customer.en
    assert "refused" in retold(past, card(), BANK).customer.en


@given(st.integers(1, 10**9), st.floats(0.0, 0.5))
def test_what_is_told_to_reach_a_step_does_and_a_cent_less_does_not(value: int, band: float) -> None:
    limits = replace(LIMITS, values=(None, float(value)), value_band=band)
    told = limits.value_of("high", 1)
    assert told is not None and told == int(told)
    assert settled(limits, "low", 0, told) == "high"
    assert settled(limits, "low", 0, told - 1.0) == "low"


def test_as_a_feature_it_is_named_to_a_customer_without_its_amount_and_never_asked_for() -> None:
    worth = Feature("lifetime_value", "value", "money", "value of a year", (6_000.0,), (0, 90), 20, 50.0)
    by = card(worth, DAYS)
    told = texts("low", NOTHING._replace(lifetime_value=5_000.0), by)
    assert "expected value of business" in told.customer.en and "50.00" not in told.customer.en + told.customer.zh
    assert "50.00" in told.staff.en
    assert "of at least 60.00" not in told.customer.en + told.staff.en


def test_a_challenger_looks_at_the_value_too() -> None:
    by = rules(CARD)
    by.models.take([LifetimeModel(1, NOW - DAY, FITTED)])
    known = Standing("c-1", active_days=every(2, 60), own_minor=60 * 400_000)
    shadow = Shadow.of(known, NOW)
    shadow.decide(known, by, NOW)
    worth = FITTED.value_of(every(2, 60), 60 * 400_000, NOW, BANK.zone)
    assert worth is not None and worth > 10_000.0 and shadow.points < 50
    assert shadow.tier == settled(BY_VALUE, None, shadow.points, worth) != "low"


def test_where_no_step_looks_at_it_nothing_is_said_of_the_value() -> None:
    for tier in ("low", "high"):
        told = texts(tier, NOTHING._replace(lifetime_value=5_000_000.0), card())
        assert "expected" not in told.customer.en + told.staff.en and "预计" not in told.customer.zh + told.staff.zh


def test_nothing_is_missing_where_the_value_reaches_the_next_tier_already() -> None:
    way = way_up(CARD, evidence_of(CARD, NOTHING), "low", 12_000.0)
    assert way is not None and (way.missing, way.changes) == (0, ())


def test_an_explanation_has_the_value_and_what_reaches_the_next_tier() -> None:
    by = rules(CARD)
    by.models.take([LifetimeModel(1, NOON - DAY, FITTED)])
    known = customer(active_days=every(2, 60, last=NOON.date()), own_minor=60 * 10_000)
    found = explanation(known, by)
    value = FITTED.value_of(known.active_days, known.own_minor, NOON, BANK.zone)
    assert value is not None
    assert (found.lifetime_value, found.next_tier_from_lifetime_value) == (f"{value / 100:.2f}", "120.00")
    by_points = explanation(known, rules())
    assert (by_points.lifetime_value, by_points.next_tier_from_lifetime_value) == (None, None)
