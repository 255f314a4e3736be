"""Reporting rules as people write and review them: JSON, one file a version; each threshold by its days in force."""

from typing import Annotated, Literal, Self

from pydantic import AfterValidator, Field, StringConstraints, model_validator

from churn_alert.abnormal.domain.ranges import RANGES
from churn_alert.abnormal.domain.state import PATTERN_DAYS, RANGE_DAYS
from churn_alert.abnormal.domain.words import Direction, Flow
from rapport.documents import Part, VersionDocument
from rapport.events.base import Code, Day
from rapport.events.money import Currency, minor_units


def _each_once(flows: tuple[Flow, ...]) -> tuple[Flow, ...]:
    if len(set(flows)) < len(flows):
        raise ValueError("names a flow twice: its money would be added twice")
    return flows


Sum = Annotated[str, StringConstraints(pattern=r"^[1-9][0-9]{0,14}(\.[0-9]{1,3})?$")]
RuleCode = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]{0,39}$")]
Words = Annotated[str, StringConstraints(min_length=1, max_length=1000)]
Flows = Annotated[tuple[Flow, ...], Field(min_length=1), AfterValidator(_each_once)]
Days = Annotated[int, Field(ge=1, le=PATTERN_DAYS)]


class MarksDocument(Part):
    """The bank's codes that mark a flow."""

    kinds: tuple[Code, ...]
    counterparties: tuple[Code, ...]


class CodesDocument(Part):
    """Exempt comes first, then kinds, then counterparties; what none names is domestic."""

    cash: MarksDocument
    cross_border: MarksDocument = Field(alias="cross-border")
    exempt: MarksDocument


class LargeDocument(Part):
    """From these sums on within a day, one direction by itself; `home` null: only of other currencies."""

    code: RuleCode
    flows: Flows
    party: Literal["any", "natural", "other"]
    home: Sum | None
    foreign: Sum


class EditionDocument(Part):
    """The thresholds in force from `begins` on and before `ends`, the day the next begins; null of the last."""

    begins: Day
    ends: Day | None
    source: Words
    large: tuple[LargeDocument, ...] = Field(min_length=1)


class StructuringDocument(Part):
    """So many days of `days` with a sum from this share of a threshold on, and below it."""

    code: RuleCode
    below: RuleCode
    share: float = Field(gt=0, lt=1)
    times: int = Field(ge=2, le=PATTERN_DAYS)
    days: Days


class PassingDocument(Part):
    """In and out again within a day."""

    code: RuleCode
    flows: Flows
    least: Sum
    share: float = Field(gt=0, le=1)


class ManyDocument(Part):
    """Many postings within a few days."""

    code: RuleCode
    flows: Flows
    direction: Direction
    count: int = Field(ge=2, le=10_000)
    days: Days
    least: Sum


class PatternsDocument(Part):
    """What is suspicious by its form."""

    structuring: tuple[StructuringDocument, ...]
    passing_through: tuple[PassingDocument, ...]
    many_postings: tuple[ManyDocument, ...]


class CountDocument(Part):
    """How many are looked at, and how many deviations above the usual are much."""

    least: int = Field(ge=1, le=10_000)
    deviations: float = Field(gt=0, le=100)


class NightDocument(CountDocument):
    """The hours of the bank's day that are night: from, and before; of customers who were active on so many days."""

    active_days: int = Field(ge=1, le=RANGE_DAYS)
    from_hour: int = Field(ge=0, le=23)
    until_hour: int = Field(ge=1, le=24)


class AmountDocument(Part):
    """From which sum a day is looked at."""

    least: Sum
    deviations: float = Field(gt=0, le=100)


class LeastDocument(Part):
    """From which sum on."""

    least: Sum


class NewCounterpartyDocument(LeastDocument):
    """Of customers who were active on so many of the days before."""

    active_days: int = Field(ge=1, le=RANGE_DAYS)


class DormantDocument(LeastDocument):
    """After more than so many days without own activity."""

    days: int = Field(ge=RANGE_DAYS, le=3650)


class UnusualDocument(Part):
    """The customer's own range: after how many days there is one, and when a day leaves it."""

    history_days: int = Field(ge=7, le=RANGE_DAYS)
    active_days: int = Field(ge=2, le=RANGE_DAYS)
    night: NightDocument
    frequency: CountDocument
    amount: AmountDocument
    new_counterparty: NewCounterpartyDocument
    dormant: DormantDocument


class LeadsDocument(Part):
    """What becomes of a lead: within how many working days it is to be referred, and told again once its figures are so
    many times, or that part of, what was told last.
    """

    refer_within: int = Field(ge=1, le=60)
    growth: float = Field(gt=1, le=100, allow_inf_nan=False)


class ReportingDocument(VersionDocument):
    """One version of the rules, complete; what is of its first day or later is found by it."""

    confirmed: bool = Field(description="whether a compliance officer has said that the thresholds are right")
    home: Currency
    foreign: Currency
    natural: tuple[Literal["personal", "corporate", "institution"], ...] = Field(min_length=1)
    codes: CodesDocument
    editions: tuple[EditionDocument, ...] = Field(min_length=1)
    patterns: PatternsDocument
    unusual: UnusualDocument
    leads: LeadsDocument

    @model_validator(mode="after")
    def _agrees_with_itself(self) -> Self:
        for name, currency in (("home", self.home), ("foreign", self.foreign)):
            _check_sum(name, "1", currency)
        if self.foreign == self.home:
            raise ValueError("foreign: is another currency than `home`")
        self._check_marks()
        if self.editions[0].begins > self.effective_from:
            raise ValueError("editions.0.begins: lies no later than `effective_from`: every day has its thresholds")
        for number, (one, following) in enumerate(zip(self.editions, (*self.editions[1:], None), strict=True)):
            self._check_edition(f"editions.{number}", one, following)
        self._check_patterns({rule.code for one in self.editions for rule in one.large})
        self._check_unusual()
        return self

    def _check_marks(self) -> None:
        marks = (("cash", self.codes.cash), ("cross-border", self.codes.cross_border), ("exempt", self.codes.exempt))
        for of in ("kinds", "counterparties"):
            said: dict[str, str] = {}
            for place, one in marks:
                for code in getattr(one, of):
                    if (before := said.setdefault(code, place)) != place:
                        raise ValueError(f"codes.{place}.{of}: {code} stands under {before} too: a flow is one of them")

    def _check_edition(self, place: str, one: EditionDocument, following: EditionDocument | None) -> None:
        if one.ends is not None and one.ends <= one.begins:
            raise ValueError(f"{place}.ends: lies after `begins`")
        if one.ends != (following.begins if following is not None else None):
            raise ValueError(f"{place}.ends: is the day the next begins, and null of the last: no day is without one")
        codes = [rule.code for rule in one.large]
        if len(codes) != len(set(codes)):
            raise ValueError(f"{place}.large: each code is there once")
        for at, rule in enumerate(one.large):
            _check_sum(f"{place}.large.{at}.home", rule.home or "1", self.home)
            _check_sum(f"{place}.large.{at}.foreign", rule.foreign, self.foreign)

    def _check_patterns(self, thresholds: set[str]) -> None:
        for pattern in self.patterns.structuring:
            if pattern.below not in thresholds:
                raise ValueError(f"patterns.structuring.{pattern.code}.below: names a rule of `large`")
            if pattern.times > pattern.days:
                raise ValueError(f"patterns.structuring.{pattern.code}.times: is no more than `days`")
        of = self.patterns
        sums = [(one.code, one.least) for one in of.passing_through] + [
            (one.code, one.least) for one in of.many_postings
        ]
        for code, least in sums:
            _check_sum(f"patterns.{code}.least", least, self.home)
        patterns = [one.code for one in of.structuring] + [one.code for one in of.passing_through]
        patterns += [one.code for one in of.many_postings]
        if len({*patterns} | thresholds | RANGES) != len(patterns) + len(thresholds) + len(RANGES):
            raise ValueError("patterns: each code is there once, and is no threshold's and no range's")

    def _check_unusual(self) -> None:
        of = self.unusual
        for name, one in (("amount", of.amount), ("new_counterparty", of.new_counterparty), ("dormant", of.dormant)):
            _check_sum(f"unusual.{name}.least", one.least, self.home)
        if of.active_days > of.history_days:
            raise ValueError("unusual.active_days: is no more than `history_days`")
        if of.night.from_hour >= of.night.until_hour:
            raise ValueError("unusual.night.until_hour: lies after `from_hour`; name the hours after midnight")


def _check_sum(place: str, amount: str, currency: str) -> None:
    try:
        minor_units(amount, currency)
    except ValueError as fault:
        raise ValueError(f"{place}: {fault}") from None
