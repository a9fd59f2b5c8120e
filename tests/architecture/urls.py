"""Who may open what: every address of the product, by its route. A new address gets its line here.

`ANYONE` needs no sign-in; `PERSON` any signed-in person; `OWNER` the person whose row it is (404 for everybody else);
`OPERATOR` staff. `Page.row` makes a row of the given person and returns the address's arguments.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from enum import Enum
from typing import Any
from uuid import uuid4

from accounts.models import Invitation, Notice, User
from ingest.models import HistoryImport
from tests.factories.accounts import JobFactory, SpotifyAppFactory, SpotifyConnectionFactory

NOON = datetime(2026, 11, 20, 12, 0, tzinfo=UTC)
Who = Enum("Who", "ANYONE PERSON OWNER OPERATOR")
ANYONE, PERSON, OWNER, OPERATOR = Who


@dataclass(frozen=True)
class Page:
    who: Who
    row: Callable[[User], tuple[Any, ...]] = lambda user: ()
    post: bool = False  # does something, so answers POST alone
    answers: set[int] = field(default_factory=lambda: {200, 301, 302})  # to those who may


def job(user: User) -> tuple[int]:
    return (JobFactory(owner=user).pk,)


def connection(user: User) -> tuple[int]:
    return (SpotifyConnectionFactory(user=user).pk,)


def app(user: User) -> tuple[int]:
    return (SpotifyAppFactory(owner=user).pk,)


def notice(user: User) -> tuple[int]:
    return (
        Notice.objects.create(
            user=user, kind="test", key=uuid4().hex, text="Hm.", created_at=NOON, repeated_at=NOON
        ).pk,
    )


def history_import(user: User) -> tuple[int]:
    return (HistoryImport.objects.create(user=user, name="my_spotify_data.zip").pk,)


def invitation(user: User) -> Invitation:
    return Invitation.objects.create(token=uuid4().hex, created_by=user, expires_at=NOON + timedelta(days=3650))


def nothing_there(user: User) -> tuple[int]:
    return (404_404,)


PAGES: dict[str, Page] = {
    "": Page(ANYONE),
    "welcome/": Page(PERSON),
    "appearance/": Page(ANYONE, post=True, answers={400}),
    "about/": Page(ANYONE),
    "gallery/": Page(OPERATOR),
    "site.webmanifest": Page(ANYONE),
    "health/live": Page(ANYONE),
    "health/ready": Page(ANYONE, answers={200, 503}),
    "metrics": Page(ANYONE),  # of this host, or with the token: tests/vibesite/test_health.py
    "connections/": Page(PERSON),
    "connections/calls/": Page(PERSON),
    "connections/apps/new/": Page(PERSON),
    "connections/apps/<int:pk>/": Page(OWNER, app),
    "connections/apps/<int:pk>/remove/": Page(OWNER, app, post=True),
    "connections/<int:pk>/check/": Page(OWNER, connection, post=True),
    "connections/<int:pk>/disconnect/": Page(OWNER, connection),
    "notices/<int:pk>/settle/": Page(OWNER, notice, post=True),
    "jobs/": Page(PERSON),
    "jobs/<int:pk>/": Page(OWNER, job),
    "jobs/<int:pk>/cancel/": Page(OWNER, job, post=True),
    "settings/": Page(PERSON),
    "settings/clock/": Page(PERSON, post=True),
    "settings/leave/": Page(PERSON),
    "invitations/": Page(OPERATOR),
    "invitations/<int:pk>/revoke/": Page(OPERATOR, lambda user: (invitation(user).pk,), post=True),
    "invitation/<str:token>/": Page(ANYONE, lambda user: (invitation(user).token,)),
    "mail/": Page(ANYONE, answers={404}),  # there only in debug
    "library/": Page(PERSON),
    "library/<int:pk>/read/": Page(OWNER, connection, post=True),
    "covers/album/<int:pk>/": Page(PERSON, nothing_there, answers={404}),  # the catalogue is shared
    "log/": Page(PERSON),
    "imports/": Page(PERSON),
    "imports/<int:pk>/": Page(OWNER, history_import),
    "imports/<int:pk>/set-aside.jsonl.gz": Page(OWNER, history_import, answers={200, 404}),
    "top/<str:what>/": Page(PERSON, lambda user: ("tracks",)),
    "accounts/login/": Page(ANYONE),
    "accounts/logout/": Page(ANYONE),
    "accounts/inactive/": Page(ANYONE),
    "accounts/signup/": Page(ANYONE),
    "accounts/reauthenticate/": Page(PERSON),
    "accounts/email/": Page(ANYONE),
    "accounts/confirm-email/": Page(ANYONE),
    "accounts/^confirm-email/(?P<key>[-:\\w]+)/$": Page(ANYONE, lambda user: ("nokey",)),
    "accounts/password/change/": Page(PERSON),
    "accounts/password/set/": Page(PERSON),
    "accounts/password/reset/": Page(ANYONE),
    "accounts/password/reset/done/": Page(ANYONE),
    "accounts/password/reset/key/done/": Page(ANYONE),
    "accounts/^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$": Page(ANYONE, lambda user: ("1", "nokey")),
    "accounts/login/code/confirm/": Page(ANYONE),
    "accounts/3rdparty/": Page(ANYONE),
    "accounts/3rdparty/signup/": Page(ANYONE),
    "accounts/3rdparty/login/cancelled/": Page(ANYONE),
    "accounts/3rdparty/login/error/": Page(ANYONE, answers={301, 401}),
    "accounts/social/login/cancelled/": Page(ANYONE),
    "accounts/social/login/error/": Page(ANYONE, answers={301, 401}),
    "accounts/social/signup/": Page(ANYONE),
    "accounts/social/connections/": Page(ANYONE),
    "accounts/spotify/login/": Page(ANYONE),
    "accounts/spotify/login/callback/": Page(ANYONE, answers={400}),
}
