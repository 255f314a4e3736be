"""What the demo says at the end: whole names, counts that add up or a word about it, the judgement in one line."""

from datetime import date
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from demo.figures import COUNTS, Figures, TopicAccount
from demo.judge import Truth, Verdict
from demo.outcome import accounting, read_truth, verdict_in_words
from rapport.events import catalogue
from simulator.bank.decline import Decline
from simulator.truth import write_truth

NAMES = sorted(event.name for event in catalogue.topics())


def balanced(topic: str) -> TopicAccount:
    return TopicAccount(topic, 1_114_754, 1_105_970, 701, 8_000, 63, 20)


def printed(services: list[Figures], *, width: int) -> tuple[bool, str]:
    output = StringIO()
    balances = accounting(Console(file=output, width=width), services)
    return balances, output.getvalue()


@pytest.mark.parametrize("width", [80, 100, 120])
def test_the_accounting_shows_every_name_and_every_count_whole(width: int) -> None:
    services = [Figures("customer-profile", [balanced(name) for name in NAMES]), Figures("feedback")]
    _, text = printed(services, width=width)
    lines = text.splitlines()
    assert max(len(line) for line in lines) <= width
    assert {"customer-profile", "feedback"} <= {line.strip() for line in lines}
    rows = {
        line.split()[0]: line.split()[1:] for line in lines if line.startswith("  ") and line.rstrip().endswith("=")
    }
    assert set(rows) == set(NAMES)
    counts = [f"{getattr(balanced(''), name):,}" for name in COUNTS]
    assert all(row == [*counts, "="] for row in rows.values())


def test_a_topic_that_does_not_balance_is_named_and_fails_the_run() -> None:
    lost = balanced("tier-changed")
    lost.applied -= 1
    services = [Figures("scoring", [balanced("transaction-recorded")]), Figures("feedback", [lost])]
    balances, text = printed(services, width=100)
    assert balances is False
    assert text.splitlines()[-1].split() == ["does", "not", "balance", "feedback:", "tier-changed"]
    assert printed(services[:1], width=100)[0] is True


@pytest.mark.parametrize("name", COUNTS)
def test_one_record_too_many_or_too_few_in_any_count_does_not_balance(name: str) -> None:
    for difference in (-1, 1):
        account = balanced("tier-changed")
        assert account.balances
        setattr(account, name, getattr(account, name) + difference)
        assert not account.balances


def test_the_judgement_is_one_line_with_what_can_be_said() -> None:
    assert verdict_in_words(Verdict(93, 40, 38, 35, 12.4)) == (
        "93 opened; of 38 customers who really declined 35 were alerted; precision 43%, recall 92%, median lead time "
        "12 days before the customer is gone"
    )
    assert verdict_in_words(Verdict(0, 0, 3, 0, None)) == "0 opened; of 3 customers who really declined 0 were alerted"


def test_the_truth_is_read_as_the_simulated_bank_writes_it(tmp_path: Path) -> None:
    begun, gone = date(2025, 3, 1), date(2025, 4, 2)
    write_truth(tmp_path / "truth.csv", [Decline("c-1", begun, gone, "fade"), Decline("c-2", begun, None, "drain")])
    assert read_truth(tmp_path / "truth.csv") == {"c-1": Truth(begun, gone), "c-2": Truth(begun, None)}
