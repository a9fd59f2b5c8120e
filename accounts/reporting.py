"""What a traceback may show. Django's debug page prints every local variable; tokens must not be among them."""

import re
from collections.abc import ItemsView
from types import FrameType
from typing import Any

from django.http import HttpRequest
from django.views.debug import SafeExceptionReporterFilter

_NAMES = re.compile(
    r"token|secret|passw|authori[sz]ation|headers|cookie|session|code|verifier|grant|form|sealed|body", re.I
)
_VALUES = re.compile(r"Bearer |refresh_token|access_token|client_secret|code_verifier|\bgAAAA|\b(?:BQ|AQ)[\w-]{40,}")


class ReporterFilter(SafeExceptionReporterFilter):
    """Active in debug too: a page shown to a developer is copied into issues."""

    def is_active(self, request: HttpRequest | None) -> bool:
        return True

    def get_traceback_frame_variables(self, request: HttpRequest | None, tb_frame: FrameType) -> ItemsView[str, Any]:
        return {name: self._covered(name, value) for name, value in tb_frame.f_locals.items()}.items()

    def _covered(self, name: str, value: Any) -> Any:
        if _NAMES.search(name):
            return self.cleansed_substitute
        try:
            text = repr(value)
        except Exception:
            return "(cannot be shown)"
        return self.cleansed_substitute if _VALUES.search(text) else value
