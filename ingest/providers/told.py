"""Sources that are never asked, because somebody brings them: tables of features, and words of the operators."""

from ingest.facts import MANUAL, NUMBERS
from ingest.providers.base import Told


class Table(Told):
    """A CSV with Spotify's own numbers, from the time when it gave them; see `ingest.actions.features_csv`."""

    name = "csv"
    label = "CSV"
    fields = NUMBERS
    confidence = 0.95


class Manual(Told):
    """What operators say, for everybody. A person's own word is an `OwnFact`."""

    name = MANUAL
    label = "By hand"
    sort = "manual"
    fields = (*NUMBERS, "genres", "moods", "tags")
    confidence = 1.0
