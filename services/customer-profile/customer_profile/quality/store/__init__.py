"""What was counted, and the steward's queue."""

from customer_profile.quality.store.counts import BOOK, add, begin_day, count_book, put, quality_counts, series
from customer_profile.quality.store.issues import find, page, quality_issues, save, settle, settle_book, stands, waiting

__all__ = [
    "BOOK",
    "add",
    "begin_day",
    "count_book",
    "find",
    "page",
    "put",
    "quality_counts",
    "quality_issues",
    "save",
    "series",
    "settle",
    "settle_book",
    "stands",
    "waiting",
]
