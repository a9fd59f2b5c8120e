"""What a person's tracks hold of a field: of how many it is known, and examples. For builders and programs."""

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
from numpy.typing import NDArray

from playlists.rules import fields, literals
from playlists.rules.table import EPOCH, Coded, Column, Days, Flags, Numbers, Table, Tags

EXAMPLES = 8


@dataclass(frozen=True, slots=True)
class Known:
    """`examples` as a value is typed: the most frequent texts, or the least and the greatest number or date."""

    tracks: int = 0
    of: int = 0
    examples: tuple[str, ...] = ()

    @property
    def share(self) -> float:
        return self.tracks / self.of if self.of else 0.0


def of_field(table: Table, name: str) -> Known:
    """Takes one pass over the tracks, and makes the column if no rule asked for it yet."""
    column = table.column(name)
    if column is None:
        return Known(of=table.size)
    told = [each for each in _examples(column, fields.type_of(name)) if "\n" not in each]
    return Known(int(np.count_nonzero(column.known)), table.size, tuple(told))


def _examples(column: Column, type_: fields.Type | None) -> list[str]:
    if isinstance(column, Coded):
        return [str(each) for each in column.few(_frequent(column.codes[column.known]))]
    if isinstance(column, Tags):
        return [column.values[code] for code in _frequent(column.codes)]
    if isinstance(column, Flags):
        return [word for value, word in ((1, "yes"), (0, "no")) if (column.values == value).any()]
    if not column.known.any():
        return []
    if isinstance(column, Numbers):
        ends = column.values[column.known].min(), column.values[column.known].max()
        return [
            literals.write(round(end) if type_ == "duration" else _short(end), type_) for end in dict.fromkeys(ends)
        ]
    assert isinstance(column, Days)
    days = column.values[column.known].min(), column.values[column.known].max()
    return [(EPOCH + timedelta(days=int(end))).isoformat() for end in dict.fromkeys(days)]


def _short(number: float) -> int | float:
    return int(number) if number.is_integer() else float(number)


def _frequent(codes: NDArray[np.int32]) -> list[int]:
    """The most frequent; of equally frequent ones those met first."""
    counts = np.bincount(codes)
    best = np.argsort(-counts, kind="stable")[:EXAMPLES]
    return [code for code in best.tolist() if counts[code]]
