"""Findings become duties: troubles are joined, rung, carried up a ladder until somebody answers.

Pure. ``step`` is the single entry: events and the time in, a new book, the alerts that changed and
what the shell must do out. The guarantee: nothing reaches ANSWERED without an ``answer`` entry in
the own feed, and no duty falls silent by itself.
"""

from clearline.alerting.book import AlertBook, BookImage, book_of, book_of_alerts
from clearline.alerting.correlate import group_of
from clearline.alerting.events import (
    Acked,
    AlertingEvent,
    Answered,
    Climbed,
    Delivered,
    DeliveryFailed,
    Ended,
    Presented,
    Raised,
    Silenced,
    Ticked,
)
from clearline.alerting.routing import Desk, Route, WatchPlan
from clearline.alerting.step import Outcome, step

__all__ = [
    "Acked", "AlertBook", "AlertingEvent", "Answered", "BookImage", "Climbed", "Delivered",
    "DeliveryFailed", "Desk", "Ended", "Outcome", "Presented", "Raised", "Route", "Silenced",
    "Ticked", "WatchPlan", "book_of", "book_of_alerts", "group_of", "step",
]  # fmt: skip
