"""Which providers there are, and whether each is on."""

from django.conf import settings

from ingest.models import ProviderState
from ingest.providers.base import Provider
from ingest.providers.estimate import Estimate
from ingest.providers.lastfm import LastFm
from ingest.providers.listenbrainz import ListenBrainz
from ingest.providers.llm import LanguageModel
from ingest.providers.lrclib import LrcLib
from ingest.providers.musicbrainz import MusicBrainz
from ingest.providers.reccobeats import ReccoBeats
from ingest.providers.told import Manual, Table

PROVIDERS: tuple[Provider, ...] = (
    ReccoBeats(),
    LastFm(),
    MusicBrainz(),
    ListenBrainz(),
    LrcLib(),
    Estimate(),
    LanguageModel(),
    Table(),
    Manual(),
)
BY_NAME = {provider.name: provider for provider in PROVIDERS}


def ensure_states() -> None:
    """A row for each provider, where there is none yet."""
    missing = BY_NAME.keys() - set(ProviderState.objects.values_list("provider", flat=True))
    rows = [ProviderState(provider=name) for name in sorted(missing)]
    ProviderState.objects.bulk_create(rows, ignore_conflicts=True)


def label(name: str) -> str:
    """What people call it; the bare name of one that is no more."""
    return BY_NAME[name].label if name in BY_NAME else name


def is_on(provider: Provider, state: ProviderState | None) -> bool:
    """Whether it is asked: it has what it needs, and nobody switched it off."""
    by_itself = provider.is_on_by_itself and provider.name not in settings.PROVIDERS_OFF
    wanted = state.is_on if state is not None and state.is_on is not None else by_itself
    return bool(provider.batch) and wanted and not provider.why_off()
