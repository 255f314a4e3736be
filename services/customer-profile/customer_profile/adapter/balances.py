"""A core's own list of its accounts against the last word on each; what the stream missed is put there once more."""

from collections.abc import Sequence

from rich.console import Console
from rich.progress import track

from customer_profile.account.handlers import minor_of
from customer_profile.adapter.domain.reconciling import Balance, BalanceFindings, Held, compare_balances
from customer_profile.adapter.reconciliation import BATCH, put_on_topic, read_line
from customer_profile.adapter.records import RawReader
from customer_profile.adapter.store.balances import last_balances
from rapport.composition import Runtime
from rapport.events.bank import AccountChanged


class BalanceReconciliation:
    """`faulty`: numbers of lines that cannot be read; `passed_over`: how many lines are of no account."""

    def __init__(self, runtime: Runtime, reader: RawReader, topic: str) -> None:
        self.runtime = runtime
        self.title = f"{reader.adapter.source}, accounts"
        self.faulty: list[int] = []
        self.passed_over = 0
        self._reader = reader
        self._topic = topic
        self._listed: dict[Held, tuple[Balance, bytes]] = {}

    async def compare(self, console: Console, lines: Sequence[bytes]) -> BalanceFindings:
        """What the list and the service agree on, and what not; with a bar on the console."""
        for number, line in enumerate(track(lines, f"reading {len(lines):,} records", console=console), start=1):
            self._read(number, line)
        wanted = sorted(self._listed)
        told: dict[Held, Balance] = {}
        strangers: set[str] = set()
        async with self.runtime.engine.connect() as connection:
            for begin in track(range(0, len(wanted), BATCH), "asking the database", console=console):
                known, unknown = await last_balances(connection, wanted[begin : begin + BATCH])
                told |= known
                strangers |= unknown
        return compare_balances({held: balance for held, (balance, _) in self._listed.items()}, told, strangers)

    def _read(self, number: int, line: bytes) -> None:
        _, record = read_line(self._reader, self._topic, number, line)
        if record is None or not isinstance(record.fact, AccountChanged):
            self.faulty += [number] if record is not None and record.faults else []
            self.passed_over += record is None or not record.faults
            return
        fact = record.fact
        held = Held(fact.account_id, fact.customer_id)
        listed = Balance(fact.as_of, minor_of(fact.balance, fact.currency), fact.currency, fact.status)
        if held not in self._listed or self._listed[held][0] < listed:
            self._listed[held] = listed, line

    async def publish(self, untold: Sequence[Held]) -> int:
        """Put these records of the list on the raw topic; returns how many."""
        return await put_on_topic(self.runtime, self._reader, self._topic, [self._listed[held][1] for held in untold])
