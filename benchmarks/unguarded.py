"""The scoring worker with the door of delivery open, beside the one that is shipped.

`python -m benchmarks.unguarded COUNT` prints the seconds of the processor.
"""

import sys
from time import process_time

import uvloop

from benchmarks.ours import main
from rapport.composition import Runtime
from rapport.messaging.decoding import decode
from rapport.messaging.records import Arrival, RawRecord
from rapport.messaging.service import Service


class Unguarded(Service):
    """Records are decoded as they come."""

    def decode(self, raw: RawRecord) -> Arrival:
        """Without a look for authentication data."""
        return decode(raw, self.hears, partitions=self.partitions)


def open_door(runtime: Runtime) -> None:
    """Before any worker is made of it."""
    known = runtime.transactions.service
    runtime.transactions.service = Unguarded(
        known.name, known.hears, known.partitions, known.topic_prefix, known.is_stream_time, known.seal
    )


if __name__ == "__main__":
    print(uvloop.run(main("scoring", int(sys.argv[1]), process_time, open_door)))
