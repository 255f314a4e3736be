"""Playbooks of a bank's own for tests, in which nobody is held out unless it is said so."""

import json
from pathlib import Path
from typing import Any

from churn_alert.playbook.documents import PUBLISHED

REPAIR: dict[str, Any] = {
    "playbook": "repair-for-all",
    "zh": "服务修复",
    "en": "Mend what went wrong",
    "node": "churn-warning",
    "kind": "service-repair",
    "steps": [
        {"task": "service-repair", "role": "rm", "due_days": 2},
        {"task": "service-repair-review", "role": "team_lead", "due_days": 3},
    ],
}


def written(folder: Path, *playbooks: dict[str, Any]) -> Path:
    """A document with these, and the messages and outcomes of the delivered one; warnings are REPAIR's. The delivered
    playbooks, which the stages name, are there for a tier that nobody is in.
    """
    document = json.loads(PUBLISHED.read_bytes())
    document["versions"] = document["versions"][-1:]
    (version,) = document["versions"]
    names = {one["playbook"] for one in playbooks}
    delivered = [one for one in version["playbooks"] if one["playbook"] not in names]
    unused = [one | {"tiers": [f"nobody-{number}"]} for number, one in enumerate(delivered)]
    given = list(playbooks)
    if not any(one["node"] == "churn-warning" for one in playbooks):
        given.append(REPAIR)
    version |= {"playbooks": unused + given, "effective_from": "2016-01-01"}
    path = folder / "playbooks.json"
    path.write_text(json.dumps(document))
    return path
