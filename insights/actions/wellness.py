"""The wellness page's insight: a stored snapshot, the one before it, and what the templates make of them."""

from dataclasses import dataclass

from accounts.models import User
from insights.actions import snapshot_reading
from insights.analysis import wellness
from insights.analysis.wellness import Picture
from insights.models import ListeningSnapshot
from insights.narrative import wellness as narrative
from insights.narrative.wellness import Sentence


@dataclass(frozen=True, slots=True)
class Told:
    """One snapshot and its sentences; none where there is too little to speak of."""

    snapshot: ListeningSnapshot
    then: ListeningSnapshot | None  # what changes are measured against
    sentences: list[Sentence]


def latest(*, user: User, kind: str, tone: str) -> Told | None:
    """The newest snapshot of this range, told in this tone; None while there is none."""
    now = ListeningSnapshot.objects.of(user).filter(range=kind).order_by("-on").first()
    if now is None:
        return None
    then = snapshot_reading.before(now, now.first)  # so that the two stretches share no more than a day
    found = wellness.findings(picture(now), picture(then) if then else None)
    return Told(now, then, narrative.write(found, tone))


def picture(snapshot: ListeningSnapshot) -> Picture:
    """A stored snapshot as the pure core takes it."""
    moods, features, coverage = (snapshot.part(name) for name in ("moods", "features", "coverage"))
    energy, valence = (features.get(name, {}) for name in ("energy", "valence"))
    return Picture(
        plays=snapshot.plays,
        ms=snapshot.ms,
        days=snapshot.days,
        length=(snapshot.on - snapshot.first).days + 1,
        tracks=snapshot.tracks,
        artists=snapshot.artists,
        hours={name: part["share"] or 0 for name, part in snapshot.hours.items()},
        moods={name: share for name, share in moods.items() if not name.endswith("_plays") and share is not None},
        known_plays=moods.get("known_plays", 0),
        known_tracks=coverage.get("feature_tracks", 0),
        energy=energy.get("mean"),
        energy_spread=energy.get("spread"),
        valence=valence.get("mean"),
        repeats=snapshot.part("diversity").get("repeats"),
    )
