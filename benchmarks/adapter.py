"""How fast raw records of a core become facts of the contract, beside plain re-publishing; rounds in turn."""

import asyncio
import base64
import random
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

from aiokafka import AIOKafkaProducer

from benchmarks.ground import CONSOLE, Ground, middle, table
from benchmarks.load import START
from customer_profile.adapter.mappings import EXAMPLES, read_folder
from customer_profile.adapter.tokens import NumberTokens
from deploy.local.stack import every_topic
from rapport.messaging.partitions import partition_of

SERVICE, RAW = "customer_profile", "legacy.postings"
ROUNDS = 3
COUNT = 60_000
ACCOUNTS = 5_000
_KEY = bytes(range(32))


def run(ground: Ground) -> None:
    """Fill the raw topic, let each candidate read it whole and publish it, print the ratio."""
    raw = [adapter.topic for adapter in read_folder(EXAMPLES, _KEY)]
    prefix = ground.topics(*every_topic(), *raw, "plain")
    asyncio.run(_fill(ground.stack.bootstrap_servers, prefix))
    speeds: dict[str, list[float]] = {"plain": [], "adapter": []}
    with TemporaryDirectory() as folder:
        key = Path(folder) / "token-key"
        key.write_text("1:" + base64.b64encode(_KEY).decode())
        for turn in range(ROUNDS):
            CONSOLE.print(f"adapter: round {turn + 1} of {ROUNDS}", highlight=False)
            plain = (ground.stack.bootstrap_servers, prefix + RAW, prefix + "plain", str(COUNT))
            speeds["plain"].append(COUNT / ground.run("republishing", *plain))
            ready = _ready(ground, prefix, key)
            speeds["adapter"].append(COUNT / ground.run("adapting", str(COUNT), environment=ready))
    shown = table("raw records to facts on Kafka, events/s", "candidate", "median", "rounds")
    for name, rounds in speeds.items():
        shown.add_row(name, f"{middle(rounds):,.0f}", " ".join(f"{speed:,.0f}" for speed in rounds))
    ratio = middle([ours / plain for ours, plain in zip(speeds["adapter"], speeds["plain"], strict=True)])
    shown.add_row("adapter / plain, pair by pair", f"{ratio:.3f}", "")
    CONSOLE.print(shown)


def _ready(ground: Ground, prefix: str, key: Path) -> dict[str, str]:
    """A fresh customer-profile that knows who holds every account: what is measured is not parking."""
    database = ground.database(SERVICE)
    settings = {"ADAPTER__FOLDER": str(EXAMPLES), "ADAPTER__TOKEN_KEY_FILE": str(key)}
    environment = ground.service(SERVICE, prefix, database=database, **settings)
    tokens = NumberTokens(_KEY, "legacy")
    rows = ", ".join(f"('{tokens.account(str(n))}', 'c-{n // 2:06}', now())" for n in range(ACCOUNTS))
    ground.stack.run_sql(f"INSERT INTO account_holders VALUES {rows};", database=database)
    return environment


async def _fill(bootstrap: str, prefix: str) -> None:
    rng, sent = random.Random(1), []
    async with AIOKafkaProducer(bootstrap_servers=bootstrap, acks="all", linger_ms=20) as producer:
        for number in range(COUNT):
            account, at = str(rng.randrange(ACCOUNTS)), START + timedelta(minutes=4) * number
            minor, is_salary = rng.randrange(100, 900_000), rng.random() < 0.05
            kind, sign = ("10", "") if is_salary else ("20", "-")
            line = f"P;{number};{account};{at:%Y%m%d};{at:%H%M%S};{sign}{minor};CNY;{kind};POS;1000000;"
            where = {"key": account.encode(), "partition": partition_of(account)}
            sent.append(await producer.send(prefix + RAW, line.encode(), **where))
        await asyncio.gather(*sent)
