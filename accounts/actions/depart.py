"""Disconnect, and leave: what is erased is counted, said and gone. Export first stays possible until then."""

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from allauth.account.models import EmailAddress
from allauth.socialaccount.models import SocialAccount
from django.db import transaction
from django.utils.formats import number_format
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext_lazy

from accounts.models import ApiToken, CallCount, Job, Notice, SpotifyApp, SpotifyConnection, User
from accounts.spotify import oauth

Counts = dict[str, int]


class Eraser(Protocol):
    """Counts or deletes one app's rows of a person, and says how many of which kind.

    `connection` given: only what came from Spotify's API for that account (its plays, sources, caches); what came from
    the person's own files stays. None: everything of the person. `dry_run`: only count. Safe to repeat.
    """

    def __call__(self, *, user: User, connection: SpotifyConnection | None, dry_run: bool) -> Counts: ...


_erasers: list[Eraser] = []
# By kind of row: "%(count)s plays", whose plural form "n" decides.
_words: dict[str, Promise] = {
    "jobs": ngettext_lazy("%(count)s job", "%(count)s jobs", "n"),
    "connections": ngettext_lazy("%(count)s connection", "%(count)s connections", "n"),
}


def on_forget(eraser: Eraser, words: Mapping[str, Promise]) -> None:
    """Register an app's eraser, from its `AppConfig.ready`, with the words for each kind that it counts."""
    if eraser not in _erasers:
        _erasers.append(eraser)
    _words.update(words)


@dataclass(frozen=True, slots=True)
class Gone:
    """What went: (kind, how many), the large first; nothing that was zero."""

    rows: list[tuple[str, int]] = field(default_factory=list)

    @property
    def total(self) -> int:
        return sum(count for _what, count in self.rows)

    def __str__(self) -> str:
        return ", ".join(self.lines) or _("nothing")

    @property
    def lines(self) -> list[str]:
        """“12,345 plays”, for each kind of row."""
        return [
            str(_words[what] % {"count": number_format(count, force_grouping=True), "n": count})
            for what, count in self.rows
        ]


def preview(*, user: User, connection: SpotifyConnection | None) -> Gone:
    """What `disconnect` (or, without a connection, `forget`) would erase now."""
    return _run_all(user, connection, dry_run=True)


def disconnect(*, connection: SpotifyConnection, now: datetime) -> Gone:
    """End one consent: tokens first, then everything that came from Spotify for it. Imports of own files stay."""
    user = connection.user
    SpotifyConnection.objects.filter(pk=connection.pk).update(
        access_token_encrypted="", refresh_token_encrypted="", state=SpotifyConnection.State.RECONNECT
    )  # from here on no worker can use it, whatever happens below
    gone = _run_all(user, connection, dry_run=False) if user else Gone()
    with transaction.atomic():
        for reader in (user, connection.app.owner):
            Notice.objects.filter(user=reader, key=str(connection.pk)).delete()
        CallCount.objects.filter(connection=connection).update(connection=None)
        _forget_account(user, connection)
        SpotifyConnection.objects.filter(pk=connection.pk).delete()
    if user:
        _run_all(user, connection, dry_run=False)  # what a poll wrote that was on its way when all this began
    return gone


def _forget_account(user: User | None, connection: SpotifyConnection) -> None:
    """Without a password, the bare account id stays: it is the person's only key to sign in. Nothing else does."""
    if user is None:
        return
    accounts = SocialAccount.objects.filter(user=user, provider=oauth.PROVIDER, uid=connection.account_id)
    others = SocialAccount.objects.filter(user=user).exclude(uid=connection.account_id)
    if user.has_usable_password() or others.exists():
        accounts.delete()
    else:
        accounts.update(extra_data={})
    if connection.display_name and user.first_name == connection.display_name[:150]:
        user.first_name = ""
        user.save(update_fields=["first_name"])


def leave(*, user: User, now: datetime) -> None:
    """The first, immediate half of deleting oneself: nobody can sign in, no token is left. `forget` does the rest."""
    with transaction.atomic():
        SocialAccount.objects.filter(user=user).delete()
        EmailAddress.objects.filter(user=user).delete()
        ApiToken.objects.filter(user=user).delete()
        user.connections.update(access_token_encrypted="", refresh_token_encrypted="", state="reconnect")
        user.is_active = user.is_staff = user.is_superuser = False
        user.username, user.email, user.first_name, user.last_name = f"leaving-{user.pk}", "", "", ""
        user.set_unusable_password()
        user.save()


def forget(*, user: User, tell: Callable[[str], None] = lambda _said: None) -> Gone:
    """Erase everything of a person, the person last. Safe to repeat after a crash: what is gone counts as gone."""
    gone = _run_all(user, None, dry_run=False, tell=tell)
    with transaction.atomic():
        counts = Counter(dict(gone.rows))
        counts["jobs"] += Job.objects.filter(owner=user).delete()[0]
        CallCount.objects.filter(connection__user=user).update(connection=None)
        counts["connections"] += user.connections.count()
        user.connections.all().delete()
        SpotifyApp.objects.filter(owner=user, connections=None).delete()
        SpotifyApp.objects.filter(owner=user).update(owner=None, enabled=False, client_secret_encrypted="")
        user.delete()
    return _gone(counts)


def _run_all(
    user: User,
    connection: SpotifyConnection | None,
    *,
    dry_run: bool,
    tell: Callable[[str], None] = lambda _said: None,
) -> Gone:
    counts: Counter[str] = Counter()
    for eraser in _erasers:
        counts.update(eraser(user=user, connection=connection, dry_run=dry_run))
        tell(str(_gone(counts)))
    return _gone(counts)


def _gone(counts: Counter[str]) -> Gone:
    return Gone([(what, count) for what, count in counts.most_common() if count])
