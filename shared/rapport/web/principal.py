"""Who calls, what for and on whose behalf, as a verified token says."""

from dataclasses import dataclass

from rapport.row_security import Sight
from rapport.web.scopes import extent_of


@dataclass(frozen=True, slots=True)
class Principal:
    """The caller. A person or system is (issuer, subject), never an e-mail address or a name."""

    issuer: str
    subject: str
    roles: frozenset[str]
    scopes: frozenset[str]
    token_id: str
    customer: str | None = None  # whom alone the token acts for, if it does

    @property
    def key(self) -> str:
        """The caller as one text, for rate limits and idempotency keys: one channel is another for each customer."""
        return f"{self.issuer} {self.subject}" + (f" for {self.customer}" if self.customer else "")

    @property
    def sight(self) -> Sight:
        """Whose customers the caller sees: the one its token acts for, or what the role sees that sees most."""
        if self.customer is not None:
            return Sight("customer", self.customer)
        return Sight(extent_of(self.roles), self.subject)
