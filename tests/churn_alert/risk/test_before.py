"""A person of two files, decided late of what comes on the other one: what silence brought in between is not lost."""

from random import Random

from churn_alert.risk.domain.ahead import live_until
from churn_alert.risk.domain.behaviour import Risk
from churn_alert.risk.domain.crossing import Crossing, decide, settle
from churn_alert.risk.domain.persons import Persons
from churn_alert.risk.domain.remembering import remember
from rapport.events.base import Event
from tests.churn_alert.lives import RULES, drawn, fold, lived, when


class Late:
    """A person of c-1 and c-2, decided at each event on c-1 and only at some of those on c-2."""

    def __init__(self, random: Random, *, remembers: bool) -> None:
        self.random, self.remembers = random, remembers
        self.files = {"c-1": Risk("c-1"), "c-2": Risk("c-2")}
        self.persons = Persons.of({"c-1": ("c-1", "c-2")}, self.files)

    def crossings(self, events: list[Event]) -> list[Crossing]:
        found: list[Crossing] = []
        for event in events:
            if event.key == "c-2":
                if self.remembers:
                    remember(self.files["c-2"], when(event), self.files, self.persons.merged_into, RULES)
                fold(self.files["c-2"], event)
            if event.key == "c-1" or event is events[-1] or self.random.random() < 0.2:
                found += self._decide(event)
        return found

    def _decide(self, event: Event) -> list[Crossing]:
        survivor, persons, at, found = self.files["c-1"], self.persons, when(event), list[Crossing]()
        for moment in (*persons.heard_again(survivor, at), at):
            were = persons.at(moment, with_events_of_it=False)
            found += [one.crossing for one in live_until(survivor, RULES, moment, were)]
        if event.key == "c-1":
            fold(survivor, event)
        with persons.at(at, with_events_of_it=True).deciding(survivor) as person:
            found += [one] if (one := decide(person, RULES, at)) else []
        with persons.deciding(survivor) as person:
            settle(person, RULES)
        return found


def test_the_first_silence_that_reaches_the_threshold_is_told_of_two_files_as_of_one_and_lost_if_nothing_is_kept() -> (
    None
):
    compared = lost = 0
    for seed in range(80):
        random = Random(seed)
        events = [
            one.model_copy(update={"customer_id": random.choice(["c-1", "c-2", "c-2"])})
            for one in drawn(random, "c-1", days=250)
        ]
        _, alone = lived(events)
        if not alone or alone[0].cause != "silence":
            continue
        if when(events[-1]) < alone[0].at:
            continue
        found = Late(Random(seed), remembers=True).crossings(events)
        forgetful = Late(Random(seed), remembers=False).crossings(events)
        compared += 1
        assert found, f"life {seed}"
        assert abs(found[0].at - alone[0].at).total_seconds() < 1, f"life {seed}"
        lost += not forgetful or abs(forgetful[0].at - alone[0].at).total_seconds() >= 1
    assert compared > 10
    assert lost > compared / 4
