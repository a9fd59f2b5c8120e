"""The same data as a table, for readers, printers and those who prefer figures."""

from collections.abc import Iterable, Sequence
from html import escape

Value = tuple[object, str]  # words, and where they lead or ""


def table(name: str, heads: Sequence[str], rows: Iterable[tuple[Value, Sequence[Value]]]) -> str:
    """Rows of a head and values, right aligned. `heads` name the columns of values; none, and there is no head row."""
    lines = [f'<table class="table"><caption class="visually-hidden">{escape(name)}</caption>']
    if any(heads):
        named = "".join(f'<th scope="col" class="number">{_isolated(head)}</th>' for head in heads)
        lines.append(f"<thead><tr><td></td>{named}</tr></thead>")
    lines.append("<tbody>")
    for head, values in rows:
        cells = "".join([f'<td class="number">{_said(value)}</td>' for value in values])
        lines.append(f'<tr><th scope="row">{_said(head)}</th>{cells}</tr>')
    lines.append("</tbody></table>")
    return "".join(lines)


def _said(value: Value) -> str:
    text, href = value
    return f'<a href="{escape(href)}">{_isolated(text)}</a>' if href else _isolated(text)


def _isolated(text: object) -> str:
    """Names may run right to left; plain ASCII never does, and is left bare for the sake of long tables."""
    said = str(text)
    return escape(said) if said.isascii() else f"<bdi>{escape(said)}</bdi>"
