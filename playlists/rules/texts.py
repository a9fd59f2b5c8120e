"""One condition against many distinct texts, by the few operators that are asked of texts."""

from collections.abc import Callable, Sequence

from playlists.rules import pattern_scan
from playlists.rules.nodes import Condition
from playlists.rules.pattern_scan import Hits, Lines


def text_hits(asked: Condition, texts: Sequence[str], lines: Callable[[], Lines]) -> Sequence[bool] | Hits | None:
    """For each text whether the condition is true of it; None for an operator that is not asked like this.

    `texts` are folded already if the condition ignores case, but for patterns; `lines` are as they were written.
    """
    value, operator = asked.value, asked.operator
    if operator in ("in", "not_in", "any_of") and isinstance(value, tuple):
        wanted = {_folded(each, asked) for each in value if isinstance(each, str)}
        return [text not in wanted for text in texts] if operator == "not_in" else [text in wanted for text in texts]
    if not isinstance(value, str):
        return None
    if operator == "regex":
        return pattern_scan.hits(value, texts, ignore_case=asked.ignore_case, lines=lines)
    part = _folded(value, asked)
    if operator == "contains":
        return [part in text for text in texts]
    if operator == "starts_with":
        return [text.startswith(part) for text in texts]
    if operator == "ends_with":
        return [text.endswith(part) for text in texts]
    if operator == "eq":
        return [text == part for text in texts]
    return [text != part for text in texts] if operator == "ne" else None


def _folded(text: str, asked: Condition) -> str:
    return text.casefold() if asked.ignore_case else text
