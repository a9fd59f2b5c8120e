"""A page's form as a browser would send it."""

import re
from html.parser import HTMLParser


class _Form(HTMLParser):
    def __init__(self, form_id: str) -> None:
        super().__init__()
        self.form_id, self.within, self.select, self.area = form_id, False, "", ""
        self.sent: dict[str, str] = {}

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self.within = said.get("id") == self.form_id
        if not self.within:
            return
        if tag == "input" and (said.get("type") != "checkbox" or "checked" in said):
            self.sent[said["name"]] = re.sub(r"[\r\n]", "", said.get("value", "on" if "checked" in said else ""))
        if tag == "select":
            self.select = said["name"]
        if tag == "option" and self.select and ("selected" in said or self.select not in self.sent):
            self.sent[self.select] = said.get("value", "")
        if tag == "textarea":
            self.area, self.sent[said["name"]] = said["name"], ""

    def handle_endtag(self, tag: str) -> None:
        self.select = "" if tag == "select" else self.select
        self.area = "" if tag == "textarea" else self.area

    def handle_data(self, data: str) -> None:
        if self.area:
            self.sent[self.area] += data


def of(page: str, form_id: str) -> dict[str, str]:
    """What is filled in: one value a name, line breaks gone from inputs, a list's first choice where none is chosen."""
    form = _Form(form_id)
    form.feed(page)
    return form.sent
