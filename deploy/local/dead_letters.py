"""The dead letters of several services at once, each by the service's own command."""

import os
import subprocess
import sys
from collections.abc import Mapping, Sequence

from deploy.local.errors import StackError
from rapport.service import UNKNOWN


def ask_services(environments: Mapping[str, Mapping[str, str]], options: Sequence[str]) -> int:
    """Ask each of these services, by its settings, and pass on what it says; returns the worst exit code.

    Whose dead letter an id is, only the services know: that some do not have it is no error. Raises StackError when
    none has it.
    """
    codes = set()
    for service, environment in environments.items():
        done = subprocess.run(
            [sys.executable, "-m", service, "dead-letters", *options],
            env=os.environ | dict(environment),
            capture_output=True,
            text=True,
            check=False,
        )
        print(done.stdout, end="")
        if done.returncode != UNKNOWN:
            print(done.stderr, end="", file=sys.stderr)
        codes.add(done.returncode)
    if codes == {UNKNOWN}:
        raise StackError("no service has a dead letter of this id: `make dead-letters` lists them")
    return max(abs(code) for code in codes - {UNKNOWN})
