"""Which playbook an occasion begins, and in which arm the customer is: decided once, before anybody sees it."""

from dataclasses import dataclass
from datetime import datetime

from churn_alert.playbook.domain.lot import Arm
from churn_alert.playbook.domain.playbooks import Playbook, Playbooks, Shelf, Situation
from churn_alert.risk.domain.indicators import FEEDBACK

COMPLAINT = FEEDBACK
"""Out of its range it says that something is to be mended, whichever playbook is taken: then no lot is drawn."""


@dataclass(frozen=True, slots=True)
class Choice:
    """A playbook of a version, and the arm that was drawn; none where nobody is held out."""

    book: Playbooks
    playbook: Playbook
    arm: Arm | None

    @property
    def version(self) -> int:
        """Of the playbook."""
        return self.book.version

    @property
    def experiment(self) -> str | None:
        """In which the arm was drawn; None where none was."""
        return self.playbook.hold_out.experiment if self.playbook.hold_out and self.arm else None


def choose(shelf: Shelf, situation: Situation, *, person: str, at: datetime) -> Choice | None:
    """The first playbook that fits, of the version in force, and the person's arm; None where none fits.

    `person`: the file the person is known by, see `Lot.draw`. Who refuses what a playbook rests on is asked before the
    lot, and so in neither arm; nor is who complains, whichever playbook that is.
    """
    book = shelf.at(at)
    playbook = book.first_fitting(situation) if book else None
    if book is None or playbook is None:
        return None
    is_drawn = playbook.hold_out is not None and COMPLAINT not in situation.apart
    arm = shelf.lot.draw(playbook.hold_out, person) if playbook.hold_out and is_drawn else None
    return Choice(book, playbook, arm)
