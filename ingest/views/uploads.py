"""Uploads, judged by their announced size before a byte of them is parsed or their form's token is looked for."""

import logging
from collections.abc import Callable
from functools import wraps
from typing import Any

from django.contrib.auth.decorators import login_required
from django.core.exceptions import RequestDataTooBig, SuspiciousOperation
from django.http import HttpResponse
from django.http.multipartparser import MultiPartParserError
from django.http.request import UnreadablePostError
from django.utils.translation import gettext as _
from django.views.decorators.csrf import csrf_exempt, csrf_protect

from accounts.access import PersonRequest
from ingest.actions import imports

logger = logging.getLogger(__name__)

FORM_BYTES = 1024 * 1024  # of a request around its files
DRAINED_BYTES = 1024**3  # a larger upload is cut off: its browser will not see why, but nothing waits for it
Refuse = Callable[[PersonRequest, str, int], HttpResponse]  # the page, with what is wrong, and the status


def size_checked(*, most: Callable[[], int], too_large: Callable[[int], str], refuse: Refuse) -> Callable[[Any], Any]:
    """For a view that takes files in, `most` bytes in all; what is wrong with an upload stands on its own page."""

    def decorated(view: Any) -> Any:
        @csrf_exempt
        @login_required
        @wraps(view)
        def checked(request: PersonRequest) -> HttpResponse:
            if request.method != "POST":
                return csrf_protect(view)(request)
            announced = int(request.META.get("CONTENT_LENGTH") or 0)
            if announced > most() + FORM_BYTES:
                left = min(announced, DRAINED_BYTES)
                while left > 0 and (chunk := request.read(min(left, FORM_BYTES))):
                    left -= len(chunk)  # browsers show an answer only once they have sent everything
                return refuse(request, too_large(announced), 413)
            try:
                request.POST  # noqa: B018 - parses the body
            except RequestDataTooBig:
                return refuse(request, _("That is too much text for a form. Bring it as a file."), 413)
            except (SuspiciousOperation, MultiPartParserError, UnreadablePostError):
                problem = _("The upload broke off or was not whole, and nothing was taken in. Try again.")
                return refuse(request, problem, 400)
            except OSError as error:
                return no_room(request, error, refuse)
            return csrf_protect(view)(request)

        return checked

    return decorated


def no_room(request: PersonRequest, error: OSError, refuse: Refuse) -> HttpResponse:
    """The page for a disk that is full; any other error goes on."""
    if not imports.is_disk_full(error):
        raise error
    logger.error("an upload found no room: %s", error)
    return refuse(request, imports.disk_full(), 507)
