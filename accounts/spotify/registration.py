"""Which Spotify app (client id) serves whom: the server's own from the settings, more from operators, one's own."""

from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import requeue
from accounts.models import SpotifyApp, User
from accounts.spotify import crypto


def from_settings() -> SpotifyApp | None:
    """The app of `SPOTIFY_CLIENT_ID`, made on first need and kept equal to the settings; None without one."""
    client_id = settings.SPOTIFY_CLIENT_ID
    if not client_id:
        return None
    budget = {
        "daily_calls": settings.SPOTIFY_DAILY_CALLS,
        "interactive_reserve": min(settings.SPOTIFY_INTERACTIVE_RESERVE, settings.SPOTIFY_DAILY_CALLS // 5),
    }
    app, created = SpotifyApp.objects.get_or_create(
        client_id=client_id,
        defaults={
            "name": _("Sandbox") if settings.SPOTIFY_SANDBOX else _("This server's app"),
            "client_secret_encrypted": crypto.encrypt(settings.SPOTIFY_CLIENT_SECRET),
            "quota_group": client_id,
            "from_environment": True,
            **budget,
        },
    )
    if not created:
        _follow(app, budget)
    return app


def _follow(app: SpotifyApp, budget: dict[str, int]) -> None:
    changed = [name for name, value in budget.items() if getattr(app, name) != value]
    for name in changed:
        setattr(app, name, budget[name])
    try:
        same_secret = app.client_secret == settings.SPOTIFY_CLIENT_SECRET
    except crypto.Unreadable:
        same_secret = False
    if not same_secret:
        app.client_secret = settings.SPOTIFY_CLIENT_SECRET
        changed.append("client_secret_encrypted")
        if app.block_reason == "refused":
            app.blocked_until, app.block_reason = None, ""
            changed += ["blocked_until", "block_reason"]
    if not app.from_environment:
        app.from_environment = True
        changed.append("from_environment")
    if changed:
        app.save(update_fields=changed)
    if "blocked_until" in changed:
        requeue.release(app=app, now=timezone.now())


def for_login(
    *, user: User | AnonymousUser | None, wanted: str, remembered: int | None, now: datetime
) -> SpotifyApp | None:
    """The app to sign in or connect through; None if there is none, or the wanted one is not theirs to use.

    In this order: the one asked for; a person's own; the one this browser used last (a person keeps their seat); a
    shared one with a free seat and no block; any shared one, for those who have their seat already.
    """
    from_settings()
    usable = SpotifyApp.objects.usable()
    known = user if isinstance(user, User) else None
    if wanted:
        # Anybody may sign in again through a private app; only its owner may connect (see the adapter).
        visible = usable.visible_to(known) if known else usable
        return visible.filter(pk=int(wanted)).first() if wanted.isdecimal() and len(wanted) < 19 else None
    if known and (own := usable.filter(owner=known).first()):
        return own
    shared = usable.shared().order_by("-from_environment", "pk")
    if remembered is not None and (last := usable.filter(pk=remembered).first()):
        return last
    free = shared.with_free_seat().not_blocked(now)
    return free.first() or shared.not_blocked(now).first() or shared.first()
