"""A caller as one text, for the trails, and the person in it: who acts for a customer is the same person otherwise."""

_FOR = " for "


def key_of(issuer: str, subject: str, customer: str | None) -> str:
    """Issuer and subject, and for whom alone the caller's token acts, if it does."""
    return f"{issuer} {subject}" + (f"{_FOR}{customer}" if customer else "")


def person_of(key: str) -> str:
    """Who a caller of this key is, whoever the token acted for: two keys of one person are not two people."""
    return key.partition(_FOR)[0]
