"""The catalogue's document: what is delivered is whole, and each kind of fault is found, all of them at once."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest

from rapport.privacy import masking
from rapport.privacy.catalogue.document import EARLIER, NEWEST, Catalogue, CatalogueInvalid, published, read, versions
from rapport.web.scopes import ROLE_SCOPES

Document = dict[str, Any]
Change = Callable[[Document], Any]

DIGESTS = {1: "015973507d5ba48a", 2: "20921495ab06cd0f", 3: "3592b7707582d596"}
"""Of the content of each published version, but for the names of columns and fields: what is noted with a version was
decided by this."""


def document() -> Document:
    return contents()[published().version]


def contents() -> dict[int, Document]:
    """The document of each version."""
    found = [json.loads(path.read_text(encoding="utf-8")) for path in (NEWEST, *EARLIER.iterdir())]
    return {content["version"]: content for content in found}


def entry(content: Document, code: str) -> Document:
    found: Document = next(entry for entry in content["entries"] if entry["code"] == code)
    return found


def faults_after(*changes: Change) -> list[str]:
    content = document()
    for change in changes:
        change(content)
    with pytest.raises(CatalogueInvalid) as refusal:
        read(json.dumps(content))
    return list(refusal.value.faults)


def test_what_is_delivered_has_no_fault_and_says_all_that_is_asked_of_it() -> None:
    catalogue = published()
    assert isinstance(catalogue, Catalogue)
    assert {"full-name", "id-number", "posting-sums", "tier-decision", "free-text"} <= set(catalogue.by_code)
    assert {entry.domain for entry in catalogue.entries} >= {"basic", "account", "transaction", "risk-preference"}
    assert {entry.data_class for entry in catalogue.entries} == {"C1", "C2"}


def test_roles_are_roles_that_tokens_carry() -> None:
    named = {
        role for entry in published().entries for role in (*entry.masked_for, *entry.clear_for, *entry.unmasked_for)
    }
    assert named <= set(ROLE_SCOPES)


def test_every_mask_is_one_we_have() -> None:
    masks = {entry.mask for entry in published().entries} - {"none", "hidden"}
    assert all(callable(getattr(masking, f"mask_{mask}")) for mask in masks)


def test_nobody_sees_identity_in_clear_without_saying_what_for_but_the_kind_of_paper() -> None:
    identity = [entry for entry in published().entries if entry.kind == "identity"]
    assert len(identity) == 6
    assert [entry.code for entry in identity if entry.clear_for] == ["id-type"]
    assert all(entry.encrypted for entry in identity)


def test_what_no_compliance_officer_has_confirmed_says_so() -> None:
    """All periods are proposals until somebody at the bank says otherwise: then this line changes with the document."""
    assert not any(retention.confirmed for retention in published().retentions.values())


def test_what_a_published_version_says_is_never_changed() -> None:
    """A change, also of what is confirmed, is a new version: copy what is to `earlier`, without the names, raise
    `version`, and add the digest here.
    """
    found = {}
    for number, content in contents().items():
        for one in content["entries"]:
            one.pop("names", None)
        found[number] = hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()[:16]
    assert found == DIGESTS
    assert not any(
        entry.names for version in versions().values() if version != published() for entry in version.entries
    )


def test_all_is_decided_by_the_newest_version_and_the_older_ones_can_be_read() -> None:
    assert sorted(versions()) == [1, 2, 3]
    assert published() is versions()[max(versions())]
    of_confidential, whatever = ("Of a confidential topic it is ciphertext", "ciphertext, whatever its topic")
    assert of_confidential in versions()[1].by_code["kept-record"].purpose
    assert whatever in published().by_code["kept-record"].purpose


def test_no_version_is_older_than_the_one_before() -> None:
    days = [catalogue.effective for _, catalogue in sorted(versions().items())]
    assert days == sorted(days)


def test_a_document_cannot_be_changed_once_read() -> None:
    with pytest.raises(ValueError, match="frozen"):
        published().entries[0].encrypted = False  # type: ignore[misc]


FAULTS: dict[str, tuple[Change, str]] = {
    "identity in clear": (
        lambda d: entry(d, "phone").update(encrypted=False),
        "entry phone: identity of class C2 says `encrypted: true`",
    ),
    "free text in clear": (
        lambda d: entry(d, "free-text").pop("encrypted"),
        "entry free-text: free-text of class C2 says `encrypted: true`",
    ),
    "identity without a mask": (lambda d: entry(d, "email").update(mask="none"), "entry email: identity has a mask"),
    "C3": (
        lambda d: entry(d, "posting").update(data_class="C3"),
        "entry posting: C3 is never kept, so it has no entry",
    ),
    "an unknown retention": (
        lambda d: entry(d, "posting").update(retention="for ever"),
        "entry posting: retention for ever is not in the document",
    ),
    "a retention nobody has": (
        lambda d: d["retentions"].update(spare=d["retentions"]["short"]),
        "retention spare: no entry has it",
    ),
    "a code twice": (
        lambda d: d["entries"].append(entry(d, "holding") | {"names": []}),
        "entry holding: is there 2 times",
    ),
    "a name twice": (lambda d: entry(d, "posting")["names"].append("email"), "name email: refers to 2 entries"),
    "masked and in clear": (
        lambda d: entry(d, "free-text").update(masked_for=["rm"]),
        "entry free-text: rm sees it masked or in clear, not both",
    ),
    "a class that is none": (
        lambda d: entry(d, "holding").update(data_class="C4"),
        "entry holding: data_class: Input should be 'C1', 'C2' or 'C3'",
    ),
    "no purpose": (lambda d: entry(d, "holding").pop("purpose"), "entry holding: purpose: Field required"),
    "a period that is none": (
        lambda d: d["retentions"]["decision"].update(core="ten years"),
        "retention decision: core: String should match pattern",
    ),
    "an unknown word": (lambda d: d.update(note="x"), "document: note: Extra inputs are not permitted"),
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_is_named_with_its_entry(fault: str) -> None:
    change, told = FAULTS[fault]
    assert any(found.startswith(told) for found in faults_after(change)), faults_after(change)


def test_faults_are_listed_all_at_once() -> None:
    together = faults_after(*(change for change, _ in FAULTS.values()))
    # The entry whose class or purpose is wrong cannot also be looked at beside the others.
    expected = [told for fault, (_, told) in FAULTS.items() if fault != "a code twice"]
    assert [told for told in expected if not any(found.startswith(told) for found in together)] == []


@pytest.mark.parametrize("content", ["", "[]", "{", "null", "{}"])
def test_what_is_no_document_is_refused(content: str) -> None:
    with pytest.raises(CatalogueInvalid):
        read(content)
