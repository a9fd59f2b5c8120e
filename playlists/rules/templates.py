"""Ready rules, so that nobody has to begin with a blank page. Names and descriptions are marked for translation."""

from dataclasses import dataclass
from functools import cached_property

from playlists.rules import fields, text
from playlists.rules.fields import gettext_noop
from playlists.rules.nodes import Query, conditions

_ = gettext_noop


@dataclass(frozen=True)
class Template:
    """One ready rule, as a typed query. `key` is its word in addresses."""

    key: str
    name: str
    description: str
    source: str

    @cached_property
    def query(self) -> Query:
        return text.parse(self.source).query

    @cached_property
    def needs(self) -> list[str]:
        """Fields that plays alone do not tell: without a provider or Spotify the rule finds little."""
        names = {fields.canonical(asked.field) for _path, asked in conditions(self.query.where)}
        told = [fields.find(name) for name in sorted(names)]
        return [field.name for field in told if field and not field.from_plays]


TEMPLATES = (
    Template(
        "forgotten-favourites",
        _("Forgotten favourites"),
        _("Played at least ten times, and not once in the last year."),
        "plays:10.. last_heard<-1y | limit 50 by -plays | order random | apart artist 3",
    ),
    Template(
        "on-repeat",
        _("On repeat"),
        _("What you cannot stop playing this month."),
        "plays_30d:4.. | limit 30 by -plays_30d",
    ),
    Template(
        "fresh-finds",
        _("Fresh finds"),
        _("Heard for the first time in the last month, and come back to."),
        "first_heard:30d plays:3.. skip_rate:..0.3 | order -plays | apart artist 2",
    ),
    Template(
        "old-loves",
        _("Old loves"),
        _("Known for three years and more, much played, and quiet of late."),
        "first_heard<-3y plays:15.. plays_365d:..2 | limit 60 by -plays | order random | apart artist 4",
    ),
    Template(
        "never-skipped",
        _("Never skipped"),
        _("Always heard to the end: the safe choice."),
        "plays:5.. skip_rate:..0.02 | limit 100 by -plays | order random | apart artist 5",
    ),
    Template(
        "second-chance",
        _("Second chance"),
        _("Often skipped, long ago. Perhaps it was only the wrong day."),
        "skip_rate:0.5.. last_heard<-6m | limit 30 by random",
    ),
    Template(
        "nineties",
        _("The nineties"),
        _("Your music from albums of 1990 to 1999."),
        "year:1990..1999 plays:1.. | limit 100 by -plays | order random | apart artist 4",
    ),
    Template(
        "this-year",
        _("New this year"),
        _("From albums that came out in the last twelve months."),
        "released:365d | order -released, title",
    ),
    Template(
        "long-player",
        _("The long ones"),
        _("Seven minutes and more, for when there is time."),
        "duration:7:00.. plays:1.. | limit 180 minutes by -plays | apart artist 2",
    ),
    Template(
        "short-and-sharp",
        _("Short and sharp"),
        _("Under two and a half minutes each."),
        "duration:..2:30 plays:2.. | limit 45 minutes by random | apart artist 3",
    ),
    Template(
        "liked-not-heard",
        _("Liked, not heard"),
        _("In your likes, but hardly ever played here."),
        "liked:yes plays:..1 | order -added",
    ),
    Template(
        "added-lately",
        _("Added lately"),
        _("What came into your library in the last month."),
        "added:30d | order -added",
    ),
    Template(
        "calm-evening",
        _("Calm evening"),
        _("Quiet, acoustic, no hurry."),
        "energy:..0.4 acousticness:0.5.. -explicit:yes | limit 90 minutes by random | apart artist 4",
    ),
    Template(
        "morning-run",
        _("Morning run"),
        _("An hour at 150 to 180 beats a minute."),
        "tempo_bpm:150..180 energy:0.7.. | limit 60 minutes by random | order tempo_bpm",
    ),
    Template(
        "deep-focus",
        _("Deep focus"),
        _("Two hours with hardly a voice."),
        "instrumentalness:0.6.. speechiness:..0.3 energy:..0.7 | limit 120 minutes by random | apart artist 3",
    ),
    Template(
        "dance-party",
        _("Dance party"),
        _("Made for dancing, and for mixed company."),
        "danceability:0.7.. energy:0.6.. -explicit:yes | limit 120 minutes by random | apart artist 6",
    ),
    Template(
        "hidden-gems",
        _("Hidden gems"),
        _("Favourites of yours that few others know."),
        "plays:5.. (popularity:..25 , listeners:..50000) | limit 50 by -plays | apart artist 2",
    ),
)
BY_KEY = {each.key: each for each in TEMPLATES}
