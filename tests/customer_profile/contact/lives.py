"""Requests and a policy as tests need them, and a customer's life: what sweep and loop do, in memory."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, time, timedelta, tzinfo
from typing import Any, Literal
from zoneinfo import ZoneInfo

from customer_profile.contact.domain.contact import Contact
from customer_profile.contact.domain.deciding import Person, after, decide
from customer_profile.contact.domain.policy import Cap, KindRules, Policy, PurposeRules, QuietHours
from customer_profile.contact.domain.templates import Template, Words

MONDAY = datetime(2026, 3, 2, 4, tzinfo=UTC)
"""Noon in Shanghai."""
HOUR, DAY = timedelta(hours=1), timedelta(days=1)
SHANGHAI, BERLIN = ZoneInfo("Asia/Shanghai"), ZoneInfo("Europe/Berlin")
ALL = frozenset({"active", "exited"})
Fate = Literal["taken", "not taken", "hung up", "died before", "died after"]
"""Of one attempt to hand over. Who hung up took the message, and nobody here knows."""


def policy(
    *, at_most: int = 2, days: int = 7, begin: time = time(21), end: time = time(8), zone: tzinfo = SHANGHAI
) -> Policy:
    cap = Cap(at_most, timedelta(days=days))
    return Policy(
        version=1,
        quiet_hours=QuietHours(begin, end),
        kinds={
            "marketing": KindRules(frozenset({"active"}), cap, heeds_quiet_hours=True),
            "service": KindRules(frozenset({"active"}), Cap(5, timedelta(days=1)), heeds_quiet_hours=True),
            "obligation": KindRules(ALL, None, heeds_quiet_hours=False),
        },
        purposes={
            "churn-care": PurposeRules("marketing", frozenset({"sms", "push"})),
            "contract-performance": PurposeRules("service", frozenset({"sms", "push", "email"})),
            "complaint-handling": PurposeRules("obligation", frozenset({"sms", "push", "email"})),
        },
        zones={"R-west": BERLIN},
        bank_zone=zone,
    )


def template(purpose: str = "churn-care", **fields: Any) -> Template:
    words = {language: Words(None, "{salutation}: {case}") for language in ("zh", "en")}
    made = Template("care", 1, purpose, {"case": "code"}, {"sms": words, "push": words})  # type: ignore[dict-item, arg-type]
    return replace(made, **fields)


def person(**fields: Any) -> Person:
    known = Person("active", None, objection=None, channels=frozenset({"sms", "push"}), has_identity=True)
    return replace(known, **fields)


def contact(request_id: str = "r-1", **fields: Any) -> Contact:
    at = fields.get("requested_at", MONDAY)
    asked: dict[str, Any] = {
        "customer_id": "c-1",
        "request_id": request_id,
        "purpose": "churn-care",
        "kind": "marketing",
        "template": "care",
        "template_version": 1,
        "language": "zh",
        "parameters": {"case": "17"},
        "channels": ("sms", "push"),
        "not_before": None,
        "expires_at": at + 30 * DAY,
        "requested_at": at,
        "due_at": at,
    }
    return Contact(**asked | fields)


@dataclass
class Life:
    """What happened to one customer. `reached`: when an adapter took each message for the first time."""

    contacts: dict[str, Contact]
    reached: dict[str, datetime] = field(default_factory=dict)
    answers: list[tuple[str, str]] = field(default_factory=list)


def live(
    asked: Sequence[Contact], rules: Policy, who: Callable[[datetime], Person], fates: Callable[[str, int], Fate]
) -> Life:
    """Decide what is due, hand over what is decided, mark what is known, until all is answered."""
    life = Life({one.request_id: one for one in asked})
    while due := [one for one in life.contacts.values() if one.due_at is not None]:
        one = min(due, key=lambda one: (one.due_at, one.request_id))
        assert one.due_at is not None
        now = one.due_at
        decided = _settle(life, one, rules, who(now), now)
        if decided.state == "decided":
            _hand_over(life, decided.handed(now), fates(one.request_id, decided.attempts), now)
    return life


def _settle(life: Life, one: Contact, rules: Policy, customer: Person, now: datetime) -> Contact:
    others = [other for other in life.contacts.values() if other.request_id != one.request_id]
    sent = [other.sent_at for other in others if other.kind == one.kind and other.sent_at is not None]
    decision = decide(one, customer, template(one.purpose), policy=rules, sent=sent, now=now)
    return _keep(life, after(one, decision, now))


def _hand_over(life: Life, handed: Contact, fate: Fate, now: datetime) -> None:
    if fate in {"taken", "hung up", "died after"}:
        life.reached.setdefault(handed.request_id, now)
    outcome = {
        "taken": handed.delivered("file", now),
        **dict.fromkeys(("not taken", "hung up"), handed.failed(now)),
    }.get(fate, handed)
    _keep(life, outcome)


def _keep(life: Life, one: Contact) -> Contact:
    life.contacts[one.request_id] = one
    if one.is_answered:
        life.answers.append((one.request_id, one.reason or "delivered"))
    return one
