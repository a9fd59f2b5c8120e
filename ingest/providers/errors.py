"""Why a provider gave no answer; each says when to try again. Nobody waits for it in a worker."""

from datetime import datetime


class ProviderError(Exception):
    """Any of those below."""


class NotYet(ProviderError):
    """No call was made: the pace, the day's budget or an earlier wish of the provider's forbids it until then."""

    def __init__(self, until: datetime, why: str) -> None:
        super().__init__(f"not before {until:%F %T} UTC: {why}")
        self.until, self.why = until, why


class Busy(ProviderError):
    """It asks to be left alone for `seconds` (None: it does not say how long)."""

    def __init__(self, seconds: float | None, told: str = "") -> None:
        super().__init__(told or "asks to be left alone for a while")
        self.seconds = seconds


class Down(ProviderError):
    """No answer, half of one, or an error of its own."""


class Refused(ProviderError):
    """It answers that we may not ask, or may not ask so: a key is wrong, or we are."""
