"""The fault campaign tells a service all that it hears."""

from rapport.composition import Composition
from tests.faults import subjects
from tests.support.serving import Subject


def test_the_campaign_tells_each_service_what_it_hears(subject: Subject, composition: Composition) -> None:
    told = {event.name for event in subjects.SUBJECTS[subject.package].hears}
    assert told == {event.name for event in composition.subscriptions}
