"""Mail that the server writes by itself, in the reader's language and zone."""

import logging
from typing import Any

from django.conf import settings
from django.core.mail import send_mail
from django.template.loader import render_to_string
from django.utils import timezone, translation

from accounts.models import User

logger = logging.getLogger(__name__)


def send(user: User | None, name: str, **context: Any) -> bool:
    """Send `emails/NAME.subject.txt` and `emails/NAME.txt` to somebody who gave an address; whether it went out.

    A mail server's trouble is logged and stops nothing: what matters is told by a notice on the pages too.
    """
    if user is None or not user.email:
        return False
    context |= {"user": user, "site": settings.SITE_URL}
    with translation.override(user.reads), timezone.override(user.zone):
        subject = " ".join(render_to_string(f"emails/{name}.subject.txt", context).split())  # a header has one line
        body = render_to_string(f"emails/{name}.txt", context)
    try:
        send_mail(subject, body, None, [user.email])
    except OSError:
        logger.exception("mail %s not sent to person %s", name, user.pk)
        return False
    return True
