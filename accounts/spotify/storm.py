"""Is a dead token one person's, or is Spotify having a bad day?

Spotify once answered `invalid_grant` for everybody, falsely. So where more than half of an app's accounts, and more
than worked, die within minutes, nothing is wiped: the app pauses, its keeper is told, and one account at a time is
tried, first those that have not failed. Once one works, the storm is over: those that failed are tried once more, and
who fails then is dead. A consent near its six months dies rightly and is no sign of a storm.
"""

from datetime import datetime, timedelta

from django.db.models import F, QuerySet
from django.utils.translation import gettext as _

from accounts import requeue
from accounts.models import SpotifyApp, SpotifyConnection
from accounts.spotify import troubles

WINDOW = timedelta(minutes=10)
PAUSE = timedelta(minutes=30)  # before one account is tried again
LONGEST = timedelta(hours=24)  # after that the tokens are believed to be dead
AT_LEAST = 2  # failures
NEAR_THE_END = timedelta(days=2)
State = SpotifyConnection.State


def grant_failed(*, connection: SpotifyConnection, detail: str, now: datetime) -> None:
    """Spotify said `invalid_grant` for this connection. Ends the consent, or declares a storm."""
    app = SpotifyApp.objects.get(pk=connection.app_id)
    reason = "revoked" if "revoked" in detail.lower() else "expired"
    if now >= connection.consent_ends_at - NEAR_THE_END:
        troubles.ended(connection=connection, reason="six_months", now=now)
    elif app.storm_since:
        _keep(SpotifyConnection.objects.filter(pk=connection.pk), now)
        _pause(app, now)
    elif connection.grant_failed_at or app.connections.exclude(refresh_token_encrypted="").count() < AT_LEAST:
        troubles.ended(connection=connection, reason=reason, now=now)
    else:
        # The token stays sealed and unused until `settle` knows that this was no storm.
        troubles.ended(connection=connection, reason=reason, now=now, keep_tokens=True)
        _look(app, now)


def _look(app: SpotifyApp, now: datetime) -> None:
    since = now - WINDOW
    failed = app.connections.filter(grant_failed_at__gt=since).exclude(refresh_token_encrypted="")
    worked = app.connections.filter(refreshed_at__gt=since, grant_failed_at=None).count()
    count = failed.count()
    all_of_it = app.connections.exclude(refresh_token_encrypted="").count()
    if count >= AT_LEAST and count > worked and 2 * count > all_of_it:
        SpotifyApp.objects.filter(pk=app.pk).update(storm_since=now)
        _keep(failed, now)
        _pause(app, now)


def _keep(connections: QuerySet[SpotifyConnection], now: datetime) -> None:
    ids = list(connections.values_list("pk", flat=True))
    SpotifyConnection.objects.filter(pk__in=ids).update(
        state=State.APP_BLOCKED, state_reason="storm", state_at=now, grant_failed_at=now
    )
    for connection in SpotifyConnection.objects.filter(pk__in=ids).select_related("user", "app__owner"):
        troubles.forget(connection=connection, now=now)  # nobody is asked to reconnect for nothing


def _pause(app: SpotifyApp, now: datetime) -> None:
    SpotifyApp.objects.filter(pk=app.pk).update(blocked_until=now + PAUSE, block_reason="storm")
    troubles.tell_keeper(
        app,
        "storm",
        now,
        lambda: (
            _(
                "Spotify refuses most consents of “%(app)s” at once. That is rarely true: nothing was deleted, "
                "the app pauses, and one account is tried every half hour."
            )
            % {"app": app.name}
        ),
    )


def grant_worked(*, connection: SpotifyConnection, now: datetime) -> None:
    """A refresh went through: this account is well, and if its app was in a storm, that is over for all."""
    if connection.grant_failed_at:
        SpotifyConnection.objects.filter(pk=connection.pk).update(grant_failed_at=None)
    app = connection.app
    if not SpotifyApp.objects.filter(pk=app.pk, storm_since__isnull=False).update(storm_since=None):
        return
    SpotifyApp.objects.filter(pk=app.pk, block_reason="storm").update(blocked_until=None, block_reason="")
    # `grant_failed_at` stays: should one of them fail again, its own consent is what died.
    app.connections.filter(state=State.APP_BLOCKED).update(state=State.ACTIVE, state_reason="", state_at=now)
    requeue.release(app=app, now=now)
    troubles.app_works_again(app=app, now=now)


def to_probe(now: datetime) -> list[SpotifyConnection]:
    """One account of each app whose pause is over: one that has not failed, else the one that did so longest ago."""
    found = []
    for app in SpotifyApp.objects.filter(storm_since__isnull=False).exclude(blocked_until__gt=now):
        maybe = app.connections.filter(state__in=(State.APP_BLOCKED, State.ACTIVE, State.EXPIRING))
        maybe = maybe.exclude(refresh_token_encrypted="")
        candidate = maybe.order_by(F("grant_failed_at").asc(nulls_first=True), "-authorized_at").first()
        if candidate is not None:
            found.append(candidate)
        else:
            SpotifyApp.objects.filter(pk=app.pk).update(storm_since=None)
    return found


def settle(now: datetime) -> int:
    """Delete the tokens that were kept for doubt, once the doubt is over. Returns how many connections lost theirs."""
    for app in SpotifyApp.objects.filter(storm_since__lte=now - LONGEST):
        for connection in app.connections.filter(state=State.APP_BLOCKED).select_related("user", "app__owner"):
            troubles.ended(connection=connection, reason="expired", now=now)
        SpotifyApp.objects.filter(pk=app.pk).update(storm_since=None)
        troubles.app_works_again(app=app, now=now)
    doubtful = SpotifyConnection.objects.filter(state=State.RECONNECT, grant_failed_at__lte=now - WINDOW)
    return doubtful.exclude(refresh_token_encrypted="", access_token_encrypted="").update(
        access_token_encrypted="", refresh_token_encrypted="", access_expires_at=None
    )
