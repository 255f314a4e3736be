"""When the bank may reach customers: quiet hours, how often, by which channel for which purpose."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, time, timedelta, tzinfo
from typing import Literal

Kind = Literal["marketing", "service", "obligation"]
Channel = Literal["sms", "push", "wecom", "email"]
Held = Literal["capped", "quiet-hours-past-expiry"]

STRICTEST_FIRST: tuple[Kind, ...] = ("marketing", "service", "obligation")
"""Who asks may be stricter with itself than the purpose is, and never laxer."""


@dataclass(frozen=True, slots=True)
class Cap:
    """At most so many messages of a kind within any period of this length, whoever asks and by whichever channel."""

    at_most: int
    within: timedelta

    def free_from(self, moment: datetime, sent: Collection[datetime]) -> datetime:
        """The first moment from this one on at which another may be sent, if none is sent meanwhile."""
        recent = sorted((at for at in sent if at > moment - self.within), reverse=True)
        return moment if len(recent) < self.at_most else recent[self.at_most - 1] + self.within


@dataclass(frozen=True, slots=True)
class QuietHours:
    """From `begins` until before `ends`, by the clock of a zone; over midnight where it ends before it begins."""

    begins: time
    ends: time

    def cover(self, moment: datetime, zone: tzinfo) -> bool:
        """Whether they are on."""
        clock = moment.astimezone(zone).time()
        if self.begins <= self.ends:
            return self.begins <= clock < self.ends
        return clock >= self.begins or clock < self.ends

    def free_from(self, moment: datetime, zones: Collection[tzinfo]) -> datetime:
        """The first moment from this one on at which it is quiet in none of the zones, or one a step towards it."""
        ends = [self._end(moment, zone) for zone in zones if self.cover(moment, zone)]
        return max(ends, default=moment)

    def _end(self, moment: datetime, zone: tzinfo) -> datetime:
        local = moment.astimezone(zone)
        day = local.date() if local.time() < self.ends else local.date() + timedelta(days=1)
        # Where clocks are set forward over the end, it would come before what it is the end of.
        return max(datetime.combine(day, self.ends, zone).astimezone(moment.tzinfo), moment + timedelta(minutes=1))


@dataclass(frozen=True, slots=True)
class KindRules:
    """What holds for messages of one kind. `relationships`: in which customers are reached at all."""

    relationships: frozenset[str]
    cap: Cap | None
    heeds_quiet_hours: bool


@dataclass(frozen=True, slots=True)
class PurposeRules:
    """What a message for one purpose is, and by which channels it may go."""

    kind: Kind
    channels: frozenset[Channel]


@dataclass(frozen=True, slots=True)
class Policy:
    """One version of all rules. `zones`: of customers by their region; everybody else is in the bank's."""

    version: int
    quiet_hours: QuietHours
    kinds: Mapping[Kind, KindRules]
    purposes: Mapping[str, PurposeRules]
    zones: Mapping[str, tzinfo]
    bank_zone: tzinfo

    def kind_of(self, purpose: str, asked: Kind) -> Kind:
        """The stricter of what was asked and what the purpose is."""
        known = self.purposes.get(purpose)
        return min(asked, known.kind if known else asked, key=STRICTEST_FIRST.index)

    def zones_of(self, region: str | None) -> frozenset[tzinfo]:
        """Whose quiet hours count for a customer of this region: the bank's and the customer's own."""
        return frozenset({self.bank_zone, self.zones.get(region or "", self.bank_zone)})

    def free_from(
        self, kind: Kind, moment: datetime, *, region: str | None, sent: Collection[datetime], until: datetime
    ) -> tuple[datetime, Held | None]:
        """The first moment from this one on that neither the cap nor quiet hours hold back, and what last did.

        Not looked for beyond `until`: a moment that is not before it says that there is none.
        """
        rules = self.kinds[kind]
        held: Held | None = None
        while moment < until:
            if (later := rules.cap.free_from(moment, sent) if rules.cap else moment) > moment:
                moment, held = later, "capped"
            elif (later := self._awake_from(rules, moment, region)) > moment:
                moment, held = later, "quiet-hours-past-expiry"
            else:
                break
        return moment, held

    def _awake_from(self, rules: KindRules, moment: datetime, region: str | None) -> datetime:
        return self.quiet_hours.free_from(moment, self.zones_of(region)) if rules.heeds_quiet_hours else moment

    @property
    def longest_cap(self) -> timedelta:
        """How far back what was sent still counts."""
        return max((rules.cap.within for rules in self.kinds.values() if rules.cap), default=timedelta(0))


def faults_of(policy: Policy, *, needs_consent: Mapping[str, bool]) -> list[str]:
    """The rules that a policy breaks, each naming its field. `needs_consent`: of the bank's purposes, by code."""
    faults = [f"kinds: {kind} is missing" for kind in STRICTEST_FIRST if kind not in policy.kinds]
    for code, purpose in policy.purposes.items():
        if code not in needs_consent:
            faults.append(f"purposes.{code}: is none of the bank's purposes")
        elif needs_consent[code] and purpose.kind == "obligation":
            faults.append(f"purposes.{code}.kind: what rests on consent is no obligation")
    if policy.quiet_hours.begins == policy.quiet_hours.ends:
        faults.append("quiet_hours: begin and end at the same time")
    faults += [
        f"zones.{region}: leaves no hour of the day that is not quiet" for region in sorted(_never_awake(policy))
    ]
    return faults


_SUMMER, _WINTER = datetime.fromisoformat("2026-07-01T00:00:00Z"), datetime.fromisoformat("2026-01-01T00:00:00Z")
_QUARTERS = [timedelta(minutes=15 * number) for number in range(96)]


def _never_awake(policy: Policy) -> set[str]:
    """Regions in which it is quiet all day, here or there: a message would wait for ever."""
    return {
        region
        for region in policy.zones
        for day in (_SUMMER, _WINTER)
        if all(any(policy.quiet_hours.cover(day + q, zone) for zone in policy.zones_of(region)) for q in _QUARTERS)
    }
