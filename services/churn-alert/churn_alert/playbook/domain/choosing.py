"""Which playbook an occasion begins, and in which arm the customer is: decided once, before anybody sees it."""

from dataclasses import dataclass
from datetime import datetime

from churn_alert.playbook.domain.lot import Arm
from churn_alert.playbook.domain.playbooks import Playbook, Playbooks, Shelf, Situation


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
        """In which the arm was drawn."""
        return self.playbook.hold_out.experiment if self.playbook.hold_out else None


def choose(shelf: Shelf, situation: Situation, *, person: str, at: datetime) -> Choice | None:
    """The first playbook that fits, of the version in force, and the person's arm; None where none fits.

    `person`: the file the person is known by, see `Lot.draw`.
    """
    book = shelf.at(at)
    playbook = book.first_fitting(situation) if book else None
    if book is None or playbook is None:
        return None
    arm = shelf.lot.draw(playbook.hold_out, person) if playbook.hold_out else None
    return Choice(book, playbook, arm)
