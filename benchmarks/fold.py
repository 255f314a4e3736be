"""The rules alone, in memory, on one core: folding transactions, deciding a tier at each, doing so in shadow too."""

from datetime import UTC, datetime, timedelta
from time import perf_counter
from zoneinfo import ZoneInfo

from benchmarks.ground import CONSOLE, middle, table, verdict
from scoring.challenger.handlers.following import Shadows
from scoring.scorecard.files import read_documents, scorecards_of
from scoring.standing.domain.opening import Posting
from scoring.standing.domain.rules import Rules
from scoring.standing.domain.state import Bank, Standing, fold_posting
from scoring.standing.domain.tiering import decide

EVENTS = 100_000
CUSTOMERS = 2_000
ROUNDS = 3


def run() -> None:
    """Print events a second of the fold, of the fold with a decision at each event, and of that beside a challenger."""
    bank = Bank("CNY", 2, ZoneInfo("Asia/Shanghai"))
    rules = Rules(bank, scorecards_of(read_documents("CNY", None)))
    start = datetime(2025, 1, 1, tzinfo=UTC)
    postings = [
        Posting("a", start + timedelta(minutes=3 * n), 100 + n % 90_000, n % 20 == 0, n % 20 != 0, "card-payment")
        for n in range(EVENTS)
    ]
    folds, decisions, shadows = [], [], []
    for _ in range(ROUNDS):
        folds.append(EVENTS / _timed(postings, rules, decides=False))
        decisions.append(EVENTS / _timed(postings, rules, decides=True))
        shadows.append(EVENTS / _timed(postings, rules, decides=True, shadows=Shadows(1, rules, {})))
    shown = table("the rules in memory, events/s on one core", "", "median", "goal", "")
    shown.add_row(*verdict("fold", middle(folds), 50_000))
    shown.add_row("fold and decide", f"{middle(decisions):,.0f}", "", "")
    shown.add_row("fold and decide, also by a challenger", f"{middle(shadows):,.0f}", "", "")
    CONSOLE.print(shown)


def _timed(postings: list[Posting], rules: Rules, *, decides: bool, shadows: Shadows | None = None) -> float:
    standings = [Standing(f"c-{number}") for number in range(CUSTOMERS)]
    began = perf_counter()
    for number, posting in enumerate(postings):
        standing = standings[number * 7919 % CUSTOMERS]
        if shadows:
            shadows.before(standing, posting.occurred_at)
        fold_posting(standing, posting, rules.bank.zone)
        if decides:
            decide(standing, rules, posting.occurred_at)
        if shadows:
            shadows.after(standing, posting.occurred_at)
    return perf_counter() - began
