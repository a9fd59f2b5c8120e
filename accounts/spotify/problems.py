"""What went wrong at signing in, said to a person: what happened, what is safe, what to do."""

from dataclasses import dataclass
from datetime import datetime

from allauth.account.utils import get_request_param
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts.models import SpotifyApp
from accounts.spotify.errors import (
    AppRefused,
    BreakerOpen,
    NotAllowlisted,
    OwnerNotPremium,
    QuotaBlocked,
    RateLimited,
    ReconnectNeeded,
    SpotifyError,
    Unreachable,
    Upstream,
)


@dataclass(frozen=True, slots=True)
class Problem:
    code: str  # stable, for tests and support
    title: str  # what happened
    safe: str
    todo: str
    status: int
    for_operator: str = ""  # shown to operators only
    again: bool = True  # offer the same button once more


def page(request: HttpRequest, problem: Problem, *, app: SpotifyApp | None = None) -> HttpResponse:
    context = {
        "problem": problem,
        "app": app if app is not None and app.pk else None,
        "process": "connect" if request.user.is_authenticated else get_request_param(request, "process", ""),
    }
    return render(request, "accounts/sign_in_problem.html", context, status=problem.status)


def _untouched() -> str:
    return _("Nothing was changed: your history and your account here are as they were.")


def _password() -> str:
    return _("With a password you can sign in meanwhile.")


def when(moment: datetime) -> str:
    """In the reader's zone, which is active during a request."""
    return date_format(timezone.localtime(moment), "j F, H:i (e)")


def explain(cause: SpotifyError | str, app: SpotifyApp | None, now: datetime) -> Problem:
    """The page for a refusal met between Spotify's consent page and ours."""
    if isinstance(cause, NotAllowlisted):
        return not_allowlisted(app)
    if isinstance(cause, OwnerNotPremium):
        return owner_not_premium()
    if isinstance(cause, AppRefused):
        return app_refused(cause.detail)
    if isinstance(cause, QuotaBlocked):
        return quota(cause.until, ours=cause.ours)
    if isinstance(cause, RateLimited | BreakerOpen):
        return busy()
    if isinstance(cause, Unreachable | Upstream):
        return unreachable()
    if isinstance(cause, ReconnectNeeded):
        return stale()
    return refused_by_spotify(cause if isinstance(cause, str) else cause.detail)


def blocked(app: SpotifyApp, now: datetime) -> Problem:
    if app.block_reason == "premium":
        return owner_not_premium()
    if app.block_reason == "refused":
        return app_refused("")
    return quota(app.blocked_until or now, ours=False)


def denied() -> Problem:
    return Problem(
        "denied",
        _("You did not allow the connection."),
        _untouched(),
        _("If that was a slip, start again. Without Spotify, everything works from your own export."),
        200,
    )


def stale() -> Problem:
    return Problem(
        "stale",
        _("This sign-in can't be used any more."),
        _("It was too old, used before, or began in another browser. Nothing was changed."),
        _("Start again from here, and stay in this browser until you are back."),
        400,
    )


def refused_by_spotify(detail: str) -> Problem:
    said = _("Spotify said: %(detail)s.") % {"detail": detail} if detail else ""
    return Problem(
        "refused",
        _("Spotify did not complete the sign-in."),
        _untouched(),
        " ".join(part for part in (said, _("Try again in a moment.")) if part),
        502,
    )


def not_allowlisted(app: SpotifyApp | None) -> Problem:
    name = app.name if app else "Spotify"
    return Problem(
        "not_allowlisted",
        _("Spotify doesn't let us read your account yet."),
        _("Your sign-in itself was right, and nothing was stored."),
        _(
            "This server's Spotify app is for invited listeners. Ask the operator to add the name and e-mail address "
            "of your Spotify account to its list; then try again. Or drop your export, which needs no list."
        ),
        403,
        for_operator=_(
            "developer.spotify.com → Dashboard → “%(app)s” → User management. At most five people per app; "
            "more need another client id, which you can add under Connections."
        )
        % {"app": name},
    )


def owner_not_premium() -> Problem:
    return Problem(
        "owner_not_premium",
        _("Spotify has put this server's app to sleep."),
        _untouched(),
        " ".join((_("Its owner needs Spotify Premium; the operator knows."), _password())),
        503,
        for_operator=_(
            "Renew Premium for the account that owns the app. It may take some hours until Spotify notices."
        ),
    )


def app_refused(detail: str) -> Problem:
    return Problem(
        "app_refused",
        _("Spotify doesn't recognise this server's app."),
        _untouched(),
        " ".join((_("The operator has to correct its settings, and has been told."), _password())),
        503,
        for_operator=_(
            "Check client id and client secret, and that the dashboard holds exactly the redirect address shown under "
            "Connections. Spotify said: %(detail)s"
        )
        % {"detail": detail or "invalid_client"},
    )


def quota(until: datetime, *, ours: bool) -> Problem:
    title = (
        _("This server has used up its Spotify calls for today.")
        if ours
        else _("Spotify allows this server no more calls for now.")
    )
    return Problem(
        "quota",
        title,
        _untouched(),
        " ".join((_("Signing in with Spotify works again after %(until)s.") % {"until": when(until)}, _password())),
        503,
        for_operator=_("Where the calls went is listed under Connections."),
        again=False,
    )


def busy() -> Problem:
    return Problem(
        "busy", _("Spotify asks us to slow down."), _untouched(), _("Wait half a minute, then try again."), 503
    )


def unreachable() -> Problem:
    return Problem(
        "unreachable",
        _("Spotify doesn't answer."),
        _untouched(),
        " ".join((_("Usually that passes within minutes; then try again."), _password())),
        503,
    )


def no_app(request: HttpRequest) -> Problem:
    if get_request_param(request, "app"):
        return Problem(
            "unknown_app",
            _("That Spotify app isn't one of yours."),
            _untouched(),
            _("Choose one of those offered."),
            404,
        )
    return Problem(
        "no_app",
        _("This server has no Spotify app yet."),
        _("Everything that does not need Spotify works: drop your export and look at your history."),
        _("The operator can add one, or you bring your own client id under Connections."),
        503,
        for_operator=_("Set SPOTIFY_CLIENT_ID and SPOTIFY_CLIENT_SECRET, or add an app under Connections."),
        again=False,
    )


def no_seat(app: SpotifyApp) -> Problem:
    return Problem(
        "no_seat",
        _("All seats of this Spotify app are taken."),
        _untouched(),
        _(
            "Spotify allows %(seats)d listeners for “%(app)s”. Ask the operator for another app, bring your own client "
            "id, or use Vibesite with your export alone."
        )
        % {"seats": app.seats, "app": app.name},
        409,
        again=False,
    )


def private_app() -> Problem:
    return Problem(
        "private_app",
        _("This Spotify app belongs to somebody else here."),
        _untouched(),
        _("Use the server's own app, or bring your own client id under Connections."),
        403,
        again=False,
    )


def belongs_to_another(name: str) -> Problem:
    return Problem(
        "belongs_to_another",
        _("The Spotify account %(name)s is connected to somebody else here.") % {"name": name or "…"},
        _("Nothing was changed, for you or for them."),
        _(
            "If both are you, sign out, sign in with that Spotify account and disconnect it there; then connect it "
            "here. To use another account, sign out at accounts.spotify.com first."
        ),
        409,
    )


def signed_out() -> Problem:
    return Problem(
        "signed_out",
        _("You were signed out on the way."),
        _untouched(),
        _("Sign in, then connect Spotify once more."),
        403,
        again=False,
    )
