"""What each role may do: the table that an access token's roles are read by.

A scorecard is drafted by an `analyst` and approved by somebody else, a `risk_manager`; whoever may see a tier may see
what decides it. An override is proposed by who knows the customer and approved by another person; an appeal is opened
by whoever the customer turns to, and answered by who handles complaints. What customers are entitled to is drafted
like a scorecard, and approved by who answers for risk or compliance. Controls of risk are seen by who writes, approves,
carries out or audits them, and not where customers are served: who knows a limit can tell how to stay below it.
Who looks customers up by a number serves whoever turns up or keeps the files in order; managers know their own.
What may be held, and what was refused, is read by who answers for data, audits them or runs the services. How good
data is is read by the same but the operator; a steward of data (`data_admin`) works off what is wrong, and so reads
which records died and why, which holds no value; to have them handled once more is the operator's.
A channel acts for the customer who has signed in (`customer_id` in its token): what it sees and does of them is under
`/me`, and the explanation that is meant for the customer. Drift and fairness are read by those who watch over
scorecards. Whom the bank keeps as a customer is entered by who keeps the files; who is restricted is the word of who
answers for the law, and of nobody who serves or sells. An identity is corrected by two persons: whoever the customer
turns to asks, who keeps the files or answers for customers' rights decides; only a system, which has its own four eyes,
sets one at once. Consent is recorded by whoever the customer turns to, so that it is taken back as easily as it is
given.
An alert is handed to another employee by who leads the unit, or answers for rules.
What is done to keep a customer is done, and its outcome said, by who has charge of the customer; a lead gives it to
somebody else; who writes rules or watches over them reads it, and by which playbook.
What a customer was told is read by whoever the customer may ask about it, and by who watches over it.
Who keeps the files decides whether two are of one person, and who audits sees that somebody did.
That two files are one person is proposed by who keeps files or serves the customer, and decided by another person, who
answers for compliance: it is judged by all files of both, which may be of several managers, so a lead does not see it.
Customers in bulk are asked for by who works on lists outside: managers of their own, the steward, compliance; approved
by another person who answers for rules or customers' rights, and watched by these and by who audits.
Identity is seen in clear by who speaks with customers or answers for their files, each a person, one field at a time;
who saw it, and who looked customers up, is read by who watches over it.
Whether alerts were right and interventions help is read by who answers for rules or audits them, and by a lead, whose
figures are the team's. By which weights a risk is reckoned is not for who has charge of customers: they could reckon
whom an alert would be on that is held out.
How long files are kept, and what ended them, is read by who answers for it or audits it. That files are archived or
destroyed is agreed to by two persons, who answer for the law and for customers' rights; what a court or an inquiry
needs is held by compliance, and let go by two.
The risk register is kept by who answers for risk or for rules, and read by who audits them.
What is found abnormal is for compliance alone, which refers it: whoever else knew could let the customer know (AML law
2024, articles 7 and 35), an auditor, an operator and a data protection officer too.

Whose customers a role sees is `ROLE_EXTENTS`: a manager the own ones, a lead the team's. Who serves whoever turns up,
answers for rules or keeps files in order sees all; the rest see nobody. A token that acts for one customer sees
that one. Where customers are known by token alone, who watches over scorecards sees all of them too (`TOKEN_EXTENTS`):
a scorecard is judged by whom it puts where.
"""

from collections.abc import Iterable, Mapping

from rapport.row_security import Extent

_TIERS = "standings:read scorecards:read entitlements:read"
_OF_DATA = {
    **dict.fromkeys(("dpo", "compliance", "auditor"), frozenset({"catalogue:read", "quality:read"})),
    "data_admin": frozenset({"catalogue:read", "quality:read", "quality:write", "dead-letters:read"}),
    "operator": frozenset({"catalogue:read"}),
}
_LOOKS = "customers:read customers:look-up"
_REVIEWS = "overrides:read appeals:read"
_PROPOSES = "overrides:read overrides:write appeals:read appeals:write"
_RECORD_CONSENTS = ("rm", "team_lead", "support", "complaint_officer", "data_admin", "service")
_CONSENTS = {
    **dict.fromkeys(("compliance", "dpo", "auditor"), frozenset({"consents:read"})),
    **dict.fromkeys(_RECORD_CONSENTS, frozenset({"consents:read", "consents:write"})),
}
_READ_CONTACTS = frozenset(_CONSENTS) - {"channel"}
_MERGES = {
    **dict.fromkeys(("data_admin", "support"), frozenset({"merges:read", "merges:write"})),
    "compliance": frozenset({"merges:read", "merges:approve"}),
    **dict.fromkeys(("dpo", "auditor"), frozenset({"merges:read"})),
}
_RESTRICTS = "relationships:restrict"
_REGISTERS = "risk-register:read risk-register:write"
_LEADS = "abnormal-activities:read abnormal-activities:write"
_ASKS = frozenset({"corrections:read", "corrections:write"})
_DECIDES = frozenset({"corrections:read", "corrections:approve"})
_FILES = {
    **dict.fromkeys(("rm", "team_lead", "support", "complaint_officer"), _ASKS),
    **dict.fromkeys(("compliance", "dpo"), _DECIDES),
    "data_admin": _ASKS | _DECIDES,
    "service": _ASKS | {"identities:write"},
}

_EXPORTS = {
    **dict.fromkeys(("rm", "team_lead", "data_admin"), frozenset({"exports:ask"})),
    "compliance": frozenset({"exports:ask", "exports:read", "exports:approve"}),
    "dpo": frozenset({"exports:read", "exports:approve"}),
    "auditor": frozenset({"exports:read"}),
}
_UNMASK = ("rm", "team_lead", "support", "complaint_officer", "compliance", "dpo", "data_admin")

_PROVE = ("team_lead", "compliance", "auditor", "analyst", "risk_manager")

_READ_MODELS = ("compliance", "dpo", "auditor", "risk_manager", "service")

_RETENTION = {
    "compliance": frozenset({"retention:read", "retention:approve", "holds:write"}),
    "dpo": frozenset({"retention:read", "retention:approve"}),
    "auditor": frozenset({"retention:read"}),
}

_READ_CARE = ("rm", "team_lead", "compliance", "dpo", "auditor", "risk_manager", "service")
_CARE = {
    **dict.fromkeys(_READ_CARE, frozenset({"interventions:read", "playbooks:read"})),
    "rm": frozenset({"interventions:read", "interventions:write", "playbooks:read"}),
    "team_lead": frozenset({"interventions:read", "interventions:write", "interventions:assign", "playbooks:read"}),
    "analyst": frozenset({"playbooks:read"}),
}

ROLE_SCOPES: dict[str, frozenset[str]] = {
    role: frozenset(scopes.split())
    | _CARE.get(role, frozenset())
    | _CONSENTS.get(role, frozenset())
    | _MERGES.get(role, frozenset())
    | _FILES.get(role, frozenset())
    | _EXPORTS.get(role, frozenset())
    | ({"contacts:read"} if role in _READ_CONTACTS else set())
    | _OF_DATA.get(role, frozenset())
    | _RETENTION.get(role, frozenset())
    | ({"customers:unmask"} if role in _UNMASK else set())
    | ({"proof:read"} if role in _PROVE else set())
    | ({"risk-models:read"} if role in _READ_MODELS else set())
    | ({"trails:read", "audits:read"} if role in {"dpo", "auditor"} else set())
    for role, scopes in {
        "rm": f"customers:read {_TIERS} {_PROPOSES} risks:read alerts:read alerts:write cases:read feedback:write",
        "team_lead": f"customers:read {_TIERS} {_PROPOSES} overrides:approve risks:read alerts:read alerts:write "
        "alerts:assign cases:read feedback:write",
        "support": f"{_LOOKS} {_TIERS} appeals:read appeals:write cases:read cases:write feedback:write",
        "complaint_officer": f"{_LOOKS} {_TIERS} {_PROPOSES} appeals:answer cases:read cases:write feedback:write",
        "compliance": f"{_LOOKS} {_TIERS} reports:read {_REVIEWS} appeals:answer risks:read alerts:read alerts:assign "
        f"cases:read policies:approve risk-controls:read duplicates:read {_RESTRICTS} {_LEADS} "
        f"{_REGISTERS}",
        "dpo": f"customers:read {_TIERS} reports:read {_REVIEWS} risks:read alerts:read cases:read {_RESTRICTS}",
        "auditor": f"{_TIERS} reports:read {_REVIEWS} risks:read alerts:read cases:read operations:read "
        "risk-controls:read duplicates:read risk-register:read",
        "data_admin": f"{_LOOKS} customers:write relationships:write duplicates:read duplicates:write",
        "analyst": f"{_TIERS} reports:read scorecards:write policies:write risk-controls:read",
        "risk_manager": f"{_TIERS} reports:read risks:read alerts:read alerts:assign scorecards:write "
        f"scorecards:approve {_REVIEWS} overrides:approve policies:write policies:approve risk-controls:read "
        f"{_REGISTERS}",
        "operator": "operations:read operations:write",
        "service": f"customers:read customers:write relationships:write {_TIERS} risks:read alerts:read cases:read "
        "feedback:write appeals:write explanations:read",
        "channel": "feedback:write appeals:write explanations:read me:read me:write",
    }.items()
}
"""What a role may do. A token that also carries `scope` may do only what both allow."""

SCOPES = frozenset(scope for scopes in ROLE_SCOPES.values() for scope in scopes)

_EXTENTS: tuple[Extent, ...] = ("all", "team", "own")
"""The widest first."""

ROLE_EXTENTS: dict[str, Extent] = {
    "support": "all",
    "complaint_officer": "all",
    "compliance": "all",
    "dpo": "all",
    "auditor": "all",
    "data_admin": "all",
    "service": "all",
    "team_lead": "team",
    "rm": "own",
}
"""Whose customers a role sees. A token without a role sees nobody's."""

TOKEN_EXTENTS: dict[str, Extent] = ROLE_EXTENTS | {"analyst": "all", "risk_manager": "all"}
"""The same in services that hold no identity: scoring and churn-alert."""

ARCHIVE_READERS = frozenset({"compliance"})
"""Who sees files that lie there for the law alone (PIPL article 47: stored and protected, and nothing else)."""

INQUIRY_READERS = frozenset({"compliance", "dpo", "auditor"})
"""Who is shown what can tell of an inquiry: nobody who serves or sells, or the customer would hear of it."""


def extent_of(roles: Iterable[str], extents: Mapping[str, Extent] = ROLE_EXTENTS) -> Extent:
    """The widest of what these roles see."""
    held = {extents.get(role) for role in roles}
    return next((extent for extent in _EXTENTS if extent in held), "none")
