"""`python -m benchmarks [fold|rescoring|flapping|throughput|latency|bad-records|reads|book]`: all without a name.

`flapping` needs the Berka files: `--data FOLDER`. `book` takes some ten minutes: it copies a million customers first.
"""

import argparse
import logging
import sys
from collections.abc import Collection
from pathlib import Path

from benchmarks import bad_records, book, flapping, fold, latency, reads, rescoring, throughput
from benchmarks.ground import Ground
from deploy.local.errors import StackError
from deploy.local.stack import Stack, instance

ON_THE_STACK = {
    "throughput": throughput.run,
    "latency": latency.run,
    "bad-records": bad_records.run,
    "reads": reads.run,
    "book": book.run,
}
IN_MEMORY = {"fold": fold.run, "rescoring": rescoring.run}
NAMES = (*IN_MEMORY, "flapping", *ON_THE_STACK)


def main() -> None:
    """Measure what was asked for on a stack of its own."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"{', '.join(NAMES)} (default: all)")
    parser.add_argument("--data", type=Path, metavar="FOLDER", help="of the Berka files, for `flapping`")
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
        _on_a_stack(asked)


def _on_a_stack(asked: Collection[str]) -> None:
    folder = instance("bench")
    Stack(folder).wipe()
    with Stack(folder, topics=False) as stack:
        ground = Ground(stack)
        for name, measure in ON_THE_STACK.items():
            if name in asked:
                measure(ground)
    Stack(folder).wipe()


if __name__ == "__main__":
    try:
        main()
    except StackError as refusal:
        sys.exit(f"benchmarks: {refusal}")
