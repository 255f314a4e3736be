"""`python3 -m deploy.bootstrap`: checks, then installs into .venv; at once done when nothing changed.

Also a Python too old to run the rest must be able to read this file, to say that it is too old.
"""

import os
import shutil
import sys

OLDEST = (3, 11)
NEWER = ("python3.14", "python3.13", "python3.12", "python3.11")


def main() -> int:
    """Exit code 0: installed; 1: an installation failed; 2: a prerequisite is missing. Faults are one line each."""
    if sys.version_info < OLDEST:
        return _with_newer_python()
    from deploy.bootstrap.install import run  # noqa: PLC0415 - an older Python could not even parse it

    return run()


def _with_newer_python() -> int:
    for name in NEWER:
        path = shutil.which(name)
        if path:
            os.execv(path, [path, "-m", "deploy.bootstrap"])
    version = "%d.%d" % sys.version_info[:2]
    print(
        "Python 3.11 or newer is needed, this is %s: install it, or name one with `make PYTHON=/path/to/python3.11 …`"
        % version
    )
    return 2


if __name__ == "__main__":
    sys.exit(main())
