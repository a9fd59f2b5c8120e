"""The only doors to somebody's rows. Another person's row is answered like one that never was: 404."""

from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.contrib.auth.models import AnonymousUser
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.db.models import Model, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import require_http_methods
from django_htmx.middleware import HtmxDetails

from accounts.models import User

M = TypeVar("M", bound=Model)
View = Callable[..., HttpResponse]

require_form_methods = require_http_methods(["GET", "HEAD", "POST"])  # of a page with a form that posts to itself


class PersonRequest(HttpRequest):
    """A request behind `login_required` or `operator_required`: its user is a person. For type checkers only."""

    user: User
    htmx: HtmxDetails


def get_owned(user: User | AnonymousUser, kind: type[M] | QuerySet[M], pk: Any, owner_field: str = "user") -> M:
    """The row of `kind` with this key if it is `user`'s; Http404 otherwise, whether or not it exists."""
    if not user.is_authenticated:
        raise Http404
    try:
        return get_object_or_404(kind, pk=pk, **{owner_field: user})
    except (ValueError, OverflowError):  # not a key at all
        raise Http404 from None


def operator_required(view: View) -> View:
    """For the server's operators: strangers are asked to sign in, other people get 403."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if not request.user.is_authenticated:
            return redirect_to_login(request.get_full_path())
        if not request.user.is_staff:
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded
