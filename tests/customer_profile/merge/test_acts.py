"""Who is one person: the same for any order of acts, equal to a recomputation that shares no code, undone exactly."""

from collections import defaultdict
from datetime import timedelta
from itertools import combinations
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from customer_profile.merge.domain.acts import Act, Persons, built_on, holding, persons_by
from tests.customer_profile.facts import MONDAY

FILES = ("a", "b", "c", "d", "e")


def act(number: int, kind: str, pair: tuple[str, str], hours: int) -> Act:
    survivor, merged = pair
    return Act(UUID(int=number), kind, survivor, merged, MONDAY + timedelta(hours=hours))  # type: ignore[arg-type]


PAIRS = st.sampled_from([pair for one, other in combinations(FILES, 2) for pair in ((one, other), (other, one))])
WORDS = st.lists(st.tuples(st.sampled_from(["merge", "unmerge"]), PAIRS, st.integers(0, 5)), max_size=14)
ACTS = WORDS.map(lambda words: [act(number, *word) for number, word in enumerate(words)])


def groups_by_walking(acts: list[Act]) -> set[frozenset[str]]:
    """The same by another way: for each pair its last word, then from file to file as far as merges lead."""
    last: dict[tuple[str, str], Act] = {}
    for one in acts:
        pair = (min(one.survivor, one.merged), max(one.survivor, one.merged))
        known = last.get(pair)
        if known is None or (one.at, one.act_id) > (known.at, known.act_id):
            last[pair] = one
    leads: dict[str, set[str]] = defaultdict(set)
    for (one_file, other), word in last.items():
        if word.kind == "merge":
            leads[one_file].add(other)
            leads[other].add(one_file)
    groups = set()
    for file in FILES:
        reached, border = {file}, [file]
        while border:
            new = leads[border.pop()] - reached
            reached |= new
            border += new
        groups.add(frozenset(reached))
    return groups


@given(ACTS)
def test_the_persons_are_those_that_merges_lead_to(acts: list[Act]) -> None:
    persons = persons_by(acts, FILES)
    assert {frozenset(files) for files in persons.values()} == groups_by_walking(acts)
    assert all(survivor in files and list(files) == sorted(files) for survivor, files in persons.items())


@given(ACTS, st.randoms(use_true_random=False))
def test_the_order_and_the_repeats_of_acts_change_nothing(acts: list[Act], rng: object) -> None:
    shuffled = acts + acts[: len(acts) // 2]
    rng.shuffle(shuffled)  # type: ignore[attr-defined]
    assert persons_by(shuffled, FILES) == persons_by(acts, FILES)


@given(ACTS, PAIRS)
def test_an_unmerge_leaves_what_was_before_its_merge(acts: list[Act], pair: tuple[str, str]) -> None:
    before = persons_by(acts, FILES)
    one, other = (next(s for s, files in before.items() if file in files) for file in pair)
    if one == other:
        return
    merge = act(100, "merge", (one, other), 10)
    merged = persons_by([*acts, merge], FILES)
    assert merged[one] == tuple(sorted(before[one] + before[other]))
    assert built_on(merge, [*acts, merge], merged[one]) is None
    assert persons_by([*acts, merge, act(101, "unmerge", (one, other), 11)], FILES) == before


@given(ACTS)
def test_only_the_last_merge_of_a_person_is_built_on_by_none(acts: list[Act]) -> None:
    persons: Persons = persons_by(acts, FILES)
    for files in persons.values():
        merges = [one for one in holding(acts) if one.survivor in files]
        assert [built_on(one, acts, files) for one in merges[:-1]] == merges[-1:] * len(merges[:-1])
        assert [built_on(one, acts, files) for one in merges[-1:]] == [None] * len(merges[-1:])


def test_who_survives_follows_the_order_of_the_merges() -> None:
    acts = [act(1, "merge", ("b", "a"), 1), act(2, "merge", ("c", "b"), 2)]
    assert persons_by(acts, FILES)["c"] == ("a", "b", "c")
    late = act(3, "merge", ("a", "d"), 0)  # an earlier word that comes late: b had taken in a, and d with it
    assert persons_by([*acts, late], FILES) == {"c": ("a", "b", "c", "d"), "e": ("e",)}
