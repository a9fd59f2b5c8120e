"""Scales: from values to shares of an axis, to round ticks, to labels that fit, to levels of colour."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

STEPS = (1.0, 2.0, 2.5, 5.0, 10.0)
STRIDES = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 24, 28, 36, 48, 60, 72, 84, 96, 120)  # as hours, weeks, months do
LETTER = 7.2  # px of an axis label's average letter
SPACING = 14  # px between two labels
LONGEST = 14  # letters of a label on an axis; the tooltip and the table have all of it


@dataclass(frozen=True, slots=True)
class Scale:
    """An axis from `low` to `high`, with the round numbers on it."""

    low: float
    high: float
    ticks: tuple[float, ...]

    def share(self, value: float) -> float:
        """Where `value` lies: 0 at `low`, 1 at `high`."""
        return (value - self.low) / (self.high - self.low)


def known(values: Iterable[float | None]) -> list[float]:
    """Without what is not known: None, and what is no number."""
    return [value for value in values if value is not None and math.isfinite(value)]


def from_zero(values: Iterable[float | None], *, most: int = 4) -> Scale:
    """A scale that holds zero and all `values`, ending at the largest, with about `most` round ticks.

    Whole numbers get whole ticks. Nothing known, or nothing but zeros, gives 0 to 1 with a tick at 0 only.
    """
    numbers = known(values)
    low, high = min(0.0, *numbers, 0.0), max(0.0, *numbers, 0.0)
    if not (high - low) / most:  # also for what is too small to be divided
        return Scale(0.0, 1.0, (0.0,))
    step = _step((high - low) / most, whole=all(float(number).is_integer() for number in numbers))
    first, last = math.ceil(low / step), math.floor(high / step)
    return Scale(low, high, tuple(number * step for number in range(first, last + 1)))


def ranks(values: Iterable[float | None], *, most: int = 4) -> Scale:
    """A scale of places in a ranking: 1 at the low end, the last place at the high one."""
    last = max(2.0, *known(values), 2.0)
    step = _step((last - 1) / most, whole=True)
    rounds = (number * step for number in range(1, math.floor(last / step) + 1))
    return Scale(1.0, last, (1.0, *(tick for tick in rounds if tick > 1)))


def _step(rough: float, *, whole: bool) -> float:
    """The smallest round number that is at least `rough`; a whole one if asked."""
    power = 10.0 ** math.floor(math.log10(rough))
    for step in STEPS:
        found = step * power
        if found >= rough * (1 - 1e-9) and (not whole or (found >= 1 and found.is_integer())):
            return found
    return max(1.0, 10 * power) if whole else 10 * power


def label_width(letters: int) -> float:
    """What a label of so many letters takes on an axis, in px."""
    return min(letters, LONGEST) * LETTER


def stride(count: int, longest: int, width: int) -> int:
    """Show each how-manieth of `count` labels, so that labels of `longest` letters fit in `width` px."""
    room = max(1, int(width // (label_width(longest) + SPACING)))
    for step in STRIDES:
        if math.ceil(count / step) <= room:
            return step
    return math.ceil(count / room)


def strides(count: int, longest: int, wide: int, narrow: int) -> tuple[int, int]:
    """Strides for a wide and a narrow drawing; the narrow one's labels are among those of the wide one."""
    step = stride(count, longest, wide)
    factor = math.ceil(stride(count, longest, narrow) / step)
    return step, step * max(1, factor)


def levels(values: Sequence[float | None], steps: int) -> list[int | None]:
    """A level of colour from 1 to `steps` for each value, 0 for zero or less, None for None.

    The top level starts below the largest of many values (at the 95th percentile from 40 non-zero values on), so that
    one wild day does not pale all the others.
    """
    numbers = sorted(value for value in known(values) if value > 0)
    if not numbers:
        return [None if value is None else 0 for value in values]
    top = numbers[-1] if len(numbers) < 40 else numbers[int(0.95 * (len(numbers) - 1))]
    found: list[int | None] = []
    for value in values:
        if value is None or not math.isfinite(value):
            found.append(None)
        else:
            found.append(0 if value <= 0 else max(1, min(steps, math.ceil(steps * value / top - 1e-9))))
    return found


def apart(wanted: Sequence[float], *, gap: float, low: float, high: float) -> list[float]:
    """Places for labels near the `wanted` ones, in the same order of height, at least `gap` apart.

    All lie from `low` to `high` as long as there is room; else they start at `low` and keep their gap.
    """
    order = sorted(range(len(wanted)), key=lambda index: (wanted[index], index))
    placed = [0.0] * len(wanted)
    floor = low
    for index in order:
        placed[index] = max(floor, wanted[index])
        floor = placed[index] + gap
    ceiling = high
    for index in reversed(order):
        placed[index] = min(placed[index], ceiling)
        ceiling = placed[index] - gap
    if order and placed[order[0]] < low:
        for place, index in enumerate(order):
            placed[index] = low + place * gap
    return placed
