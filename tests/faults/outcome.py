"""What one run of a campaign came to."""

from dataclasses import dataclass, field

from tests.faults.ground import Wait
from tests.faults.verdict import Verdict


@dataclass(slots=True)
class Outcome:
    """The verdict of a run, what was done in it, and why it fails the campaign, if it does."""

    name: str
    verdict: Verdict
    done: dict[str, int] = field(default_factory=dict)
    marks: dict[str, int] = field(default_factory=dict)
    longest: Wait | None = None
    calm_after: dict[str, float | None] = field(default_factory=dict)
    seconds: float = 0.0
    is_broken: bool = False
    problems: list[str] = field(default_factory=list)
