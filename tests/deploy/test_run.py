"""A service's own command, in the settings of a stack that runs."""

import subprocess
import sys

import pytest

from deploy.local.__main__ import main
from deploy.local.stack import Stack


def test_a_command_of_a_service_finds_the_databases_of_the_stack_that_runs(stack: Stack) -> None:
    line = [sys.executable, "-m", "deploy.local", "run", "--name", stack.folder.name, "scoring", "dead-letters"]
    done = subprocess.run([*line, "--limit", "3"], capture_output=True, text=True, timeout=60, check=False)
    # Nothing was migrated in this database, so a table is not there: the database was reached and asked.
    assert (done.returncode, "SQLSTATE 42P01" in done.stderr) == (2, True), done.stderr
    refused = subprocess.run([*line, "--limit", "0"], capture_output=True, text=True, timeout=60, check=False)
    assert (refused.returncode, "is not a number from 1 on" in refused.stderr) == (2, True)


def test_where_nothing_runs_that_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["run", "--name", "nobody", "scoring", "replay"]) == 2
    assert "nothing runs here: start the system with `make demo`" in capsys.readouterr().err
