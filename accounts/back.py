"""Back to where a form was: the path in its hidden field `next`, if it leads to a page of this server."""

from urllib.parse import urlsplit

from django.http import HttpRequest, HttpResponseRedirect
from django.utils.http import url_has_allowed_host_and_scheme


def to(request: HttpRequest, otherwise: str, **words: str | int) -> HttpResponseRedirect:
    """To the page that `next` names, or to the path `otherwise`, with these words in the address.

    They replace those of their name that are there; an empty one only takes those away.
    """
    target = request.POST.get("next", "")
    if not _is_ours(request, target):
        target = otherwise
    return HttpResponseRedirect(_with(target, words) if words else target)


def from_page(request: HttpRequest, otherwise: str) -> str:
    """The page of this server from which the request came; the path `otherwise` if that is not told."""
    told = request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(told, {request.get_host()}, require_https=request.is_secure()):
        return otherwise
    target = urlsplit(told)._replace(scheme="", netloc="").geturl()
    return target if _is_ours(request, target) else otherwise


def _is_ours(request: HttpRequest, target: str) -> bool:
    """A path, as every form of ours sends; a bare word would pass the check of the host, and be read as a route."""
    safe = url_has_allowed_host_and_scheme(target, {request.get_host()}, require_https=request.is_secure())
    return safe and target.startswith("/")


def _with(target: str, words: dict[str, str | int]) -> str:
    parts = urlsplit(target)
    kept = [part for part in parts.query.split("&") if part and part.partition("=")[0] not in words]
    added = [f"{name}={value}" for name, value in words.items() if value != ""]
    return parts._replace(query="&".join(kept + added)).geturl()
