"""A language model as a classifier: genres, moods and year of tracks, by their titles and artists. Off by default.

Any server that speaks OpenAI's chat protocol (`OPENAI_BASE_URL`, `OPENAI_MODEL`). It is told titles and artists, by
numbers of their own; nothing of who hears them. Its word is a guess, counts for less than anybody else's, and is marked
wherever it shows. What it answers is believed only where it fits: `ingest/providers/llm_answer.py`.
"""

from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import openai
from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from accounts.spotify.wire import seconds_of
from ingest.facts import LLM
from ingest.models import ArtistTag, Tag, Track
from ingest.providers import llm_answer
from ingest.providers.base import Kind, Pace, Provider, Subject, Values, Wire
from ingest.providers.errors import Busy, Down, Refused

MOST_CALLS = 6  # of one batch: what comes back broken is asked in halves, a few times
TIMEOUT_S = 60.0
_TOKENS = (200, 90)  # of an answer: at least, and for each track


class LanguageModel(Provider):
    name = LLM
    label = "Language model"
    sort = "llm"
    fields = ("genres", "moods", "year")
    confidence = 0.3
    daily_calls = 100
    pace = Pace(20, timedelta(minutes=1))
    is_on_by_itself = False
    batch = {"track": 20}
    ttl = timedelta(days=365)
    missing_ttl = timedelta(days=90)

    def why_off(self) -> str:
        if not settings.OPENAI_MODEL:
            return "OPENAI_MODEL"
        return "" if settings.OPENAI_API_KEY or settings.OPENAI_BASE_URL else "OPENAI_API_KEY"

    def askable(self, kind: Kind) -> Q:
        return Q(artist__isnull=False, kind=Track.Kind.MUSIC)

    def ask(self, kind: Kind, subjects: Sequence[Subject], wire: Wire, keep: Callable[[int, Values], None]) -> set[int]:
        labelled = _with_genres(subjects)
        unread: set[int] = set()
        calls = MOST_CALLS
        waiting = [list(subjects)]
        with _client() as client:
            while waiting:
                part = waiting.pop()
                if not calls:
                    raise Down("answers that cannot be read")
                calls -= 1
                wire.pay()
                told = llm_answer.read(_said(client, part), len(part))
                if told is None:
                    middle = len(part) // 2
                    waiting += [part[middle:], part[:middle]] if middle else []
                    unread |= set() if middle else {part[0].id}
                    continue
                for number, subject in enumerate(part, start=1):
                    values = told.get(number, {})
                    if subject.id in labelled:
                        values.pop("genres", None)
                    keep(subject.id, values | {"model": settings.OPENAI_MODEL} if values else {})
        if len(unread) == len(subjects):
            raise Down("answers that cannot be read")
        return unread


def _with_genres(subjects: Sequence[Subject]) -> set[int]:
    """Tracks whose artist has genres that somebody knows: those are surer than a guess of the track's own."""
    known = ArtistTag.objects.filter(artist=OuterRef("artist"), tag__kind=Tag.Kind.GENRE)
    rows = Track.objects.filter(Exists(known), pk__in=[subject.id for subject in subjects])
    return set(rows.values_list("pk", flat=True))


def _client() -> openai.OpenAI:
    return openai.OpenAI(
        api_key=settings.OPENAI_API_KEY or "none",  # servers of one's own want none
        base_url=settings.OPENAI_BASE_URL or None,
        max_retries=0,  # the turn decides when to try again; nothing sleeps in a worker
        timeout=TIMEOUT_S,
        http_client=openai.DefaultHttpxClient(trust_env=False, follow_redirects=False),
    )


def _said(client: openai.OpenAI, subjects: Sequence[Subject]) -> str:
    """The text of one answer; empty for one that was refused, cut off or left out. Raises ProviderError."""
    asked: Any = llm_answer.question([(subject.name, subject.artist) for subject in subjects])
    try:
        answer = client.chat.completions.create(
            model=settings.OPENAI_MODEL, max_completion_tokens=_TOKENS[0] + _TOKENS[1] * len(subjects), **asked
        )
        choice = answer.choices[0]
        return choice.message.content or "" if choice.finish_reason == "stop" else ""
    except openai.RateLimitError as exc:
        wish = seconds_of(exc.response.headers.get("Retry-After", ""), timezone.now())
        raise Busy(wish, "429 from the model") from exc
    except (openai.APIConnectionError, openai.InternalServerError) as exc:
        raise Down(f"the model does not answer ({type(exc).__name__})") from exc
    except openai.APIStatusError as exc:
        raise Refused(f"{exc.status_code} from the model: {exc.message[:120]}") from exc
    except (openai.OpenAIError, ValueError, TypeError, IndexError, AttributeError) as exc:
        raise Down(f"an answer of the model that is none ({type(exc).__name__})") from exc
