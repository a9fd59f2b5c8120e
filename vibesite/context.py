"""What the shell around every page needs to know."""

from typing import Any

from django.http import HttpRequest


def shell(request: HttpRequest) -> dict[str, Any]:
    user = getattr(request, "user", None)
    return {"theme": user.theme if user is not None and user.is_authenticated else "follow"}
