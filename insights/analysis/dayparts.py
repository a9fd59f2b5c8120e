"""Listening by the part of the day: morning, afternoon, evening and night of the person's own clock. Pure."""

from dataclasses import dataclass

from ingest.heard import Heard
from insights.analysis.time import around_the_clock

# From the first hour up to, not with, the second; the night goes over midnight.
PARTS = {"morning": (5, 12), "afternoon": (12, 17), "evening": (17, 22), "night": (22, 5)}


@dataclass(frozen=True, slots=True)
class Part:
    """Plays that began in one part of the day, and how long they were heard."""

    name: str  # one of PARTS
    plays: int
    ms: int


def parts(heard: Heard) -> list[Part]:
    """The four parts in the order of PARTS, by the local hour in which each play began; all of `heard` is in them.

    Exact across clock changes, and in zones that are some minutes off the hour.
    """
    plays, ms = (values.tolist() for values in around_the_clock(heard))
    found = []
    for name, (first, end) in PARTS.items():
        hours = [hour % 24 for hour in range(first, end if end > first else end + 24)]
        found.append(Part(name, sum(plays[hour] for hour in hours), sum(ms[hour] for hour in hours)))
    return found
