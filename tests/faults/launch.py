"""One worker of a real service, as its main.py composes it, that can be told where to die or to freeze.

    python -m tests.faults.launch --service scoring --worker w1 --marks marks.jsonl --crash told:12

The product knows nothing of it: everything happens in an Observer, which any process may bring.
"""

import argparse
import asyncio
import os
import signal
import traceback
from collections import Counter
from contextlib import suppress
from pathlib import Path

import uvloop

from rapport.composition import Runtime
from rapport.messaging.observer import STEPS, Observer
from rapport.messaging.worker import cancel
from tests.faults.broken import VARIANTS, worker_of
from tests.faults.broken_merges import BREAKING
from tests.faults.marks import MarkFile
from tests.faults.subjects import SUBJECTS

KILLED = 137


class FaultObserver(Observer):
    """Ends or stops its own process at the n-th pass of a step, and marks what goes wrong."""

    def __init__(self, marks: MarkFile, *, crash: tuple[str, int] | None, freeze: tuple[str, int] | None) -> None:
        self._marks = marks
        self._crash = crash
        self._freeze = freeze
        self._passes: Counter[str] = Counter()

    def step(self, name: str) -> None:
        self._passes[name] += 1
        here = (name, self._passes[name])
        if here == self._crash:
            self._marks.write("crashed", name)
            os._exit(KILLED)  # as kill -9 would: nothing is closed, nothing is told
        if here == self._freeze:
            self._marks.write("frozen", name)
            os.kill(os.getpid(), signal.SIGSTOP)
            self._marks.write("woken", name)

    def fenced(self) -> None:
        self._marks.write("fenced")

    def rolled_back(self, error: BaseException) -> None:
        self._marks.write("rolled-back", type(error).__name__)

    def part_failed(self, part: str, error: BaseException) -> None:
        self._marks.write("failed", f"{part}: {type(error).__name__}")
        traceback.print_exception(error, limit=-4)

    def stopped(self, reason: str) -> None:
        self._marks.write("stopped", reason)


def _order(text: str) -> tuple[str, int]:
    step, _, passes = text.partition(":")
    if step not in STEPS:
        raise argparse.ArgumentTypeError(f"{step} is none of {', '.join(STEPS)}")
    return step, int(passes or 1)


async def _run(asked: argparse.Namespace, marks: MarkFile) -> None:
    subject = SUBJECTS[asked.service]
    settings = subject.settings.read()
    observer = FaultObserver(marks, crash=asked.crash, freeze=asked.freeze)
    composition = subject.compose(settings)
    if asked.variant in BREAKING:
        composition = BREAKING[asked.variant](composition)
    runtime = Runtime(composition, settings, role="worker", observer=observer)
    worker = worker_of(runtime, asked.variant) if asked.variant in VARIANTS else runtime.worker()
    working = asyncio.create_task(worker.run())
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    marks.write("started")
    await asyncio.wait([working, asyncio.create_task(stop.wait())], return_when=asyncio.FIRST_COMPLETED)
    with suppress(asyncio.CancelledError):
        await cancel(working)
    await runtime.close()


def main() -> None:
    """Work until SIGTERM, or until the order comes true."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--service", choices=SUBJECTS, required=True)
    parser.add_argument("--worker", required=True)
    parser.add_argument("--marks", type=Path, required=True)
    parser.add_argument("--crash", type=_order)
    parser.add_argument("--freeze", type=_order)
    parser.add_argument("--variant", choices=(*VARIANTS, *BREAKING))
    asked = parser.parse_args()
    uvloop.run(_run(asked, MarkFile(asked.marks, asked.worker)))


if __name__ == "__main__":
    main()
