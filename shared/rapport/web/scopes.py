"""What each role may do: the table that an access token's roles are read by."""

ROLE_SCOPES: dict[str, frozenset[str]] = {
    role: frozenset(scopes.split())
    for role, scopes in {
        "rm": "customers:read standings:read risks:read alerts:read alerts:write cases:read feedback:write",
        "team_lead": "customers:read standings:read risks:read alerts:read alerts:write cases:read feedback:write",
        "support": "customers:read standings:read cases:read cases:write feedback:write",
        "complaint_officer": "customers:read standings:read cases:read cases:write feedback:write",
        "compliance": "customers:read standings:read risks:read alerts:read cases:read",
        "dpo": "customers:read standings:read risks:read alerts:read cases:read",
        "auditor": "standings:read risks:read alerts:read cases:read operations:read",
        "data_admin": "customers:read customers:write",
        "operator": "operations:read operations:write",
        "service": "customers:read customers:write standings:read risks:read alerts:read cases:read feedback:write",
        "channel": "feedback:write",
    }.items()
}
"""What a role may do. A token that also carries `scope` may do only what both allow."""

SCOPES = frozenset(scope for scopes in ROLE_SCOPES.values() for scope in scopes)
