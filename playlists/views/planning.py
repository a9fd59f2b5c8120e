"""From a page to the plan of a sync, or back to the page with the reason why there is none."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.translation import gettext as _

from accounts.access import PersonRequest
from accounts.spotify.errors import Later, NotFound, NotReadable, ReconnectNeeded, ScopeMissing, SpotifyError
from playlists.actions import sync
from playlists.models import SyncRun


def to_run(request: PersonRequest, plan: Callable[[], SyncRun]) -> HttpResponse | None:
    """The way to the run that `plan` makes; None, and a message that says what to do, if it makes none."""
    try:
        return redirect("playlists:run", plan().pk)
    except sync.NotConnected as exc:
        messages.error(request, _with_link(str(exc)))
    except sync.Refused as exc:
        messages.error(request, str(exc))
    except (ReconnectNeeded, ScopeMissing):
        messages.error(request, _with_link(_("Spotify asks you to connect again, with the right to change playlists.")))
    except (NotReadable, NotFound):
        messages.error(
            request, _("The playlist is gone at Spotify, or no longer yours to change. Nothing was changed.")
        )
    except SpotifyError as exc:
        messages.error(request, _unread(exc))
    return None


def _with_link(words: str) -> str:
    return format_html('{} <a href="{}">{}</a>', words, reverse("accounts:connections"), _("Connect Spotify"))


def _unread(exc: SpotifyError) -> str:
    until = exc.until if isinstance(exc, Later) else None
    if until is None:
        return _("Spotify could not be read just now. Nothing was changed; try again later.")
    at = date_format(timezone.localtime(until), "SHORT_DATETIME_FORMAT")
    return _("Spotify takes no calls until %(at)s. Nothing was changed; try again then.") % {"at": at}
