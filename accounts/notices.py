"""Tell a person, or the operators, something until it is settled; repeats are counted, not stacked."""

from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.db import IntegrityError, transaction
from django.db.models import F, QuerySet
from django.utils import translation

from accounts.models import Notice, User


def tell(
    *,
    user: User | None,
    kind: str,
    text: Callable[[], str],
    now: datetime,
    key: str = "",
    level: str = Notice.Level.INFO,
    url: str = "",
) -> Notice:
    """Open a notice, or refresh the open one of the same reader, kind and key. `user` None: the operators.

    `text` is called in the reader's language.
    """
    with translation.override(user.reads if user else settings.LANGUAGE_CODE):
        said = {"text": str(text()), "level": level, "url": url, "repeated_at": now}
    rows = Notice.objects.filter(user=user, kind=kind, key=key, settled_at=None)
    if not rows.update(times=F("times") + 1, **said):
        try:
            with transaction.atomic():
                return Notice.objects.create(user=user, kind=kind, key=key, created_at=now, **said)
        except IntegrityError:  # another worker was first
            rows.update(times=F("times") + 1, **said)
    return rows.get()


def settle(*, kind: str, now: datetime, key: str = "", user: User | None = None) -> int:
    return Notice.objects.filter(user=user, kind=kind, key=key, settled_at=None).update(settled_at=now)


def open_for(user: User | AnonymousUser) -> QuerySet[Notice]:
    """What this person should read: their own, and for operators the server's."""
    if not user.is_authenticated:
        return Notice.objects.none()
    rows = Notice.objects.filter(settled_at=None)
    return rows.filter(user=user) | rows.filter(user=None) if user.is_staff else rows.filter(user=user)
