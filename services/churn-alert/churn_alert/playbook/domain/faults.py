"""What a set of playbooks may not say, each fault naming its field and the remedy."""

from collections import defaultdict
from collections.abc import Collection, Iterator
from dataclasses import replace

from churn_alert.playbook.domain.playbooks import (
    MEASURES,
    NEVER_HELD_OUT,
    OF_A_PRODUCT,
    Contact,
    Playbook,
    Playbooks,
    Shelf,
)

_OF_WARNINGS = ("churn-warning", "churn-care")
"""What warnings rest on themselves: whoever refuses it has no alert that a playbook could follow."""


def faults_of(shelf: Shelf, *, stages: Collection[str], indicators: Collection[str]) -> list[str]:
    """Every fault; `stages`, `indicators`: those that there are."""
    found = []
    for earlier, later in zip(shelf.versions, shelf.versions[1:], strict=False):
        if later.version <= earlier.version or later.effective_from <= earlier.effective_from:
            found.append(f"versions.{later.version}: a later version has a higher number and a later effective_from")
        found += [f"versions.{later.version}.{fault}" for fault in _of_going_on(earlier, later)]
    for one in shelf.versions:
        found += [f"versions.{one.version}.{fault}" for fault in _faults(one, stages, indicators)]
    return found


def _faults(book: Playbooks, stages: Collection[str], indicators: Collection[str]) -> Iterator[str]:
    for playbook in book.playbooks:
        place = f"playbooks.{playbook.code}"
        yield from (f"{place}.{fault}" for fault in _of_conditions(playbook, stages, indicators))
        yield from (f"{place}.{fault}" for fault in _of_hold_out(playbook))
        yield from (f"{place}.{fault}" for fault in _of_steps(playbook, book))
    yield from _of_order(book)
    yield from _of_experiments(book)


def _of_conditions(playbook: Playbook, stages: Collection[str], indicators: Collection[str]) -> Iterator[str]:
    for name, said, known in (("stages", playbook.stages, stages), ("indicators", playbook.indicators, indicators)):
        if strange := sorted(said - set(known)):
            yield f"{name}: {', '.join(strange)} is none of {', '.join(sorted(known))}"
    if (playbook.every is None) == (playbook.node == "regular-contact"):
        yield "every: a regular contact is every so many days, and nothing else is; say it there alone"
    if playbook.indicators and playbook.node != "churn-warning":
        yield "indicators: only a churn-warning has any; leave them out"


def _of_hold_out(playbook: Playbook) -> Iterator[str]:
    if playbook.kind in NEVER_HELD_OUT:
        if playbook.hold_out is not None:
            yield f"hold_out: {playbook.kind} is never held out; leave it out"
    elif playbook.node not in MEASURES:
        if playbook.hold_out is not None:
            yield f"hold_out: nobody is held out at {playbook.node}: staff would see who is; leave it out"
    elif playbook.hold_out is None:
        yield f"hold_out: is missing; without it nobody can tell whether {playbook.kind} helps"


def _of_steps(playbook: Playbook, book: Playbooks) -> Iterator[str]:
    for number, step in enumerate(playbook.steps, start=1):
        if not isinstance(step, Contact):
            continue
        template = book.templates.get(step.template)
        if template is None:
            yield f"steps.{number}.template: {step.template} is none of {', '.join(sorted(book.templates))}"
            continue
        if strange := sorted(set(step.channels) - template.channels):
            yield f"steps.{number}.channels: {step.template} has no words for {', '.join(strange)}"
        if len(set(step.channels)) < len(step.channels):
            yield f"steps.{number}.channels: names one more than once"
        if "product" in template.places.values() and playbook.node not in OF_A_PRODUCT:
            yield f"steps.{number}.template: {step.template} names a product, and {playbook.node} is about none"


def _of_order(book: Playbooks) -> Iterator[str]:
    codes: set[str] = set()
    for place, later in enumerate(book.playbooks):
        if later.code in codes:
            yield f"playbooks.{later.code}: stands there more than once"
        codes.add(later.code)
        for earlier in book.playbooks[:place]:
            if _covers(earlier, later):
                yield (
                    f"playbooks.{later.code}: is never taken, for {earlier.code} before it fits wherever it does; "
                    "put it before that one, or narrow that one's conditions"
                )
                break
    of_warnings = [one for one in book.playbooks if one.node == "churn-warning"]
    if not of_warnings or not of_warnings[-1].is_for_all:
        yield "playbooks: the last one of churn-warning is for all: it has no tiers, stages, segments and indicators"


def _covers(earlier: Playbook, later: Playbook) -> bool:
    """Whether it fits wherever the later one does. Who refuses what it rests on has the later one, unless that is what
    warnings themselves rest on: who refuses that is not warned of.
    """
    if earlier.node != later.node:
        return False
    if earlier.purpose != later.purpose and (earlier.node, earlier.purpose) != _OF_WARNINGS:
        return False
    pairs = ((getattr(earlier, one), getattr(later, one)) for one in ("tiers", "stages", "segments", "indicators"))
    return all(not mine or (its and its <= mine) for mine, its in pairs)


def _of_experiments(book: Playbooks) -> Iterator[str]:
    shares: dict[str, set[float]] = defaultdict(set)
    for one in book.playbooks:
        if one.hold_out is not None:
            shares[one.hold_out.experiment].add(one.hold_out.share)
    for experiment, said in sorted(shares.items()):
        if len(said) > 1:
            yield f"playbooks: the experiment {experiment} has several shares; one person would be in both arms"
    for experiment, those in sorted(_treatments(book).items()):
        if len(nodes := {one.node for one in those}) > 1:
            yield f"playbooks: the experiment {experiment} is of {', '.join(sorted(nodes))}; name one for each of them"


def _of_going_on(earlier: Playbooks, later: Playbooks) -> Iterator[str]:
    """One name is one treatment: changed, it is another experiment, unless somebody says that it goes on."""
    before, after = _treatments(earlier), _treatments(later)
    for experiment in sorted(before.keys() & after.keys() - later.goes_on):
        if before[experiment] != after[experiment]:
            yield (
                f"playbooks: the experiment {experiment} treats otherwise than in version {earlier.version}; name a "
                "new one, or put it into goes_on if what was measured before is to count with what comes"
            )
    if strange := sorted(later.goes_on - (before.keys() & after.keys())):
        yield f"goes_on: {', '.join(strange)} is no experiment of this version and the one before; leave it out"


def _treatments(book: Playbooks) -> dict[str, set[Playbook]]:
    """By experiment whom it treats and how, whatever it is called and whatever share is held out."""
    found: dict[str, set[Playbook]] = defaultdict(set)
    for one in book.playbooks:
        if one.hold_out is not None:
            found[one.hold_out.experiment].add(replace(one, code="", zh="", en="", hold_out=None))
    return found
