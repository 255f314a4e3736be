"""What every service's REST API has in common, so that a service's api.py holds its operations and nothing else.

An operation's file, `<concept>/api.py`:

```python
router = APIRouter(prefix="/alerts", tags=["alerts"])
Reader = Annotated[Principal, Depends(require("alerts:read"))]
Writer = Annotated[Principal, Depends(require("alerts:write"))]
ByOpening = Annotated[Paging, Depends(Paging.by(datetime, UUID))]  # types of the sort keys: opened_at, alert_id

class AlertView(BaseModel): ...                                    # what is answered: a model of its own
class CloseAlert(Body): outcome: Literal["retained", "lost"]       # what is asked: unknown fields are refused

@router.get("/{alert_id}")
async def show_alert(alert_id: UUID, request: Request, _: Reader) -> AlertView:
    async with read(request) as connection:                        # autocommit: one statement, one moment
        alert = await store.find(connection, alert_id)
    if alert is None:
        raise AlertNotFound                                        # a DomainError; its status is in the service's table
    return AlertView.of(alert)

@router.get("")
async def list_alerts(request: Request, _: Reader, paging: ByOpening) -> Page[AlertView]:
    async with read(request) as connection:
        rows = await store.page(connection, after=paging.after, limit=paging.limit + 1)
    return paging.page(rows, item=AlertView.of, key=lambda row: (row.opened_at, row.alert_id))

@router.post("/{alert_id}/closure", status_code=201, response_model=AlertView)
async def close_alert(alert_id: UUID, body: CloseAlert, request: Request, principal: Writer) -> Response:
    async def act(tx: Transaction) -> AlertView:                   # tx.tell(...) in a handler; nobody commits
        return AlertView.of(await handlers.close_alert(tx, alert_id, body.outcome, by=principal.subject))
    return await write(request, principal, customers=[customer_id], act=act, status=201)
```

main.py: `create_app(title=…, backend=Backend(…), settings=settings.api, routers=[alerts.router], problems=PROBLEMS)`
with `PROBLEMS: Problems = {AlertNotFound: (404, "No such alert"), AlertAlreadyClosed: (409, "The alert is closed")}`.
Tests of every service: `assert unmapped_errors("churn_alert", PROBLEMS) == []` and
`assert all("/health/" in o for o in unprotected_operations(app))`.
"""

from rapport.web.app import create_app
from rapport.web.authentication import Authenticator, require, unprotected_operations
from rapport.web.backend import Backend, backend, read, read_unseen
from rapport.web.bodies import Body
from rapport.web.idempotency import sweep_idempotency_keys
from rapport.web.pagination import Page, Paging, decode_cursor, encode_cursor
from rapport.web.principal import Principal
from rapport.web.problems import Problems, problem, unmapped_errors
from rapport.web.writes import write

__all__ = [
    "Authenticator",
    "Backend",
    "Body",
    "Page",
    "Paging",
    "Principal",
    "Problems",
    "backend",
    "create_app",
    "decode_cursor",
    "encode_cursor",
    "problem",
    "read",
    "read_unseen",
    "require",
    "sweep_idempotency_keys",
    "unmapped_errors",
    "unprotected_operations",
    "write",
]
