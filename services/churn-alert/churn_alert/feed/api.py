"""Feeds over REST: whether what customers do still comes, and how far their silence is judged."""

from typing import Annotated

from fastapi import APIRouter, Depends, Request

from churn_alert.feed.domain.hearing import feeds_of
from churn_alert.feed.store.feeds import heard_by
from churn_alert.feed.views import EXAMPLE, FeedsView, FeedView
from rapport.clock import utc_now
from rapport.web import Principal, backend, read, require

router = APIRouter(tags=["risks"])


@router.get(
    "/activity-feeds",
    summary="Show how far the bank is heard",
    responses={200: {"content": {"application/json": {"example": EXAMPLE}}}},
)
async def show_feeds(request: Request, _: Annotated[Principal, Depends(require("risks:read"))]) -> FeedsView:
    """Where a feed stops, everybody looks silent: so nobody's silence is judged beyond it until it is back."""
    service, document, now = backend(request).transactions.service, request.app.state.feed_rules, utc_now()
    async with read(request) as connection:
        heard = [] if service.is_stream_time else await heard_by(connection)
    feeds = feeds_of(heard, document.rules(), now)
    return FeedsView(as_of=now, feeds=[FeedView.of(feed) for feed in feeds], rules=document)
