"""Which sums that forget are kept of a customer, and of which measures it is dated when they left what is normal."""

from datetime import datetime

SUMS = (
    "own",
    "uses",
    "inflow",
    "inflow_squares",
    "net_flow",
    "negatives",
    "turnover",
    "turnover_squares",
    "product_uses",
)
"""The decayed sums, in their order: postings the customer made; uses of a channel; money from outside and its squares;
money from outside less money to outside; negative feedback; money that the customer moved, and its squares; uses of
channels and postings on a product. Money is in minor units."""
PLACE = {name: 4 * place for place, name in enumerate(SUMS)}
"""Where in the values of the sums each begins."""
OUT_OF_RANGE = ("transactions", "turnover", "balance", "service_feedback", "product_use")
"""The measures whose leaving the normal range is dated, in the order of `Risk.out_at`."""
NEVER_OUT: tuple[datetime | None, ...] = (None,) * len(OUT_OF_RANGE)
