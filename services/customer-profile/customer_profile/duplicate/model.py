"""The model by which files are compared, as a document: how often each finding is there for one person, and for two.

`m` and `u` are those of Fellegi and Sunter (1969): the probability of a level among pairs of files of one person, and
of two. The document holds numbers and names of columns, never a value of a customer.
"""

from pathlib import Path
from typing import Annotated, Literal, Self, get_args

from pydantic import Field, model_validator

from customer_profile.duplicate.domain.comparing import Attribute
from customer_profile.duplicate.domain.evidence import Level
from rapport.documents import Part, read_document

PUBLISHED = Path(__file__).parent / "published" / "persons-1.json"
Key = Literal["full_name", "id_number", "id_head", "id_tail", "phone", "email", "address", "birth_year"]
Share = Annotated[float, Field(gt=0, lt=1)]


class Finding(Part):
    """A level of an attribute."""

    level: Level
    m: Share
    u: Share


class Comparison(Part):
    """An attribute with all its levels, the closest first; of what is not known nothing follows."""

    attribute: Attribute
    findings: tuple[Finding, ...] = Field(min_length=2)

    @model_validator(mode="after")
    def _says_each_level_once(self) -> Self:
        levels = [one.level for one in self.findings]
        if twice := sorted({level for level in levels if levels.count(level) > 1}):
            raise ValueError(f"findings: level {', '.join(twice)} stands there more than once")
        return self


class Linkage(Part):
    """One version of the model.

    `twin_share`: pairs of files of one person, by file, that a book is taken to hold before it is looked at.
    `crowd`: what more files than this have in common says nothing. `blocking`: a pair is looked at if it has all
    columns of one of these in common. `proposed_from`: the probability from which a pair is put before people.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    version: int = Field(ge=1, le=1_000_000)
    reason: str = Field(min_length=1)
    twin_share: Share
    crowd: int = Field(ge=2, le=1_000_000)
    proposed_from: Share
    blocking: tuple[Annotated[tuple[Key, ...], Field(min_length=1)], ...] = Field(min_length=1)
    comparisons: tuple[Comparison, ...]

    @model_validator(mode="after")
    def _compares_each_attribute_once(self) -> Self:
        named = [one.attribute for one in self.comparisons]
        if sorted(named) != sorted(get_args(Attribute)):
            raise ValueError(f"comparisons: must name each once: {', '.join(get_args(Attribute))}")
        return self

    @property
    def title(self) -> str:
        """Name and version, as pairs remember by what they were found."""
        return f"{self.name}-{self.version}"


def read_linkage(path: Path | None = None) -> Linkage:
    """The model of a file, by default the published one. Raises DocumentInvalid, which names every fault."""
    return read_document(path or PUBLISHED, Linkage, noun="linkage")
