"""The product's addresses, and a bare page that no other middleware sees."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.template import Context, Template

from vibesite.urls import handler400, handler403, handler404, handler500, urlpatterns

__all__ = ["bare_first", "handler400", "handler403", "handler404", "handler500", "urlpatterns"]
PAGE = Template("<!doctype html><title>Bare</title><ul>{% for row in rows %}<li>{{ row }}</li>{% endfor %}</ul>")


def bare_first(get_response: Callable[[HttpRequest], HttpResponse]) -> Callable[[HttpRequest], HttpResponse]:
    def middleware(request: HttpRequest) -> HttpResponse:
        if request.path == "/bare/":
            return HttpResponse(PAGE.render(Context({"rows": range(50)})))
        return get_response(request)

    return middleware
