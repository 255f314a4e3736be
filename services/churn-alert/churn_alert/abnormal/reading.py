"""Documents of rules and of working days, read and taken as the domain has them; a fault names the field."""

from collections.abc import Sequence
from datetime import date, tzinfo
from pathlib import Path

from churn_alert.abnormal.calendars import WorkingDaysDocument
from churn_alert.abnormal.documents import (
    CodesDocument,
    EditionDocument,
    MarksDocument,
    PatternsDocument,
    ReportingDocument,
    UnusualDocument,
)
from churn_alert.abnormal.domain.rules import (
    Codes,
    Edition,
    LargeRule,
    ManyPostings,
    Measured,
    PassingThrough,
    Pattern,
    Rules,
    Structuring,
    Unusual,
)
from churn_alert.abnormal.domain.words import Flow
from churn_alert.abnormal.domain.working_days import WorkingDays
from rapport.documents import DocumentInvalid, in_succession, read_document, read_versions
from rapport.events.money import minor_units

_PUBLISHED = Path(__file__).parent / "published"
REPORTING, WORKING_DAYS = _PUBLISHED / "reporting-1.json", _PUBLISHED / "working-days-1.json"
_OF_CURRENCY = {"CNY": REPORTING, "CZK": _PUBLISHED / "reporting-czk-1.json"}
_NEVER = date(2999, 12, 31)
_NOUN = "reporting rules"


def read_reporting(own: Path | None = None, *, currency: str, today: date) -> tuple[ReportingDocument, ...]:
    """Every version of the rules: the bank's `own`, a file or a folder of them, or else those published for its
    `currency`.

    Raises DocumentInvalid, which names the field at fault; also where versions are of other currencies, or of another
    than the bank's: sums are kept by them.
    """
    if own is None and currency not in _OF_CURRENCY:
        raise DocumentInvalid(
            f"{_NOUN}: home: none is published in {currency}, only in {', '.join(_OF_CURRENCY)}: name the bank's own by"
            " CHURN_ALERT_BANK__ABNORMAL_RULES"
        )
    published = [] if own is not None else [_OF_CURRENCY[currency]]
    found = read_versions(own, ReportingDocument, noun=_NOUN, published=published, today=today)
    if len({(one.home, one.foreign) for one in found}) > 1:
        raise DocumentInvalid(f"{_NOUN}: home, foreign: every version has the same, for sums are kept by them")
    if found[0].home != currency:
        raise DocumentInvalid(
            f"{_NOUN}: home: is {found[0].home}, and the bank's currency {currency}: its own money would be measured as"
            " foreign; say thresholds in the bank's"
        )
    return found


def read_working_days(own: Path | None = None) -> WorkingDays:
    """The calendar at `own`, or the published one. Raises DocumentInvalid."""
    document = read_document(own or WORKING_DAYS, WorkingDaysDocument, noun="working days")
    years = document.years.values()
    off, worked = (day for one in years for day in one.off), (day for one in years for day in one.worked)
    return WorkingDays(document.version, frozenset(off), frozenset(worked))


def rules_of(documents: Sequence[ReportingDocument], zone: tzinfo) -> Rules:
    """Versions as the domain takes them, for a bank of this calendar."""
    return in_succession(documents, zone, lambda one: _rules(one, zone))


def _rules(document: ReportingDocument, zone: tzinfo) -> Rules:
    return Rules(
        version=document.version,
        home=document.home,
        foreign=document.foreign,
        codes=_codes(document.codes),
        natural=frozenset(document.natural),
        night=(document.unusual.night.from_hour, document.unusual.night.until_hour),
        editions=tuple(_edition(one, document.home, document.foreign) for one in document.editions),
        patterns=tuple(_patterns(document.patterns, document.home)),
        unusual=_unusual(document.unusual, document.home),
        refer_within=document.leads.refer_within,
        growth=document.leads.growth,
        zone=zone,
    )


def _codes(of: CodesDocument) -> Codes:
    marks: tuple[tuple[Flow, MarksDocument], ...] = (
        ("cross-border", of.cross_border),
        ("cash", of.cash),
    )
    return Codes(
        exempt_kinds=frozenset(of.exempt.kinds),
        exempt_counterparties=frozenset(of.exempt.counterparties),
        kinds={kind: flow for flow, one in marks for kind in one.kinds},
        counterparties={name: flow for flow, one in marks for name in one.counterparties},
    )


def _edition(one: EditionDocument, home: str, foreign: str) -> Edition:
    large = tuple(
        LargeRule(
            rule.code,
            rule.flows,
            rule.party,
            None if rule.home is None else minor_units(rule.home, home),
            minor_units(rule.foreign, foreign),
        )
        for rule in one.large
    )
    return Edition(one.begins.toordinal(), (one.ends or _NEVER).toordinal(), large)


def _patterns(of: PatternsDocument, home: str) -> list[Pattern]:
    return [
        *(Structuring(one.code, one.below, one.share, one.times, one.days) for one in of.structuring),
        *(PassingThrough(one.code, one.flows, minor_units(one.least, home), one.share) for one in of.passing_through),
        *(
            ManyPostings(one.code, one.flows, one.direction, one.count, one.days, minor_units(one.least, home))
            for one in of.many_postings
        ),
    ]


def _unusual(of: UnusualDocument, home: str) -> Unusual:
    return Unusual(
        history_days=of.history_days,
        active_days=of.active_days,
        frequency=Measured(of.frequency.least, of.frequency.deviations),
        amount=Measured(minor_units(of.amount.least, home), of.amount.deviations),
        night=Measured(of.night.least, of.night.deviations),
        night_active_days=of.night.active_days,
        new_active_days=of.new_counterparty.active_days,
        new_counterparty=minor_units(of.new_counterparty.least, home),
        dormant_days=of.dormant.days,
        waking=minor_units(of.dormant.least, home),
    )
