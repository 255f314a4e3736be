"""Files of one person are found, files of two are not, in whatever order they come and without a word on a disk."""

import logging
import random
import tempfile
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from customer_profile.duplicate.domain.comparing import Comparable
from customer_profile.duplicate.domain.evidence import Likeness, probability_of, weight_of
from customer_profile.duplicate.linking import OutOfMemory, likenesses
from customer_profile.duplicate.model import Linkage
from fit_linkage.judging import by_rule, from_probability, judged
from tests.customer_profile.duplicate.books import ME, another, book, published, with_number
from tests.customer_profile.facts import resident_id

WRONG = ME.id_number[:-1] + ("0" if ME.id_number[-1] != "0" else "1") if ME.id_number else ""
SLIPPED = with_number(another("p-2"), WRONG, is_valid=False)
OTHER = resident_id("11010919900307789")


def found(
    *planted: Comparable, linkage: Linkage | None = None, least: float | None = None
) -> dict[tuple[str, str], Likeness]:
    """What is proposed among the book's files and these."""
    model = linkage or published()
    pairs = likenesses([*book().files(), *planted], model, least=least or model.proposed_from)
    return {(one.file_a, one.file_b): one for one in pairs}


def test_a_second_file_with_a_slip_in_its_number_and_another_phone_is_found_and_says_why() -> None:
    pair = found(ME, replace(SLIPPED, phone="+8613900001111", address=None))["p-1", "p-2"]
    assert pair.probability > 0.99
    assert pair.evidence == {
        "full_name": "exact",
        "id_number": "close",
        "phone": "differs",
        "email": "exact",
        "address": "unknown",
        "birth_year": "exact",
        "gender": "exact",
        "region": "exact",
    }


@pytest.mark.parametrize(
    "second",
    [
        with_number(another("p-2", phone=None, full_name="欧阳翎雨"), WRONG, is_valid=False),
        another("p-2", id_type="passport", id_number="E12345678", address="虚拟市文汇路88号1幢101室"),
        another("p-2", full_name="李翎羽", phone="+8613900001111", email=None),
        another("p-2", phone="+8613812341243", id_type="passport", id_number="E12345678", email=None),
    ],
    ids=[
        "misheard, slip in the number",
        "by a passport, moved",
        "renamed, another phone",
        "by a passport, slip in phone",
    ],
)
def test_planted_second_files_are_proposed(second: Comparable) -> None:
    assert ("p-1", "p-2") in found(ME, second)


@pytest.mark.parametrize(
    "stranger",
    [
        with_number(
            another("p-2", birth_year=1971, phone="+8613900001111", email=None, address="虚拟市文汇路88号1幢101室"),
            resident_id("11010119710107789"),
            is_valid=True,
        ),
        with_number(
            another("p-2", full_name="欧阳建国", birth_year=1962, gender="male", email=None), OTHER, is_valid=True
        ),
        with_number(another("p-2", full_name="欧阳瑶", birth_year=2004, email="yao@example.com"), OTHER, is_valid=True),
        with_number(
            another("p-2", full_name="欧阳翎飞", email="fei@example.com", phone="+8613900001111"),
            resident_id("11010919900307125"),
            is_valid=True,
        ),
    ],
    ids=["a namesake", "her father, by one phone", "her daughter, by one phone", "her twin sister at one address"],
)
def test_planted_strangers_and_relatives_are_not_proposed(stranger: Comparable) -> None:
    assert ("p-1", "p-2") not in found(ME, stranger)


def test_two_valid_numbers_of_one_kind_speak_against_one_person_and_are_shown_as_such() -> None:
    same = with_number(another("p-2"), OTHER, is_valid=True)
    valid, slipped = found(ME, same, least=0.01)["p-1", "p-2"], found(ME, SLIPPED, least=0.01)["p-1", "p-2"]
    assert (valid.evidence["id_number"], slipped.evidence["id_number"]) == ("conflicts", "close")
    assert slipped.weight - valid.weight > 2000, "more than twenty bits"


def test_papers_of_two_kinds_say_nothing_of_each_other() -> None:
    passport = another("p-2", id_type="passport", id_number="E12345678")
    assert found(ME, passport)["p-1", "p-2"].evidence["id_number"] == "unknown"


def test_a_rare_name_says_more_than_a_common_one() -> None:
    """Of two pairs that differ in nothing else, the one whose name half the book has weighs less."""
    common = [replace(file, full_name="张伟") for file in book().files()[:200]]
    rest = book().files()[200:]
    rare, frequent = ME, replace(ME, customer_id="q-1", full_name="张伟", phone="+8613700001111", email="w@example.com")
    twins = [replace(one, customer_id=one.customer_id[0] + "-2", address=None) for one in (rare, frequent)]
    files = [*common, *rest, rare, frequent, *twins]
    weights = {(one.file_a, one.file_b): one.weight for one in likenesses(files, published(), least=0.01)}
    assert weights["p-1", "p-2"] > weights["q-1", "q-2"] + 300


@settings(max_examples=5, deadline=None)
@given(st.randoms(use_true_random=False))
def test_the_order_of_files_changes_nothing(chance: random.Random) -> None:
    files = [*book().files()[:400], ME, SLIPPED]
    shuffled: Sequence[Comparable] = chance.sample(files, len(files))
    assert likenesses(shuffled, published(), least=0.1) == likenesses(files, published(), least=0.1)


def test_on_a_book_it_has_not_seen_it_finds_what_the_rule_of_paper_and_phone_leaves() -> None:
    files, truth = book().files(), book().truth
    ours = judged(from_probability(found().values(), published().proposed_from), truth)
    rule = judged(by_rule(files), truth)
    assert ours.recall >= rule.recall + 0.1
    assert ours.precision >= 0.85


def test_without_a_way_to_meet_or_a_threshold_it_would_show() -> None:
    """What the test above rests on: with one way of blocking recall falls, without a threshold precision does."""
    only = published().model_copy(update={"blocking": (("id_number",),)})
    assert judged(set(found(linkage=only)), book().truth).recall < 0.7
    assert judged(set(found(least=1e-12)), book().truth).precision < 0.5


def test_nothing_is_written_to_a_disk_and_no_value_to_a_log(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    with caplog.at_level(logging.DEBUG):
        assert found(ME, SLIPPED)
    assert list(tmp_path.rglob("*")) == []
    assert not [value for value in (ME.full_name, ME.id_number, ME.phone, ME.email) if value and value in caplog.text]


def test_a_book_that_does_not_fit_is_refused_and_not_spilled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OutOfMemory, match="--memory"):
        likenesses(book().files(), published(), least=0.5, memory="2MB")
    assert list(tmp_path.rglob("*")) == []


def test_a_crowd_behind_one_phone_makes_no_pairs() -> None:
    crowd = [replace(file, phone="+861088888888") for file in book().files()[:60]]
    shared = [one for one in likenesses(crowd, published(), least=1e-12) if one.evidence["phone"] == "exact"]
    assert shared == []


@pytest.mark.parametrize("files", [[], [ME]])
def test_fewer_than_two_files_are_no_pair(files: list[Comparable]) -> None:
    assert likenesses(files, published(), least=0.5) == []


@given(st.integers(-2000, 2000))
def test_weight_and_probability_say_the_same(weight: int) -> None:
    assert weight_of(probability_of(weight)) == pytest.approx(weight, abs=1)
