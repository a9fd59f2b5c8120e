"""A person's own words out of an export of ours, taken over where they said nothing else here. Safe to repeat."""

from collections.abc import Sequence

from accounts.models import User
from ingest.actions import label, naming
from ingest.actions.import_choices import name_of
from ingest.importers.own_words import Word

_AT_ONCE = 5_000  # words of one transaction


def apply(*, user: User, words: Sequence[Word]) -> None:
    """Tracks that are not known here become known, as those of choices do."""
    for start in range(0, len(words), _AT_ONCE):
        part = words[start : start + _AT_ONCE]
        names = list(dict.fromkeys(map(name_of, part)))
        tracks = dict(zip(names, naming.tracks(names), strict=True))
        label.take_over(
            user=user, told=[(tracks[name_of(word)], word.field, word.value, word.said_at) for word in part]
        )
