"""A stress scenario takes what it says from whom it says, and the rules do the rest."""

from collections.abc import Iterable
from copy import deepcopy
from datetime import timedelta
from functools import partial, reduce
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rapport.documents import DocumentInvalid
from scoring.lifetime_value.domain.model import LifetimeModel
from scoring.replay.documents import read_shock
from scoring.replay.domain import Book
from scoring.replay.exposure import BY, Exposure, Models, group_of, summed, worth_of
from scoring.replay.shock import Shock, strike
from scoring.segment.domain.model import SegmentModel
from scoring.standing.domain.evidence import lifetime_value_of
from scoring.standing.domain.holdings import Holdings, ProductsOfKind
from scoring.standing.domain.state import Standing
from scoring.standing.facts import fold
from tests.scoring.facts import MONDAY, holdings, life, moment_of, transaction
from tests.scoring.lifetime_value.banks import FITTED
from tests.scoring.rules import BANK, rules
from tests.scoring.segment.banks import BY_HAND

END = MONDAY + timedelta(days=150)
LIFETIME = LifetimeModel(1, END, FITTED)
MODELS = Models(SegmentModel(1, END, BY_HAND), LIFETIME)


def _built() -> Book:
    made = Book(rules())
    for fact in life(seed=4, customers=20, days=140):
        made.meet(fact.key, moment_of(fact), partial(fold, fact=fact, bank=BANK))  # type: ignore[arg-type]
    made.close(END)
    return made


BUILT = _built()


def book() -> Book:
    """The same book each time, to be struck."""
    return Book(BUILT.rules, deepcopy(BUILT.standings))


def balance(standing: Standing) -> int:
    return standing.opening_minor + standing.credits_minor - standing.debits_minor


def shock(
    tiers: frozenset[str] | None = None,
    segments: frozenset[str] | None = None,
    balances: float = 0.0,
    products: float = 0.0,
    silence: timedelta = timedelta(0),
) -> Shock:
    return Shock("test", tiers, segments, balances, products, silence)


@given(st.floats(0, 1), st.floats(0, 1))
def test_the_stated_shares_of_balances_and_products_are_gone(balances: float, products: float) -> None:
    before, after = book(), book()
    lost = strike(after, shock(balances=balances, products=products), END, Models()).lost
    gone = 0
    for key, one in after.standings.items():
        was = before.standings[key]
        assert abs(balance(one) - (balance(was) - max(balance(was), 0) * balances)) <= 0.5
        worth = was.holdings.investments_minor * (1 - products)
        assert abs(one.holdings.investments_minor - worth) <= len(was.holdings.by_kind)
        gone += balance(was) - balance(one) + was.holdings.investments_minor - one.holdings.investments_minor
    assert gone == lost


def test_it_strikes_only_the_tiers_it_names() -> None:
    before, after = book(), book()
    strike(after, shock(tiers=frozenset({"high"}), balances=0.3), END, Models())
    for key, one in after.standings.items():
        was = before.standings[key]
        assert (balance(one) < balance(was)) == (was.tier == "high" and balance(was) > 0)


def test_it_strikes_only_the_segments_it_names_and_of_them_only_the_tiers() -> None:
    before, after, of_tier = book(), book(), book()
    names = {key: group_of(one, END, before.rules, MODELS).segment for key, one in before.standings.items()}
    assert len(set(names.values())) > 1
    strike(after, shock(segments=frozenset({"savers"}), balances=0.3), END, MODELS)
    strike(of_tier, shock(frozenset({"high"}), frozenset({"savers"}), balances=0.3), END, MODELS)
    for key, was in before.standings.items():
        is_hit = names[key] == "savers" and balance(was) > 0
        assert (balance(after.standings[key]) < balance(was)) == is_hit
        assert (balance(of_tier.standings[key]) < balance(was)) == (is_hit and was.tier == "high")


def test_what_is_at_risk_adds_up_by_tier_and_by_segment() -> None:
    before, after = book(), book()
    silence = timedelta(days=60)
    struck = strike(after, shock(segments=frozenset({"savers"}), balances=0.3, silence=silence), END, MODELS)
    everybody = total(struck.exposures.values())
    names = [group_of(one, END, before.rules, MODELS).segment for one in before.standings.values()]
    values = [lifetime_value_of(one, LIFETIME, END, BANK) or 0.0 for one in before.standings.values()]
    is_hit = [name == "savers" for name in names]
    later = [
        lifetime_value_of(one, LIFETIME, END + silence * hit, BANK) or 0.0
        for one, hit in zip(after.standings.values(), is_hit, strict=True)
    ]
    assert (everybody.customers, everybody.struck) == (len(names), names.count("savers"))
    assert everybody.deposits_before - everybody.deposits_after == struck.lost > 0
    assert everybody.deposits_before == sum(max(balance(one), 0) for one in before.standings.values())
    assert everybody.value_before == pytest.approx(sum(values), abs=len(names))
    assert everybody.value_after == pytest.approx(sum(later), abs=len(names))
    assert everybody.value_after < everybody.value_before
    for by in BY:
        assert total(summed(struck.exposures.items(), by).values()) == everybody
    of_savers = summed(struck.exposures.items(), "segment")["savers"]
    assert of_savers.struck == of_savers.customers
    assert of_savers.deposits_after == pytest.approx(0.7 * of_savers.deposits_before, abs=of_savers.customers)


def test_whom_it_does_not_strike_stays_as_they_are() -> None:
    before, after = book(), book()
    strike(after, shock(segments=frozenset({"savers"}), balances=0.9, silence=timedelta(days=200)), END, MODELS)
    for key, was in before.standings.items():
        if group_of(was, END, before.rules, MODELS).segment != "savers":
            assert after.standings[key] == was


def total(exposures: Iterable[Exposure]) -> Exposure:
    return reduce(Exposure.plus, exposures, Exposure())


def test_without_models_nobody_has_a_segment_or_a_value() -> None:
    struck = strike(book(), shock(balances=0.3), END, Models())
    assert {group.segment for group in struck.exposures} == {None}
    assert all(one.value_before == one.value_after == 0 for one in struck.exposures.values())


def test_time_deposits_are_deposits_and_what_is_overdrawn_is_none() -> None:
    held = Holdings({"deposit": ProductsOfKind(1, 500), "wealth": ProductsOfKind(1, 70)}, 1)
    assert worth_of(Standing("c-1", opening_minor=-40, holdings=held), END, BANK, Models()) == (500, 0)
    assert worth_of(Standing("c-1", opening_minor=40, holdings=held), END, BANK, Models()) == (540, 0)


def test_whoever_stays_too_low_for_the_whole_dwell_falls_and_nobody_rises() -> None:
    ladder = ("low", "middle", "high")
    before, at_once, later = book(), book(), book()
    strike(at_once, shock(balances=0.9), END, Models())
    strike(later, shock(balances=0.9, silence=timedelta(days=200)), END, Models())
    heights = [[ladder.index(one.tier or "") for one in made.standings.values()] for made in (before, at_once, later)]
    assert heights[0] == heights[1], "nobody falls before the dwell is over"
    assert sum(heights[2]) < sum(heights[0])


LADDER = ("low", "middle", "high")


def read(folder: Path, content: str, model: SegmentModel | None = None) -> Shock:
    """The shock that this document is, for a bank of three tiers."""
    path = folder / "shock.json"
    path.write_text(content)
    return read_shock(path, LADDER, model)


def test_a_document_at_fault_is_refused_with_every_fault(tmp_path: Path) -> None:
    many = '{"name": "run", "tiers": ["hihg"], "balances_lost": 1.3, "silent_days": -1, "colour": "red"}'
    with pytest.raises(DocumentInvalid, match=r"tiers.*balances_lost.*silent_days.*colour"):
        read(tmp_path, many)
    found = read(tmp_path, '{"name": "run on deposits", "tiers": ["high"], "balances_lost": 0.3}')
    assert found == Shock("run on deposits", frozenset({"high"}), None, 0.3, 0.0, timedelta(days=30))


def test_a_document_names_tiers_and_segments_that_there_are(tmp_path: Path) -> None:
    savers = '{"name": "savers leave", "segments": ["savers"], "balances_lost": 0.3}'
    assert read(tmp_path, savers, MODELS.segments).segments == {"savers"}
    with pytest.raises(DocumentInvalid, match="segments: there are none yet; `python -m scoring refit-segments`"):
        read(tmp_path, savers)
    wrong = '{"name": "rich", "tiers": ["high", "hihg"], "segments": ["savers", "rich"], "balances_lost": 0.3}'
    with pytest.raises(DocumentInvalid) as refused:
        read(tmp_path, wrong, MODELS.segments)
    assert "tiers: there is no hihg; there are low, middle, high" in str(refused.value)
    assert "segments: there is no rich; there are typical, savers, quiet" in str(refused.value)


@pytest.mark.parametrize("of", ['"tiers": []', '"segments": []'])
def test_a_document_that_strikes_nobody_is_refused(tmp_path: Path, of: str) -> None:
    with pytest.raises(DocumentInvalid, match="at least 1 item"):
        read(tmp_path, f'{{"name": "x", {of}, "balances_lost": 0.3}}', MODELS.segments)


@pytest.mark.parametrize("effect", ["balances_lost", "products_lost", "silent_days", "inflows_stopped_days"])
def test_a_document_that_takes_nothing_is_refused(tmp_path: Path, effect: str) -> None:
    with pytest.raises(DocumentInvalid, match="give balances_lost, products_lost, inflows_stopped_days or silent_days"):
        read(tmp_path, '{"name": "x"}')
    with pytest.raises(
        DocumentInvalid, match="silent_days: nothing is lost, no inflows stop and nobody falls silent; give"
    ):
        read(tmp_path, f'{{"name": "x", "{effect}": 0}}')


def test_silence_alone_is_a_shock_and_a_loss_may_be_without_silence(tmp_path: Path) -> None:
    assert read(tmp_path, '{"name": "x", "silent_days": 60}').silence == timedelta(days=60)
    assert read(tmp_path, '{"name": "x", "silent_days": 0, "products_lost": 1}').silence == timedelta(0)
    assert read(tmp_path, '{"name": "x", "products_lost": 1}').silence == timedelta(days=30)


def test_what_is_held_in_other_currencies_is_struck_alike_and_not_in_the_money_that_was_lost() -> None:
    made = Book(rules())
    dollars = transaction(MONDAY, direction="credit", amount="1000.00", currency="USD")
    for fact in (dollars, holdings(1, "500.00", currency="USD", at=MONDAY + timedelta(days=1))):
        made.meet("c-1", moment_of(fact), partial(fold, fact=fact, bank=BANK))  # type: ignore[arg-type]
    made.close(END)
    assert strike(made, shock(balances=0.3, products=0.5), END, Models()).lost == 0
    struck = made.standings["c-1"]
    assert struck.foreign["USD"].balance == 70_000
    assert struck.holdings.valuations[-1].foreign == (("USD", 25_000),)
