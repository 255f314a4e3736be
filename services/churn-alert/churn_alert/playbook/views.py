"""Playbooks as they are shown."""

from typing import Any, Self

from pydantic import BaseModel, ConfigDict, Field

from churn_alert.playbook.documents import PUBLISHED, PlaybookDocument, PlaybooksDocument, VersionDocument

_VERSION = PlaybooksDocument.model_validate_json(PUBLISHED.read_bytes()).versions[-1]
PLAYBOOK: dict[str, Any] = _VERSION.playbooks[0].model_dump(mode="json")
VERSION: dict[str, Any] = _VERSION.model_dump(mode="json") | {"playbooks": [PLAYBOOK], "in_force": True}
_EVIDENCE = f"/cases/what-worked?playbook={PLAYBOOK['playbook']}"


class PlaybooksView(VersionDocument):
    """A version of all playbooks."""

    model_config = ConfigDict(json_schema_extra={"example": VERSION})

    in_force: bool = Field(description="Whether alerts that open now are dealt with by it")

    @classmethod
    def of(cls, one: VersionDocument, *, in_force: bool) -> Self:
        """As it is written."""
        return cls(**dict(one), in_force=in_force)


class VersionsView(BaseModel):
    """Every version that is written, the earliest first."""

    model_config = ConfigDict(json_schema_extra={"example": {"versions": [VERSION]}})

    versions: list[PlaybooksView]


class PlaybookView(PlaybookDocument):
    """A playbook of the version in force."""

    model_config = ConfigDict(json_schema_extra={"example": PLAYBOOK | {"version": 1, "evidence": _EVIDENCE}})

    version: int
    evidence: str = Field(description="Where it is told what this playbook has brought about so far")

    @classmethod
    def of(cls, one: PlaybookDocument, version: int) -> Self:
        """As it is written."""
        return cls(**dict(one), version=version, evidence=f"/cases/what-worked?playbook={one.playbook}")
