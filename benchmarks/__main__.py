"""`python -m benchmarks [NAME ...]`: all of them without a name.

`flapping` needs the Berka files: `--data FOLDER`. `book`, `growing`, `sweeping` and `replay` take minutes: they write a
million customers, or events, first.
"""

import argparse
import logging
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path

from benchmarks import (
    adapter,
    bad_records,
    book,
    door,
    duplicates,
    flapping,
    fold,
    growing,
    key_rotation,
    latency,
    leads,
    reads,
    replaying,
    rescoring,
    rules,
    shadow,
    sweeping,
    throughput,
    waiting,
    withdrawal,
)
from benchmarks.ground import Ground
from deploy.local.errors import StackError
from deploy.local.stack import Stack, instance

ON_THE_STACK: dict[str, Callable[..., None]] = {
    "throughput": throughput.run,
    "door": door.run,
    "shadow": shadow.run,
    "latency": latency.run,
    "withdrawal": withdrawal.run,
    "bad-records": bad_records.run,
    "reads": reads.run,
    "book": book.run,
    "replay": replaying.run,
    "adapter": adapter.run,
    "key-rotation": key_rotation.run,
    "growing": growing.run,
    "duplicates": duplicates.run,
    "sweeping": sweeping.run,
    "waiting": waiting.run,
}
IN_MEMORY = {"fold": fold.run, "rescoring": rescoring.run, "leads": leads.run, "rules": rules.run}
NAMES = (*IN_MEMORY, "flapping", *ON_THE_STACK)


def main() -> None:
    """Measure what was asked for on a stack of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)} (default: all)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="of the Berka files, for `flapping`")
    parser.add_argument(
        "--events", type=int, default=1_000_000, metavar="N", help="for `replay` (default: %(default)s)"
    )
    parser.add_argument(
        "--customers",
        type=int,
        default=book.CUSTOMERS,
        metavar="N",
        help="for `book`, `growing` and `sweeping` (default: %(default)s)",
    )
    parser.add_argument(
        "--service", choices=throughput.SERVICES, help="for `throughput`: that worker alone (default: each in turn)"
    )
    # A topic just made has no leader for a moment; the client tries again and would say so once for each partition.
    logging.getLogger("aiokafka").setLevel(logging.CRITICAL)
    arguments = parser.parse_args()
    asked = arguments.names or [name for name in NAMES if name != "flapping" or arguments.data]
    if unknown := set(asked) - set(NAMES):
        parser.error(f"no such measurement: {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    for name, measure_alone in IN_MEMORY.items():
        if name in asked:
            measure_alone()
    if "flapping" in asked:
        if arguments.data is None:
            parser.error("flapping needs --data FOLDER, that of the Berka files")
        flapping.run(arguments.data)
    if set(asked) & set(ON_THE_STACK):
        measures = ON_THE_STACK | {
            "throughput": partial(
                throughput.run, services=[arguments.service] if arguments.service else throughput.SERVICES
            ),
            "book": partial(book.run, customers=arguments.customers),
            "growing": partial(growing.run, customers=arguments.customers),
            "sweeping": partial(sweeping.run, customers=arguments.customers),
            "replay": partial(replaying.run, events=arguments.events),
        }
        _on_a_stack([measures[name] for name in ON_THE_STACK if name in asked])


def _on_a_stack(measures: Sequence[Callable[[Ground], None]]) -> None:
    folder = instance("bench")
    Stack(folder).wipe()
    with Stack(folder, topics=False) as stack:
        ground = Ground(stack)
        for measure in measures:
            measure(ground)
    Stack(folder).wipe()


if __name__ == "__main__":
    try:
        main()
    except StackError as refusal:
        sys.exit(f"benchmarks: {refusal}")
