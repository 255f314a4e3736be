"""A document that breaks a rule is refused at the start, and says in which field."""

import json
import re
from collections.abc import Callable
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from churn_alert.abnormal.reading import REPORTING, WORKING_DAYS, read_reporting, read_working_days, rules_of
from churn_alert.main import compose
from churn_alert.settings import Settings
from rapport.documents import DocumentInvalid
from rapport.settings import SettingsInvalid
from tests.churn_alert.abnormal.telling import ZONE, at, cash, found

Alter = Callable[[dict[str, Any]], None]


def set_at(*path: Any, value: Any) -> Alter:
    def alter(document: dict[str, Any]) -> None:
        for one in path[:-1]:
            document = document[one]
        document[path[-1]] = value

    return alter


@pytest.mark.parametrize(
    ("alter", "field"),
    [
        (set_at("note", value="more"), "note"),
        (set_at("author", value=""), "author"),
        (set_at("editions", 0, "ends", value=None), "editions.0.ends"),
        (set_at("editions", 0, "ends", value="2018-01-01"), "editions.0.ends"),
        (set_at("editions", 1, "ends", value="2017-07-01"), "editions.1.ends"),
        (set_at("editions", 0, "ends", value="2017-06-30"), "editions.0.ends: is the day the next begins"),
        (set_at("editions", 1, "ends", value="2031-01-01"), "editions.1.ends: .*no day is without one"),
        (set_at("editions", 0, "begins", value="2008-01-01"), "editions.0.begins: .*every day has its thresholds"),
        (set_at("effective_from", value="0001-01-01"), "effective_from"),
        (set_at("codes", "exempt", "kinds", value=["interest", "cash-deposit"]), "codes.exempt.kinds: cash-deposit"),
        (set_at("codes", "cross-border", "counterparties", value=["cash"]), "codes.cross-border.counterparties: cash"),
        (set_at("foreign", value="CNY"), "foreign"),
        (set_at("foreign", value="XXX"), "foreign: currency is not"),
        (set_at("unusual", "dormant", "least", value="20000.005"), "unusual.dormant.least"),
        (set_at("unusual", "active_days", value=31), "unusual.active_days"),
        (set_at("editions", 1, "large", 0, "home", value="0"), "editions.1.large.0.home"),
        (set_at("editions", 1, "large", 0, "home", value="50000.005"), "editions.1.large.0.home"),
        (set_at("editions", 1, "large", 1, "code", value="large-cash"), "editions.1.large"),
        (set_at("editions", 1, "large", 1, "flows", value=[]), "editions.1.large.1.flows"),
        (set_at("patterns", "structuring", 0, "below", value="gold"), "patterns.structuring.structured-cash.below"),
        (set_at("patterns", "structuring", 0, "times", value=11), "patterns.structuring.structured-cash.times"),
        (set_at("patterns", "passing_through", 0, "code", value="unusual-night"), "patterns"),
        (set_at("patterns", "many_postings", 0, "days", value=40), "patterns.many_postings.0.days"),
        (set_at("patterns", "many_postings", 0, "least", value="1.005"), "patterns.many-incoming-transfers.least"),
        (set_at("unusual", "night", "until_hour", value=0), "unusual.night.until_hour"),
        (set_at("unusual", "amount", "deviations", value=-1), "unusual.amount.deviations"),
        (set_at("unusual", "history_days", value=90), "unusual.history_days"),
        (set_at("leads", "growth", value=1), "leads.growth"),
        (set_at("leads", "refer_within", value=0), "leads.refer_within"),
    ],
)  # fmt: skip
def test_reporting_rules_that_break_a_rule_name_the_field(tmp_path: Path, alter: Alter, field: str) -> None:
    document = json.loads(REPORTING.read_bytes())
    alter(document)
    path = tmp_path / "rules.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DocumentInvalid, match=r"rules\.json") as refused:
        read_reporting(path, currency="CNY", today=date(2025, 1, 1))
    assert re.search(field, str(refused.value))


@pytest.mark.parametrize(
    ("name", "day", "says"),
    [("off", "2025-02-01", "weekdays"), ("worked", "2025-02-03", "weekend"), ("off", "2026-01-01", "another year")],
)
def test_a_calendar_that_contradicts_itself_names_the_year(tmp_path: Path, name: str, day: str, says: str) -> None:
    document = json.loads(WORKING_DAYS.read_bytes())
    document["years"]["2025"][name].append(day)
    path = tmp_path / "days.json"
    path.write_text(json.dumps(document))
    with pytest.raises(DocumentInvalid, match=rf"days\.json: .*years\.2025\.{name}.*{says}"):
        read_working_days(path)


def test_nothing_starts_on_rules_that_break_a_rule(make_settings: Callable[..., Settings], tmp_path: Path) -> None:
    broken = tmp_path / "rules.json"
    broken.write_text("{}")
    with pytest.raises(SettingsInvalid, match=r"rules\.json"):
        compose(make_settings(abnormal_rules=broken))
    with pytest.raises(SettingsInvalid, match="cannot be read"):
        compose(make_settings(working_days=tmp_path / "gone.json"))


@pytest.mark.parametrize(
    ("day", "due"),
    [
        (date(2025, 3, 3), date(2025, 3, 10)),
        (date(2025, 9, 30), date(2025, 10, 14)),  # eight days off, and Saturday the 11th is worked
        (date(2025, 1, 24), date(2025, 2, 7)),  # Sunday the 26th is worked, then Spring Festival
        (date(2031, 9, 30), date(2031, 10, 7)),  # a year that is in no calendar has weekends alone
    ],
)
def test_five_working_days_go_by_the_calendar(day: date, due: date) -> None:
    assert read_working_days().after(day, 5) == due


def test_a_day_is_judged_by_the_version_in_force_on_it_whenever_its_postings_are_heard(tmp_path: Path) -> None:
    for version, begins, least in ((1, "2007-03-01", "50000"), (2, "2025-03-05", "70000")):
        document = json.loads(REPORTING.read_bytes()) | {"version": version, "effective_from": begins}
        document["editions"][-1]["large"][0]["home"] = least
        (tmp_path / f"{version}.json").write_text(json.dumps(document))
    rules = rules_of(read_reporting(tmp_path, currency="CNY", today=date(2025, 1, 1)), ZONE)
    before, after = cash(at("2025-03-04", "23:59"), "60000.00"), cash(at("2025-03-05", "00:00"), "60000.00")
    for told in ([before, after], [after, before]):
        assert found(told, rules=rules) == ["2025-03-04|large-cash|credit|home"]
    assert (rules.on(before.occurred_at.astimezone(ZONE).toordinal()).version, rules.newest.version) == (1, 2)


def test_versions_in_other_currencies_are_refused(tmp_path: Path) -> None:
    for version, begins, foreign in ((1, "2007-03-01", "USD"), (2, "2025-03-05", "EUR")):
        document = json.loads(REPORTING.read_bytes()) | {"version": version, "effective_from": begins}
        (tmp_path / f"{version}.json").write_text(json.dumps(document | {"foreign": foreign}))
    with pytest.raises(DocumentInvalid, match="home, foreign"):
        read_reporting(tmp_path, currency="CNY", today=date(2025, 1, 1))


def test_thresholds_in_another_currency_than_the_banks_are_refused(
    make_settings: Callable[..., Settings], tmp_path: Path
) -> None:
    own = tmp_path / "rules.json"
    own.write_bytes(REPORTING.read_bytes())
    with pytest.raises(SettingsInvalid, match="home: is CNY, and the bank's currency CZK"):
        compose(make_settings(abnormal_rules=own, currency="CZK"))


def test_a_bank_in_whose_currency_no_rules_are_published_is_asked_for_its_own() -> None:
    assert {one.home for one in read_reporting(currency="CZK", today=date(2025, 1, 1))} == {"CZK"}
    with pytest.raises(DocumentInvalid, match=r"home: none is published in EUR.*CHURN_ALERT_BANK__ABNORMAL_RULES"):
        read_reporting(currency="EUR", today=date(2025, 1, 1))
