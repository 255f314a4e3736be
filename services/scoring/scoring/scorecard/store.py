"""Every scorecard version: its content, which never changes, and since when it is in force, if it is."""

from sqlalchemy import Column, DateTime, Text

from scoring.version.store import Versions

scorecards = Versions(
    "scorecard",
    "scorecards",
    # While whoever is due after the change of versions is still brought forward to it.
    Column("reschedule_from", DateTime(timezone=True)),
    Column("rescheduled_up_to", Text),
    acts=("drafted", "dry-run", "challenger-entered", "challenger-stopped", "approved", "withdrawn"),
)
