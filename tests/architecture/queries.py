"""How many questions a page asks the database, and that it asks no more of them when there is more to show."""

from collections.abc import Callable

from django.db import connection
from django.test.utils import CaptureQueriesContext


def count(visit: Callable[[], object]) -> int:
    visit()  # what is cached by the first visit is not the page's cost
    with CaptureQueriesContext(connection) as asked:
        visit()
    return len(asked)


def assert_steady(visit: Callable[[], object], more: Callable[[], object], *, at_most: int) -> None:
    """`visit` opens the page, `more` adds rows to it: the number of queries stays the same and is bounded."""
    before = count(visit)
    more()
    after = count(visit)
    assert after <= before, f"{before} queries, and {after} with more rows"
    assert after <= at_most
