"""What is known of the music itself: what each provider said, and what of it is accepted.

Shared by all people, and holds nothing personal, but for `OwnFact`: a person's own word, which comes last, for them
alone.
A subject is a track or an artist, so the rows about either have two columns of which one is set.
"""

from typing import Self

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.models import Job, User
from ingest.models.catalogue import Artist, Track


def _one_subject(name: str) -> models.CheckConstraint:
    return models.CheckConstraint(
        condition=Q(track__isnull=False, artist=None) | Q(track=None, artist__isnull=False), name=name
    )


class Finding(models.Model):
    """What one provider said about one subject when it was last asked; empty `values`: it knows nothing of it.

    `values` are as `ingest.findings` reads them: features by name, "tags" as {name: weight}, "listeners", …
    """

    track = models.ForeignKey(Track, null=True, on_delete=models.CASCADE, db_index=False, related_name="findings")
    artist = models.ForeignKey(Artist, null=True, on_delete=models.CASCADE, db_index=False, related_name="findings")
    provider = models.CharField(max_length=16)
    version = models.PositiveSmallIntegerField(default=1)
    values = models.JSONField(default=dict)
    confidence = models.FloatField(default=1.0)  # 0 to 1
    fetched_at = models.DateTimeField()
    again_at = models.DateTimeField(null=True)  # not asked again before; None: never

    class Meta:
        constraints = [
            _one_subject("a_finding_has_one_subject"),
            models.UniqueConstraint(fields=["track", "provider"], name="one_finding_per_track_and_provider"),
            models.UniqueConstraint(fields=["artist", "provider"], name="one_finding_per_artist_and_provider"),
        ]
        indexes = [models.Index(fields=["provider", "again_at"])]

    def __str__(self) -> str:
        return f"{self.provider} on {f'track {self.track_id}' if self.track_id else f'artist {self.artist_id}'}"


class Wanted(models.Model):
    """One subject that somebody heard or keeps, and so is worth asking providers about.

    `rank` is its place among somebody's most heard, or in their likes and lists, the best of all people: in that order
    everybody's first favourites come before anybody's hundredth. Whose it is is not kept.
    """

    track = models.OneToOneField(Track, null=True, on_delete=models.CASCADE, related_name="+")
    artist = models.OneToOneField(Artist, null=True, on_delete=models.CASCADE, related_name="+")
    rank = models.PositiveIntegerField(db_index=True)

    class Meta:
        constraints = [_one_subject("one_subject_is_wanted")]

    def __str__(self) -> str:
        return f"{f'track {self.track_id}' if self.track_id else f'artist {self.artist_id}'} at {self.rank}"


class WantedState(models.Model):
    """Up to which version of one person's plays `Wanted` knows them."""

    user = models.OneToOneField(User, primary_key=True, on_delete=models.CASCADE, related_name="+")
    version = models.PositiveBigIntegerField()

    def __str__(self) -> str:
        return f"{self.user_id} at {self.version}"


class AudioFeatures(models.Model):
    """How a track sounds, accepted: 0 to 1, or the unit in the name. `sources` names the provider of each value."""

    track = models.OneToOneField(Track, primary_key=True, on_delete=models.CASCADE, related_name="audio_features")
    valence = models.FloatField(null=True)
    energy = models.FloatField(null=True)
    danceability = models.FloatField(null=True)
    acousticness = models.FloatField(null=True)
    instrumentalness = models.FloatField(null=True)
    speechiness = models.FloatField(null=True)
    liveness = models.FloatField(null=True)
    tempo_bpm = models.FloatField(null=True)
    loudness_db = models.FloatField(null=True)
    key = models.PositiveSmallIntegerField(null=True)  # 0 is C, 1 is C♯, … 11 is B
    mode = models.PositiveSmallIntegerField(null=True)  # 0 minor, 1 major
    sources = models.JSONField(default=dict)

    def __str__(self) -> str:
        return f"features of {self.track_id}"


class Tag(models.Model):
    """One word for music; a genre is a kind of tag. `name` is lower case."""

    class Kind(models.IntegerChoices):
        TAG = 0, _("Tag")
        GENRE = 1, _("Genre")
        MOOD = 2, _("Mood")

    kind = models.PositiveSmallIntegerField(choices=Kind.choices)
    name = models.CharField(max_length=80)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "kind"], name="one_tag_per_name_and_kind")]

    def __str__(self) -> str:
        return self.name


class TrackTag(models.Model):
    """An accepted tag of a track, its weight from 0 to 1, and the provider that gave it the most."""

    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="on_tracks")
    weight = models.FloatField()
    source = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["track", "tag"], name="one_weight_per_track_and_tag")]

    def __str__(self) -> str:
        return f"{self.track_id}: {self.tag_id}"


class ArtistTag(models.Model):
    """An accepted tag of an artist: stands in for tracks that have no genre of their own."""

    artist = models.ForeignKey(Artist, on_delete=models.CASCADE, db_index=False, related_name="tags")
    tag = models.ForeignKey(Tag, on_delete=models.PROTECT, related_name="on_artists")
    weight = models.FloatField()
    source = models.CharField(max_length=16)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["artist", "tag"], name="one_weight_per_artist_and_tag")]

    def __str__(self) -> str:
        return f"{self.artist_id}: {self.tag_id}"


class ListenerCount(models.Model):
    """How widely a track or an artist is known: people who heard it at a provider, and popularity from 0 to 100."""

    track = models.OneToOneField(Track, null=True, on_delete=models.CASCADE, related_name="listener_count")
    artist = models.OneToOneField(Artist, null=True, on_delete=models.CASCADE, related_name="listener_count")
    listeners = models.PositiveBigIntegerField(null=True)
    popularity = models.PositiveSmallIntegerField(null=True)
    sources = models.JSONField(default=dict)  # the provider of each

    class Meta:
        constraints = [_one_subject("one_subject_is_counted")]

    def __str__(self) -> str:
        return f"{self.listeners} listeners"


class LyricsFacts(models.Model):
    """What a track's words are like; the text itself is never kept."""

    track = models.OneToOneField(Track, primary_key=True, on_delete=models.CASCADE, related_name="lyrics_facts")
    language = models.CharField(max_length=8, blank=True)  # ISO 639-1; empty: not told apart, or no words
    words = models.PositiveIntegerField(default=0)  # 0: instrumental
    themes = models.JSONField(default=list)  # of `ingest.lyrics.THEMES`, the strongest first
    explicit_words = models.PositiveIntegerField(default=0)
    source = models.CharField(max_length=16)

    def __str__(self) -> str:
        return f"words of {self.track_id}"


class OwnFactQuerySet(models.QuerySet["OwnFact"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)


class OwnFact(models.Model):
    """One person's own word on one field of a track; it beats every provider, for them alone.

    `ingest.own` says which fields there are, and what is a value of each; any other name is a label of the person's.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="own_facts")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=40)
    value = models.JSONField()
    made_at = models.DateTimeField()

    objects = OwnFactQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "track", "field"], name="one_own_fact_per_field")]

    def __str__(self) -> str:
        return f"{self.user_id} on {self.track_id}: {self.field}"


class BroughtTrackQuerySet(models.QuerySet["BroughtTrack"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)


class BroughtTrack(models.Model):
    """What a person's own export of another server told of one track. It holds for them alone, where nobody here knows.

    `values` are as `ingest.importers.own_tracks` tells them. `counts_under` is the track that this one counts together
    with, itself if it counts alone; None: what this server thinks of it is the same.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, db_index=False, related_name="+")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, db_index=False, related_name="+")
    counts_under = models.ForeignKey(Track, null=True, on_delete=models.CASCADE, db_index=False, related_name="+")
    values = models.JSONField(default=dict)

    objects = BroughtTrackQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "track"], name="one_brought_word_per_track")]

    def __str__(self) -> str:
        return f"{self.user_id} brought {self.track_id}"


class FactActQuerySet(models.QuerySet["FactAct"]):
    def of(self, user: User) -> Self:
        return self.filter(user=user)

    def standing(self) -> Self:
        return self.filter(undone_at=None)


class FactAct(models.Model):
    """One thing that a person said of many tracks at once, or (`value` None) took back; it can be undone as one.

    Of very many it is written, or undone, by a `job`; then `wanted` are all their ids, as bytes of little-endian int32.
    """

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    field = models.CharField(max_length=40)
    value = models.JSONField(null=True)
    tracks = models.PositiveIntegerField()
    made_at = models.DateTimeField()
    undone_at = models.DateTimeField(null=True)
    job = models.ForeignKey(Job, null=True, on_delete=models.SET_NULL, related_name="+")
    wanted = models.BinaryField(null=True)

    objects = FactActQuerySet.as_manager()

    class Meta:
        indexes = [models.Index(fields=["user", "made_at"])]

    def __str__(self) -> str:
        return f"{self.user_id}: {self.field} of {self.tracks}"


class FactChange(models.Model):
    """What a person's word on one track was before an act; None: they had said nothing."""

    act = models.ForeignKey(FactAct, on_delete=models.CASCADE, related_name="changes")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+")
    before = models.JSONField(null=True)

    def __str__(self) -> str:
        return f"{self.act_id}: {self.track_id}"


class Asking(models.Model):
    """One person's wish that one provider be asked about tracks that they chose; the job tells how far it is."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    provider = models.CharField(max_length=16)
    job = models.ForeignKey(Job, null=True, on_delete=models.CASCADE, related_name="+")
    again = models.BooleanField(default=False)  # also about what it was asked before
    wanted = models.BinaryField(null=True)  # ids of tracks that are not in line yet, as little-endian int32
    total = models.PositiveIntegerField(default=0)  # tracks, of those that are or were in line
    answered = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)  # of which something is known
    turn = models.PositiveBigIntegerField(default=0)  # when it was last asked: the higher, the later
    made_at = models.DateTimeField()
    answered_at = models.DateTimeField()  # when the job last saw it get on

    class Meta:
        indexes = [models.Index(fields=["provider", "user"])]

    def __str__(self) -> str:
        return f"{self.user_id} asks {self.provider}"


class AskedTrack(models.Model):
    """One track in line: gone when it is answered."""

    asking = models.ForeignKey(Asking, on_delete=models.CASCADE, db_index=False, related_name="tracks")
    track = models.ForeignKey(Track, on_delete=models.CASCADE, related_name="+")
    tries = models.PositiveSmallIntegerField(default=0)  # handed out and not answered yet

    class Meta:
        constraints = [models.UniqueConstraint(fields=["asking", "track"], name="asked_once_in_a_question")]
        indexes = [models.Index(fields=["asking", "tries", "id"], name="asked_tracks_in_line")]

    def __str__(self) -> str:
        return f"{self.asking_id}: {self.track_id}"


class ProviderState(models.Model):
    """How one provider fares: switched on or off, when it may be asked next, and what it last failed with."""

    provider = models.CharField(max_length=16, primary_key=True)
    is_on = models.BooleanField(_("on"), null=True, blank=True)  # None: as the settings say
    daily_calls = models.PositiveIntegerField(_("calls a day"), null=True, blank=True)  # None: the provider's usual
    next_at = models.DateTimeField(null=True, blank=True)  # asked to wait, or the day's budget is spent
    why = models.CharField(max_length=200, blank=True)  # of `next_at`
    window_at = models.DateTimeField(null=True, blank=True)  # when the present pace window began
    window_calls = models.PositiveSmallIntegerField(default=0)
    running_until = models.DateTimeField(null=True, blank=True)  # one worker at a time asks
    failures = models.PositiveSmallIntegerField(default=0)  # in a row
    last_error = models.CharField(max_length=200, blank=True)
    last_error_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return self.provider


class ProviderDay(models.Model):
    """What one provider was asked on one UTC day."""

    provider = models.CharField(max_length=16)
    day = models.DateField()
    calls = models.PositiveIntegerField(default=0)
    failures = models.PositiveIntegerField(default=0)
    found = models.PositiveIntegerField(default=0)  # subjects
    missing = models.PositiveIntegerField(default=0)  # subjects it does not know

    class Meta:
        constraints = [models.UniqueConstraint(fields=["provider", "day"], name="one_row_per_provider_and_day")]

    def __str__(self) -> str:
        return f"{self.provider} on {self.day}: {self.calls}"
