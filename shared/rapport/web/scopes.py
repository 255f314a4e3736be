"""What each role may do: the table that an access token's roles are read by.

A scorecard is drafted by an `analyst` and approved by somebody else, a `risk_manager`; whoever may see a tier may see
what decides it.
"""

_TIERS = "standings:read scorecards:read"

ROLE_SCOPES: dict[str, frozenset[str]] = {
    role: frozenset(scopes.split())
    for role, scopes in {
        "rm": f"customers:read {_TIERS} risks:read alerts:read alerts:write cases:read feedback:write",
        "team_lead": f"customers:read {_TIERS} risks:read alerts:read alerts:write cases:read feedback:write",
        "support": f"customers:read {_TIERS} cases:read cases:write feedback:write",
        "complaint_officer": f"customers:read {_TIERS} cases:read cases:write feedback:write",
        "compliance": f"customers:read {_TIERS} risks:read alerts:read cases:read",
        "dpo": f"customers:read {_TIERS} risks:read alerts:read cases:read",
        "auditor": f"{_TIERS} risks:read alerts:read cases:read operations:read",
        "data_admin": "customers:read customers:write",
        "analyst": f"{_TIERS} scorecards:write",
        "risk_manager": f"{_TIERS} risks:read alerts:read scorecards:write scorecards:approve",
        "operator": "operations:read operations:write",
        "service": f"customers:read customers:write {_TIERS} risks:read alerts:read cases:read feedback:write",
        "channel": "feedback:write",
    }.items()
}
"""What a role may do. A token that also carries `scope` may do only what both allow."""

SCOPES = frozenset(scope for scopes in ROLE_SCOPES.values() for scope in scopes)
