"""Examples for the API page, of one invented case from submission to resolution."""

from typing import Any

_CASE_ID = "0195515f-5a00-8a3b-9c41-7d1c6f0a2b93"
_SUBMITTED, _DUE = "2025-03-01T12:00:00Z", "2025-03-02T12:00:00Z"
_ANSWERED = "2025-03-01T15:20:00Z"
WORDS = "转账手续费被重复收取，请尽快核实。"
ANSWER = "您好，重复收取的手续费已退回原账户，给您带来不便深表歉意。"
REASON = "The refund arrived without the interest."

SUBMISSION: dict[str, Any] = {
    "customer_id": "c-7Q2M9X",
    "channel": "mobile",
    "kind": "complaint",
    "rating": 1,
    "text": WORDS,
    "language": "zh",
    "product": "transfer",
    "unit": "branch-021",
}
RECEIPT: dict[str, Any] = {
    "case_id": _CASE_ID,
    "status": "opened",
    "submitted_at": _SUBMITTED,
    "respond_by": _DUE,
    "resolve_by": _DUE,
}


def _clock(name: str, stopped_at: str | None) -> dict[str, Any]:
    times = {"started_at": _SUBMITTED, "due_at": _DUE, "stopped_at": stopped_at, "breached_at": None}
    return {"clock": name, "run": 1, **times, "is_overdue": False}


CASE: dict[str, Any] = {
    "case_id": _CASE_ID,
    **{name: SUBMISSION[name] for name in ("customer_id", "channel", "kind", "rating", "language", "product", "unit")},
    "sentiment": "negative",
    "severity": "high",
    "priority": "urgent",
    "status": "responded",
    "run": 1,
    "root_cause": None,
    "submitted_at": _SUBMITTED,
    "opened_at": "2025-03-01T12:00:00.031Z",
    "clocks": [_clock("resolve", None), _clock("respond", _ANSWERED)],
}
RESOLVED: dict[str, Any] = {
    **CASE,
    "status": "resolved",
    "root_cause": "fee-charged-twice",
    "clocks": [_clock("resolve", "2025-03-01T17:05:00Z"), _clock("respond", _ANSWERED)],
}
_REOPENED_AT = "2025-03-04T09:00:00Z"
REOPENED: dict[str, Any] = {
    **RESOLVED,
    "status": "reopened",
    "run": 2,
    "clocks": [
        *RESOLVED["clocks"],
        *(
            {**_clock(name, None), "run": 2, "started_at": _REOPENED_AT, "due_at": "2025-03-05T09:00:00Z"}
            for name in ("resolve", "respond")
        ),
    ],
}


def _line(happening: str, at: str, actor: str | None, words: str | None) -> dict[str, Any]:
    times = {"happened_at": at, "recorded_at": at}
    line = {"happening": happening, "run": 1, **times, "actor": actor, "root_cause": None, "words": words}
    return {**line, "consent_version": 3}


DETAIL: dict[str, Any] = {
    **CASE,
    "text": WORDS,
    "history": [
        _line("opened", _SUBMITTED, None, None),
        _line("responded", _ANSWERED, "employee-17", ANSWER),
    ],
}
PAGE: dict[str, Any] = {"items": [CASE], "next": "WyIyMDI1LTAzLTAxVDEyOjAwOjAwKzAwOjAwIiwiMDE5NTUxNWYiXQ"}
SUMMARY: dict[str, Any] = {
    "priority": "urgent",
    "cases": 12,
    "unresolved": 3,
    "respond": {"runs": 12, "stopped": 11, "breached": 1, "overdue": 1, "median_seconds": 12000},
    "resolve": {"runs": 12, "stopped": 9, "breached": 2, "overdue": 1, "median_seconds": 61200},
    "in_words": "urgent: 12 cases, 3 unresolved; respond: 11 of 12 stopped (median 3 h 20 min), 1 too late; "
    "resolve: 9 of 12 stopped (median 17 h 0 min), 2 too late",
}
