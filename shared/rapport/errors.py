"""Errors of the domain: what a rule refuses. They carry no status; each service maps its own to one in a table."""


class DomainError(Exception):
    """A rule refuses. Over REST a problem of the caller's; in a consumer permanent, so the event becomes a dead letter.

    The text goes into answers and dead letters: it names fields and rules, never a value that could be personal.
    """
