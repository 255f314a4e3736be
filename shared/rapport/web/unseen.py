"""Operations of which nobody else is to know that they are asked, and how often: whoever knew could warn the customer.

What such an operation answers leaves no metric, no line and no span. Who is refused it, and a fault of ours, are seen,
as of a path that is nobody's: which one it was is not.
"""

from fastapi.routing import APIRoute
from starlette.types import Scope

NOBODYS = "none"
"""The route of a path that no operation has."""
_REFUSED = frozenset({401, 403})


class UnseenRoute(APIRoute):
    """`APIRouter(..., route_class=UnseenRoute)`: so is every operation of that router."""


def label_of(scope: Scope) -> str:
    """The template of the operation that was chosen, such as `/alerts/{alert_id}`, as it may be told."""
    route = scope.get("route")
    template = NOBODYS if isinstance(route, UnseenRoute) else getattr(route, "path_format", None)
    return template if isinstance(template, str) else NOBODYS


def is_unseen(scope: Scope, status: int) -> bool:
    """Whether this answer is to leave no trace."""
    return isinstance(scope.get("route"), UnseenRoute) and status not in _REFUSED and status < 500
