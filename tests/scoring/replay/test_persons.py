"""A replay reads file by file, partition by partition, and ends with persons: each once, on all their files hold."""

from copy import deepcopy
from datetime import timedelta
from functools import partial
from pathlib import Path

from scoring.replay import store
from scoring.replay.domain import Book, Part
from scoring.replay.exposure import Models
from scoring.replay.persons import Compared, Ended, Groups, by_person, persons_at_end, strike_apart, strike_person
from scoring.replay.shock import Shock
from scoring.standing.domain.adding import added
from scoring.standing.domain.evidence import values_of
from scoring.standing.facts import fold
from scoring.standing.store.book import fingerprint
from scoring.standing.store.file_acts import persons_known
from tests.scoring.facts import MONDAY, deliver, life, moment_of, salary
from tests.scoring.replay.test_shock import balance
from tests.scoring.rules import BALANCE, BANK, card, rules
from tests.support.delivering import Delivering
from tests.support.grouping import merge, person, unmerge

END = MONDAY + timedelta(days=150)
BEFORE, AFTER = rules(), rules(card(BALANCE))
GROUPS: Groups = {"c-3": ("c-1", "c-3", "c-unheard"), "c-4": ("c-4", "c-5"), "c-absent": ("c-absent", "c-nobody")}
GROUPED = {file for files in GROUPS.values() for file in files}


def parts() -> list[Part]:
    """Two partitions, each with a book before and after."""
    books = [(Book(BEFORE), Book(AFTER)) for _ in range(2)]
    for fact in life(seed=4, customers=8, days=140):
        for book in books[int(fact.key[-1]) % 2]:
            book.meet(fact.key, moment_of(fact), partial(fold, fact=fact, bank=BANK))  # type: ignore[arg-type]
    for pair in books:
        for book in pair:
            book.close(END)
    return [Part(number, END, pair) for number, pair in enumerate(books)]


def kept(folder: Path, made: list[Part]) -> tuple[list[Compared], dict[str, Ended]]:
    for part in made:
        store.keep(part, folder, {}, GROUPED)
    customers, files, _ = store.results(folder, len(made))
    return customers, files


def test_what_is_kept_of_a_file_of_several_is_whole_to_the_bit(tmp_path: Path) -> None:
    made = parts()
    _, files = kept(tmp_path, made)
    assert files.keys() == {"c-1", "c-3", "c-4", "c-5"}
    for file, ended in files.items():
        before, after = (book.standings[file] for book in made[int(file[-1]) % 2].books)
        assert (fingerprint(ended.before), fingerprint(ended.after)) == (fingerprint(before), fingerprint(after))
        assert ended.at == END


def test_each_person_is_there_once_with_the_points_of_the_sum_by_the_rules_before_and_after(tmp_path: Path) -> None:
    made = parts()
    customers, files = kept(tmp_path, made)
    persons = persons_at_end(deepcopy(files), GROUPS, (BEFORE, AFTER))
    found = {one.customer_id: one for one in by_person(customers, persons, GROUPS)}
    assert found.keys() == {"c-0", "c-2", "c-3", "c-4", "c-6", "c-7"}, "whoever nothing was read of is not there"
    alone = {one.customer_id: one for one in customers if one.customer_id not in GROUPED}
    assert {key: found[key] for key in alone} == alone
    for survivor, other in (("c-3", "c-1"), ("c-4", "c-5")):
        for side, by in (("before", BEFORE), ("after", AFTER)):
            whole = added(getattr(files[survivor], side), [getattr(files[other], side)])
            points = by.cards.at(END).points_of(values_of(whole, END, by.bank, by.rates))
            assert getattr(found[survivor], side).points == points
    sums = {side: sum(getattr(one, side).transactions for one in files.values()) for side in ("before", "after")}
    said = [fact for fact in life(seed=4, customers=8, days=140) if fact.key in files and hasattr(fact, "amount")]
    assert sums["before"] == sums["after"] == sum(-1 if fact.reverses else 1 for fact in said)  # type: ignore[attr-defined]


def test_a_shock_strikes_a_person_once_and_takes_from_the_files_together(tmp_path: Path) -> None:
    shock = Shock("run", None, None, 0.5, 0.0, timedelta(days=30))
    made = [Part(part.partition, part.until, (part.books[0], deepcopy(part.books[0]))) for part in parts()]
    alone = [strike_apart(part.books[-1], GROUPED, shock, END, Models()) for part in made]
    customers, files = kept(tmp_path, made)
    assert all(fingerprint(one.before) == fingerprint(one.after) for one in files.values()), "not struck by itself"
    persons = persons_at_end(files, GROUPS, (BEFORE, BEFORE))
    sums = {one.after.customer_id: balance(one.after) for one in persons}
    struck = [strike_person(one, BEFORE, shock, Models()) for one in persons]
    assert [one.lost for one in struck] == [round(max(of, 0) * 0.5) for of in sums.values()]
    measured = [exposure for one in (*alone, *struck) for exposure in one.exposures.values()]
    assert sum(one.customers for one in measured) == len(by_person(customers, persons, GROUPS))
    assert all(
        balance(one.after) == sums[one.after.customer_id] - lost.lost for one, lost in zip(persons, struck, strict=True)
    )


async def test_who_was_of_several_files_at_a_moment_is_as_it_was_known_then(service: Delivering) -> None:
    await deliver(service, salary(MONDAY, "c-1"), salary(MONDAY, "c-2"))
    moments = []
    acts = (merge(1, "c-1", "c-2"), merge(2, "c-3", "c-1", "c-2"), unmerge(3, person("c-1", "c-2"), person("c-3")))
    for told in acts:
        await service.deliver(*[service.feed.record(one) for one in told])
        (row,) = await service.rows("SELECT clock_timestamp() AS now")
        moments.append(row.now)
    async with service.runtime.engine.connect() as connection:
        assert await persons_known(connection, MONDAY) == {}
        assert [await persons_known(connection, moment) for moment in moments] == [
            {"c-1": ("c-1", "c-2")},
            {"c-3": ("c-1", "c-2", "c-3")},
            {"c-1": ("c-1", "c-2")},
        ]
