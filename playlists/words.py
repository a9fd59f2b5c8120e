"""What the pure rule language says, in the reader's language."""

from django.utils.translation import gettext as _

from playlists.rules.problems import WORDS, Problem

_LABELS = ("field", "operator")


def of(problem: Problem) -> str:
    """The problem as a sentence."""
    params = {key: _(value) if key in _LABELS and isinstance(value, str) and value else value
              for key, value in problem.params.items()}  # fmt: skip
    return _(WORDS[problem.code]) % params
