"""The faults of raw records as a gauge for Prometheus; its labels are words of ours."""

from collections.abc import Mapping

from sqlalchemy.ext.asyncio import AsyncConnection

from customer_profile.adapter.store import quality
from rapport.telemetry.metrics import Figures


async def _read(connection: AsyncConnection) -> Mapping[tuple[str, ...], float]:
    rows = await quality.faults(connection)
    return {(row["topic"], row["field"], row["fault"]): row["records"] for row in rows}


FIGURES = Figures("rapport_adapter_faults", "Faults of raw records", ("topic", "field", "fault"), _read)
