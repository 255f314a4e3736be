"""The services a campaign can put to the test, and all it must know of each."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import churn_alert.main
import churn_alert.settings
import customer_profile.main
import customer_profile.settings
import feedback.main
import feedback.settings
import scoring.main
import scoring.settings
from rapport.composition import Composition
from rapport.events import catalogue
from rapport.events.bank import (
    AccountChanged,
    CustomerRecorded,
    EmployeeChanged,
    ExchangeRateSet,
    FeedbackSubmitted,
    HoldingChanged,
    InteractionRecorded,
    RiskAssessed,
    TransactionRecorded,
)
from rapport.events.base import Event
from rapport.events.churn_alert import ChurnAlertChanged, LifecycleChanged, RiskThresholdCrossed
from rapport.events.contact import ContactDelivered, ContactRefused, ContactRequested
from rapport.events.customer_profile import (
    ConsentChanged,
    CustomerErased,
    CustomerProfiled,
    CustomersMerged,
    CustomersUnmerged,
)
from rapport.events.ecif import CustomerMergeRecorded
from rapport.events.feedback import CaseChanged, FeedbackClassified, ResponseOverdue
from rapport.events.scoring import SegmentChanged, TierChanged
from rapport.settings import ServiceSettings
from tests.faults.people import PEOPLE
from tests.faults.recount import persons, stages
from tests.faults.recount.book import Recount
from tests.faults.recount.churn_alert import CHURN_ALERT
from tests.faults.recount.customer_profile import CUSTOMER_PROFILE
from tests.faults.recount.feedback import FEEDBACK
from tests.faults.recount.scoring import SCORING

OF_FILES = (CustomersMerged, CustomersUnmerged, CustomerErased)
SEEN_BY = (CustomerProfiled, EmployeeChanged)


@dataclass(frozen=True, slots=True)
class Subject:
    """One service.

    `hears`: the first has events in every partition several times a second. `people`: who the load is about, and `rate`
    how many events a second of them two workers on two cores keep up with. `decides`: the topics of the facts that are
    compared with its decisions.
    """

    name: str
    settings: type[ServiceSettings]
    compose: Callable[[Any], Composition]
    hears: tuple[type[Event], ...]
    recount: Recount
    decides: tuple[str, ...]
    people: str = "population"
    rate: float = 2000

    @property
    def topics(self) -> list[str]:
        """Every topic that a run of it needs."""
        published = PEOPLE[self.people].sources
        told = [event for event in catalogue.topics() if event.producer == self.producer]
        events = {event.name for event in (*published, *self.hears, *told, ContactRequested)}
        return sorted({*events, f"{self.producer}.dead-letter"})

    @property
    def producer(self) -> str:
        """The name by which it signs what it tells."""
        return self.name.replace("_", "-")

    @property
    def steady(self) -> str:
        """How the topic ends by which a partition is seen to move."""
        return f"%{self.hears[0].name}"


SUBJECTS = {
    "scoring": Subject(
        name="scoring",
        settings=scoring.settings.Settings,
        compose=scoring.main.compose,
        hears=(
            TransactionRecorded,
            HoldingChanged,
            ExchangeRateSet,
            CustomerProfiled,
            LifecycleChanged,
            ConsentChanged,
            EmployeeChanged,
            *OF_FILES,
        ),
        recount=SCORING,
        decides=("tier-changed",),
    ),
    "churn_alert": Subject(
        name="churn_alert",
        settings=churn_alert.settings.Settings,
        compose=churn_alert.main.compose,
        hears=(
            TransactionRecorded,
            InteractionRecorded,
            FeedbackClassified,
            AccountChanged,
            HoldingChanged,
            TierChanged,
            SegmentChanged,
            ContactDelivered,
            ContactRefused,
            ConsentChanged,
            ExchangeRateSet,
            ResponseOverdue,
            *OF_FILES,
            *SEEN_BY,
        ),
        recount=CHURN_ALERT,
        decides=("risk-threshold-crossed", *stages.TOPICS),
        people="leavers",
        rate=800,
    ),
    "feedback": Subject(
        name="feedback",
        settings=feedback.settings.Settings,
        compose=feedback.main.compose,
        hears=(FeedbackSubmitted, TierChanged, ConsentChanged, *OF_FILES, *SEEN_BY),
        recount=FEEDBACK,
        decides=("feedback-classified", "case-changed", "response-overdue"),
        people="voices",
        rate=400,
    ),
    "customer_profile": Subject(
        name="customer_profile",
        settings=customer_profile.settings.Settings,
        compose=customer_profile.main.compose,
        hears=(
            AccountChanged,
            CustomerRecorded,
            TransactionRecorded,
            InteractionRecorded,
            HoldingChanged,
            RiskAssessed,
            TierChanged,
            LifecycleChanged,
            RiskThresholdCrossed,
            ChurnAlertChanged,
            CaseChanged,
            FeedbackClassified,
            ContactRequested,
            CustomerMergeRecorded,
            EmployeeChanged,
        ),
        recount=CUSTOMER_PROFILE,
        decides=("customer-profiled", *persons.TOPICS),
        people="portraits",
        rate=400,
    ),
}
