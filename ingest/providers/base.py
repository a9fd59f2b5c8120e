"""What a provider is, and what it is asked about."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, ClassVar, Literal, Protocol

from django.db.models import Q

Kind = Literal["track", "artist"]
Values = dict[str, Any]  # as `ingest.facts` reads them


@dataclass(frozen=True, slots=True)
class Subject:
    """One track or artist as providers know it: by ids where there are some, else by names."""

    id: int
    name: str
    artist: str = ""  # the main one; empty for an artist
    album: str = ""
    spotify_id: str = ""
    isrc: str = ""
    musicbrainz_id: str = ""  # of the recording, or of the artist
    duration_s: int = 0


@dataclass(frozen=True, slots=True)
class Pace:
    """At most so many calls within so long."""

    calls: int
    each: timedelta


class Wire(Protocol):
    """One call, within pace and budget: `ingest.providers.wire.Wire`."""

    def get(self, url: str, **params: str | int) -> Any:
        """The JSON of the answer; None for 404. Raises ProviderError."""
        ...

    def post(self, url: str, body: Any) -> Any:
        """The same, with a JSON body."""
        ...

    def pay(self) -> None:
        """Pay for one call that another client makes. Raises NotYet."""
        ...


class Provider(ABC):
    """One source of facts; one that is never asked is `Told`."""

    name: ClassVar[str]  # in our tables
    label: ClassVar[str]  # for people
    sort: ClassVar[str] = "external_features"
    version: ClassVar[int] = 1  # raised when the same answer is read otherwise; then all is asked again
    fields: ClassVar[tuple[str, ...]] = ()
    confidence: ClassVar[float] = 0.8  # 0 to 1: how far its values are to be believed
    daily_calls: ClassVar[int] = 0  # 0: it costs nothing
    pace: ClassVar[Pace] = Pace(5, timedelta(seconds=1))
    is_on_by_itself: ClassVar[bool] = True  # what costs money waits for the operator
    batch: ClassVar[Mapping[Kind, int]] = {}  # subjects of one `ask`; a kind that is not here is never asked about
    ttl: ClassVar[timedelta] = timedelta(days=180)
    missing_ttl: ClassVar[timedelta] = timedelta(days=30)  # before what it does not know is asked again

    def why_off(self) -> str:
        """What is missing for it to work, in words; empty if nothing is."""
        return ""

    def askable(self, kind: Kind) -> Q:
        """Which subjects have what it needs, as a condition on Track or Artist."""
        return Q()

    @abstractmethod
    def ask(
        self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]
    ) -> Collection[int] | None:
        """Ask about `subjects`, at most a batch, and hand each one's values to `keep` as they come; {} for nothing.

        When it returns, subjects that were not kept are not known to it, but for those whose ids it returns: they got
        no answer, and are asked again. When it raises ProviderError, what was kept before stands, and the others were
        not asked.
        """


class Told(Provider):
    """A source that somebody brings, and that cannot be asked."""

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> None:
        """Nobody answers."""
