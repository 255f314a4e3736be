"""A page for people, as it is answered: one file, by a policy of its own, since the edge's lets no style through."""

from starlette.responses import HTMLResponse

_POLICY = "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
"""It loads nothing, runs nothing, sends nothing."""


def html_page(markup: str) -> HTMLResponse:
    """The answer with a whole page of `rapport.pages`."""
    return HTMLResponse(markup, headers={"Content-Security-Policy": _POLICY})
