"""What a single command needs is loaded by it alone: no process of the service carries it."""

import subprocess
import sys

import pytest


@pytest.mark.parametrize("library", ["pyarrow", "scipy"])
def test_no_process_of_scoring_loads_what_a_single_command_needs(library: str) -> None:
    said = f"import sys, scoring.__main__; print({library!r} in sys.modules)"
    done = subprocess.run([sys.executable, "-c", said], capture_output=True, text=True, timeout=60, check=True)
    assert done.stdout.strip() == "False"
