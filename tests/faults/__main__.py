"""`python -m tests.faults`: see `make faults`."""

import asyncio
import sys

from rich.console import Console

from tests.faults.campaign import arguments, campaign


def main() -> int:
    """Run the campaign and say what came of it; the seed comes first, so that a run that is cut off can be repeated."""
    asked = arguments()
    console = Console()
    console.print(f"seed {asked.seed}")
    return asyncio.run(campaign(asked, console))


if __name__ == "__main__":
    sys.exit(main())
