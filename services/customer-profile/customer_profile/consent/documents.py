"""Purposes and notices as a bank writes them: one file, checked as a whole before anything starts on it."""

from datetime import timedelta
from pathlib import Path
from typing import Annotated, Self

from pydantic import Field, model_validator

from customer_profile.consent.domain.purposes import (
    Article,
    DataCategory,
    LegalBasis,
    Notice,
    Purpose,
    Purposes,
    faults_of,
)
from rapport.documents import Part, read_document
from rapport.events.base import Code, Time

PUBLISHED = Path(__file__).parent / "published" / "purposes-2.json"
Words = Annotated[str, Field(min_length=1)]


class Text(Part):
    """The same in both languages."""

    zh: Words
    en: Words


class NoticeDocument(Part):
    """One version of the words by which customers are asked. `data_categories`: of what it tells, where the purpose has
    come to use more since.
    """

    version: int = Field(ge=1, le=1_000_000)
    in_force_from: Time
    text: Text
    data_categories: tuple[DataCategory, ...] | None = Field(default=None, min_length=1)


class PurposeDocument(Part):
    """One purpose, with every version of its notice that was ever in force."""

    purpose: Code
    name: Text
    legal_bases: tuple[LegalBasis, ...] = Field(min_length=1)
    data_categories: tuple[DataCategory, ...] = Field(min_length=1)
    separate_consent: Article | None = None
    notices: tuple[NoticeDocument, ...] = ()

    def purpose_of(self) -> Purpose:
        """As the rules take it."""
        notices = [
            Notice(one.version, one.in_force_from, one.text.zh, one.text.en, one.data_categories)
            for one in self.notices
        ]
        return Purpose(
            code=self.purpose,
            zh=self.name.zh,
            en=self.name.en,
            legal_bases=self.legal_bases,
            data_categories=self.data_categories,
            separate_consent=self.separate_consent,
            notices=tuple(notices),
        )

    @model_validator(mode="after")
    def _keeps_the_rules(self) -> Self:
        if faults := faults_of(self.purpose_of()):
            raise ValueError("; ".join(faults))
        return self


class PurposesDocument(Part):
    """All purposes of the bank, each once."""

    version: int = Field(ge=1, le=1_000_000)
    ask_again_after_days: int = Field(ge=1, le=3660)
    purposes: tuple[PurposeDocument, ...] = Field(min_length=1, max_length=100)

    @model_validator(mode="after")
    def _names_each_once(self) -> Self:
        codes = [one.purpose for one in self.purposes]
        if twice := sorted({code for code in codes if codes.count(code) > 1}):
            raise ValueError(f"purposes: {', '.join(twice)} stands there more than once")
        return self


def read_purposes(path: Path | None = None) -> Purposes:
    """The purposes of a file, by default the published ones. Raises DocumentInvalid, which names every fault."""
    said = read_document(path or PUBLISHED, PurposesDocument, noun="purposes")
    by_code = {one.purpose: one.purpose_of() for one in said.purposes}
    return Purposes(said.version, timedelta(days=said.ask_again_after_days), by_code)
