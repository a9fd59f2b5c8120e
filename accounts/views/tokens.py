"""A person's tokens for programs: made here, shown once, revoked here."""

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_variables
from django.views.decorators.http import require_POST

from accounts import keys, lastfm_keys
from accounts.access import PersonRequest, get_owned, require_form_methods
from accounts.models import ApiToken
from accounts.token_forms import MOST, TokenForm


@login_required
@require_form_methods
@never_cache
@sensitive_variables("text")
def token_list(request: PersonRequest) -> HttpResponse:
    """The list, and the form; after it, once, the new token: in this answer alone, so a reload cannot show it."""
    now = timezone.now()
    form = TokenForm(request.POST or None)
    context = {"form": form, "now": now, "site": request.build_absolute_uri("/").rstrip("/")}
    if request.method == "POST" and form.is_valid():
        if ApiToken.objects.of(request.user).filter(revoked_at=None).count() >= MOST:
            form.add_error(None, _("You have %(count)s tokens. Revoke one first.") % {"count": MOST})
        else:
            token, text = form.make(request.user, now)
            context |= {"made": token, "text": text, "secret": lastfm_keys.shared_secret(token), "form": TokenForm()}
    context["tokens"] = ApiToken.objects.of(request.user).order_by("revoked_at", "-pk")[: 2 * MOST]
    return render(request, "accounts/tokens.html", context)


@login_required
@require_POST
def token_revoke(request: PersonRequest, pk: int) -> HttpResponse:
    token = get_owned(request.user, ApiToken, pk)
    keys.revoke(token=token, now=timezone.now())
    messages.success(request, _("“%(token)s” is revoked: nothing gets in with it any more.") % {"token": token})
    return redirect("accounts:token-list")
