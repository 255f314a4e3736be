"""A portrait as the API document shows one."""

from typing import Any

from customer_profile.account.views import ACCOUNT
from customer_profile.customer.api.views import CUSTOMER

_LAGGING: dict[str, Any] = {"is_hidden": False, "as_of": "2026-03-02T16:00:00Z", "lag": 0}
_TIER = {
    "old_tier": "middle",
    "tier": "high",
    "points": 612,
    "points_by_dimension": {"value": 210, "behaviour": 180, "potential": 122, "risk": 100},
    "reasons": [{"feature": "product_count", "points": 20, "shortfall": 14.5}],
    "scorecard_version": 1,
    "decided_at": "2026-03-02T16:00:00Z",
    "revision": 4,
    "rank": 1,
    "ladder": 3,
    "cause": "event",
}
PORTRAIT: dict[str, Any] = {
    "marks": [{"mark": "high-value", "part": "tier", "as_of": "2026-03-02T16:00:00Z"}],
    "basic": CUSTOMER,
    "accounts": _LAGGING | {"value": [ACCOUNT]},
    "transactions": _LAGGING
    | {
        "value": [
            {
                "month": "2026-03",
                "currency": "CNY",
                "credits": [{"kind": "salary", "count": 1, "amount": "18000.00"}],
                "debits": [{"kind": "card-purchase", "count": 21, "amount": "4310.20"}],
            }
        ]
    },
    "holdings": {"is_hidden": False, "as_of": None, "lag": 0, "value": None},
    "risk_preference": _LAGGING
    | {
        "value": {
            "risk_tolerance": "C3",
            "investment_experience": "1-3-years",
            "assessed_at": "2026-03-02T16:00:00Z",
            "valid_until": "2027-03-02",
            "revision": 2,
        }
    },
    "tier": _LAGGING | {"value": _TIER},
    "lifecycle": {"is_hidden": False, "as_of": None, "lag": 0, "value": None},
    "churn_risk": {"is_hidden": False, "as_of": None, "lag": 0, "value": None},
    "open_alert": {"is_hidden": False, "as_of": None, "lag": 0, "value": None},
    "open_cases": _LAGGING
    | {"value": [{"case_id": "k-81", "status": "opened", "priority": "high", "changed_at": "2026-03-02T16:00:00Z"}]},
    "consents": _LAGGING
    | {
        "value": [
            {
                "purpose": "marketing-sms",
                "allowed": True,
                "since": "2026-03-02T08:15:00Z",
                "notice_version": 1,
                "may_ask": False,
            }
        ]
    },
    "interactions": {"is_hidden": False, "as_of": None, "lag": 0, "value": []},
    "lag_known_at": "2026-03-02T16:00:03Z",
}
