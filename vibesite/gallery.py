"""Every component in every state, for those who build and run the product."""

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render


def gallery(request: HttpRequest) -> HttpResponse:
    if not settings.DEBUG and not request.user.is_staff:
        raise Http404
    return render(request, "vibesite/gallery.html")
