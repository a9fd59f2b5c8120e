"""The look's own rules, read from its files: contrast, colours only from tokens, small files, icons that exist."""

import re
from itertools import product
from pathlib import Path

import pytest
from django.conf import settings

from vibesite.templatetags import ui

STATIC = Path(settings.BASE_DIR) / "static"
TEMPLATES = Path(settings.BASE_DIR) / "templates"
PAIR = re.compile(r"--([\w-]+):\s*light-dark\((#\w{6}),\s*(#\w{6})\)")
TOKENS = {name: (light, dark) for name, light, dark in PAIR.findall((STATIC / "css/tokens.css").read_text())}
GROUNDS = ("paper", "sheet", "well")
WORDS = ("ink", "ink-soft", "brick", "ochre", "petrol", "plum", "indigo", "umber", "good", "bad")


def luminance(colour: str) -> float:
    parts = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    darker, lighter = sorted((luminance(one), luminance(other)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize(("word", "ground"), [*product(WORDS, GROUNDS)])
def test_words_can_be_read_on_every_ground(word, ground, theme):
    assert contrast(TOKENS[word][theme], TOKENS[ground][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("accent", ["brick", "ochre", "petrol", "plum", "indigo", "umber"])
def test_words_can_be_read_on_every_accent(accent, theme):
    assert contrast(TOKENS["ink-on-accent"][theme], TOKENS[accent][theme]) >= 4.5


@pytest.mark.parametrize("theme", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("ground", GROUNDS)
def test_edges_of_what_can_be_used_are_seen(ground, theme):
    assert contrast(TOKENS["rule-strong"][theme], TOKENS[ground][theme]) >= 2.6  # 3 on paper and sheet
    if ground != "well":
        assert contrast(TOKENS["rule-strong"][theme], TOKENS[ground][theme]) >= 3


def test_no_colour_is_spotifys_green():
    for light, dark in TOKENS.values():
        for colour in (light, dark):
            red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
            assert not (green > 130 and green > 1.3 * red and green > 1.3 * blue), colour


SHEETS = sorted((STATIC / "css").rglob("*.css"))


@pytest.mark.parametrize("sheet", SHEETS, ids=lambda path: path.name)
def test_stylesheets_are_small_layered_and_take_colours_from_tokens(sheet):
    text = sheet.read_text()
    assert len(text.splitlines()) <= 120
    if sheet.name in ("fonts.css", "layers.css"):
        return
    assert "@layer " in text
    if sheet.name == "tokens.css":
        return
    plain = re.sub(r"/\*.*?\*/", "", text, flags=re.S)
    lines = [line for line in plain.splitlines() if ".button-spotify" not in line]  # theirs is black and white
    for line in lines:
        for colour in re.findall(r"#[0-9a-f]{3,8}\b|\brgba?\([^)]*\)|\bhsl\(", line):
            # Shadows and masks are black by nature.
            assert "shadow" in line or "mask" in line or "backdrop" in line, f"{sheet.name}: {colour}"


def test_every_stylesheet_is_linked():
    linked = {*ui.STYLESHEETS, *ui.COMPONENTS}
    assert {path.stem for path in SHEETS} - {"gallery"} == linked


def test_every_icon_that_is_named_is_drawn():
    drawn = set(re.findall(r'<symbol id="([\w-]+)"', (STATIC / "img/icons.svg").read_text()))
    named = set(ui.ICONS.values())
    for page in TEMPLATES.rglob("*.html"):
        text = page.read_text()
        named |= set(re.findall(r'{% icon "([\w-]+)"', text)) | set(re.findall(r'\bicon="([\w-]+)"', text))
    assert named <= drawn, sorted(named - drawn)


def test_no_template_carries_inline_style_or_script():
    for page in [*TEMPLATES.rglob("*.html"), *Path(settings.BASE_DIR).glob("*/templates/**/*.html")]:
        if page.is_relative_to(Path(settings.BASE_DIR) / "vibesite" / "sandbox") or "emails" in page.parts:
            continue
        text = re.sub(r"{%.*?%}", "", page.read_text())
        assert not re.search(r"<style|\sstyle=|\shx-on|\son\w+=|javascript:|<script(?![^>]*\ssrc=)", text), page


def test_every_font_has_its_licence():
    fonts = STATIC / "fonts"
    for font in fonts.glob("*.woff2"):
        family = "source-sans-3" if font.name.startswith("source-sans-3") else font.name.split("-")[0]
        assert "SIL OPEN FONT LICENSE" in (fonts / f"{family}-OFL.txt").read_text().upper()
