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
    """A document with these, and the messages and outcomes of the delivered one; warnings are REPAIR's."""
    document = json.loads(PUBLISHED.read_bytes())
    document["versions"] = document["versions"][-1:]
    document["versions"][0] |= {"playbooks": list(playbooks), "effective_from": "2016-01-01"}
    if not any(one["node"] == "churn-warning" for one in playbooks):
        document["versions"][0]["playbooks"].append(REPAIR)
    path = folder / "playbooks.json"
    path.write_text(json.dumps(document))
    return path
