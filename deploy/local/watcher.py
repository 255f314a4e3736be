"""Ends the processes of a stack when their parent is gone: `python -m deploy.local.watcher FILE OWNER`, fed by a pipe.

It waits for the end of its standard input, which the system closes however the parent dies, and then ends what the file
says, unless a newer owner has taken the file over.
"""

import signal
import sys
from pathlib import Path

from deploy.local.processes import end, read


def main() -> None:
    """Waits for the parent's end, then ends its children in the reverse order of starting."""
    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_IGN)
    file, owner = Path(sys.argv[1]), sys.argv[2]
    while sys.stdin.buffer.read(4096):
        pass
    recorded, children = read(file)
    if recorded == owner:
        for child in reversed(children):
            end(child, timeout=15)


if __name__ == "__main__":
    main()
