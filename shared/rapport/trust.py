"""Whom a TLS connection trusts: the system's authorities, or the bank's own of a file."""

import ssl
from pathlib import Path


class CertificatesInvalid(Exception):
    """The file of a bank's own authorities is missing or holds no certificate; the text names it."""


def trusting(ca_file: Path | None) -> ssl.SSLContext:
    """What verifies the other side by this file, or by what the system trusts. Raises CertificatesInvalid."""
    try:
        return ssl.create_default_context(cafile=ca_file)
    except OSError as error:  # an SSLError, of what is no certificate, is one too
        raise CertificatesInvalid(
            f"the certificates in {ca_file} cannot be read ({type(error).__name__}): a `ca_file` is of PEM certificates"
        ) from None
