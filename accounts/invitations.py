"""Who may sign up: everybody, the invited, or nobody (`SIGN_UP`)."""

import secrets
from datetime import datetime, timedelta

from django.conf import settings
from django.http import HttpRequest

from accounts.models import Invitation, User

SESSION_KEY = "invitation"
VALID = timedelta(days=14)


def may_sign_up(request: HttpRequest | None, *, now: datetime) -> bool:
    if settings.SIGN_UP == "open":
        return True
    return settings.SIGN_UP == "invitation" and request is not None and held(request, now=now) is not None


def create(*, by: User, note: str, now: datetime) -> Invitation:
    return Invitation.objects.create(
        token=secrets.token_urlsafe(24), note=note[:200], created_by=by, expires_at=now + VALID
    )


def find(token: str, *, now: datetime) -> Invitation | None:
    """The invitation behind a link, if it is still good."""
    return Invitation.objects.filter(token=token, used_by=None, expires_at__gt=now).first()


def held(request: HttpRequest, *, now: datetime) -> Invitation | None:
    """The one this browser came with."""
    token = request.session.get(SESSION_KEY, "")
    return find(token, now=now) if token else None


def use(request: HttpRequest, *, user: User, now: datetime) -> None:
    """Spend the invitation this browser came with, if any: it lets one person in."""
    token = request.session.pop(SESSION_KEY, "")
    if token:
        Invitation.objects.filter(token=token, used_by=None).update(used_by=user)
