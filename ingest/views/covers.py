"""One album's cover: the kept picture, or a typographic sleeve until it is there."""

import colorsys
import hashlib
import mimetypes
from html import escape

from django.contrib.auth.decorators import login_required
from django.http import FileResponse, HttpRequest, HttpResponse, HttpResponseNotModified
from django.shortcuts import get_object_or_404
from django.utils import timezone
from django.utils.http import http_date, parse_http_date_safe
from django.views.decorators.http import require_safe

from ingest.actions import covers
from ingest.models import Album

FRESH_S = 7 * 24 * 3600  # a cover does not change
SOON_S = 20  # a sleeve is soon replaced by the picture
# A picture never runs or loads anything, not even when somebody opens it alone.
POLICY = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
LETTERS = 2


@require_safe
@login_required
def cover(request: HttpRequest, pk: int) -> HttpResponse | FileResponse | HttpResponseNotModified:
    album = get_object_or_404(Album.objects.only("name", "image_url"), pk=pk)
    path = covers.kept(pk, timezone.now())
    response: HttpResponse | FileResponse | HttpResponseNotModified
    if path is None:
        covers.ask(album)
        response = HttpResponse(sleeve(album.name), content_type="image/svg+xml")
        response["Cache-Control"] = f"private, max-age={SOON_S if album.image_url else FRESH_S}"
    else:
        written = int(path.stat().st_mtime)
        since = parse_http_date_safe(request.headers.get("If-Modified-Since", ""))
        if since is not None and written <= since:
            response = HttpResponseNotModified()
        else:
            kind = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
            response = FileResponse(path.open("rb"), content_type=kind)
        response["Last-Modified"] = http_date(written)
        response["Cache-Control"] = f"private, max-age={FRESH_S}"
    response["Content-Security-Policy"] = POLICY
    response["X-Content-Type-Options"] = "nosniff"
    return response


def sleeve(name: str) -> str:
    """A drawn cover: two letters on a quiet ground. The same name gives the same sleeve."""
    number = int.from_bytes(hashlib.blake2s(name.encode(), digest_size=4).digest(), "big")
    red, green, blue = colorsys.hls_to_rgb(number % 360 / 360, 0.42, 0.22)
    ground = f"#{round(red * 255):02x}{round(green * 255):02x}{round(blue * 255):02x}"
    words = [word for word in name.split() if word[0].isalnum()] or [name.strip() or "·"]
    letters = words[0][:LETTERS] if len(words) == 1 else "".join(word[0] for word in words[:LETTERS])
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 300 300" width="300" height="300">'
        f'<rect width="300" height="300" fill="{ground}"/>'
        f'<circle cx="{60 + number // 360 % 180}" cy="{60 + number // 64800 % 180}" r="{50 + number % 70}" fill="none" '
        'stroke="#fff" stroke-opacity=".18" stroke-width="14"/>'
        '<text x="24" y="270" font-family="Georgia, serif" font-size="110" fill="#fff" fill-opacity=".92">'
        f"{escape(letters)}</text></svg>"
    )
