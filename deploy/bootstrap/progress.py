"""One bar for the whole installation; plain lines where the output is no terminal."""

import shutil
import sys

_WIDTH = 28


class Progress:
    """Steps of known weight: `step("libraries", 60)`, then `part(done, total)` within it."""

    def __init__(self, total: int) -> None:
        self._total = total
        self._before = 0
        self._weight = 0
        self._name = ""
        self._is_terminal = sys.stdout.isatty()

    def step(self, name: str, weight: int) -> None:
        """The next step begins; the one before is complete."""
        self._before += self._weight
        self._name, self._weight = name, weight
        if not self._is_terminal:
            print(f"installing: {name}", flush=True)
        self.part(0, 1)

    def part(self, done: int, total: int, what: str = "") -> None:
        """So much of the present step is done."""
        if self._is_terminal:
            share = min(1.0, (self._before + self._weight * min(done, total) / max(total, 1)) / self._total)
            bar = "█" * round(share * _WIDTH)
            self._show(f"  {bar:░<{_WIDTH}} {share:4.0%}  {self._name} {what}")

    def finish(self, text: str) -> None:
        """All is done: the bar gives way to one line."""
        self._show(text)
        print(flush=True)

    def clear(self) -> None:
        """Makes room for a fault's line."""
        self._show("")

    def _show(self, text: str) -> None:
        if self._is_terminal:
            columns = shutil.get_terminal_size().columns - 1
            print(f"\r{text[:columns]:<{columns}}\r{text[:columns]}", end="", flush=True)
        else:
            print(text, end="", flush=True)
