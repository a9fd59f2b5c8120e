"""Russian: the catalogue is whole, and compiled."""

import gettext
import re

from django.utils import translation

from tests.messages import (
    CATALOGUE,
    HREF,
    PLACEHOLDER,
    ROOT,
    Key,
    calls_in,
    calls_in_template,
    catalogue,
    sources,
    words_of,
)


def test_every_message_is_in_the_catalogue_and_no_other():
    marked: set[Key] = set()
    for path in sources():
        read = calls_in if path.suffix == ".py" else calls_in_template
        marked |= set(read(path.read_text("utf-8")))
    # One msgid may be used with and without a plural: gettext keeps one message for both.
    plural = {(context, one) for context, one, many in marked if many}
    marked = {key for key in marked if key[2] or key[:2] not in plural}
    assert sorted(marked - set(catalogue())) == [], "run script/messages, and translate"
    assert sorted(set(catalogue()) - marked) == [], "no longer in the sources"


def test_everything_is_translated():
    for entry in catalogue().values():
        assert entry.flags.isdisjoint({"fuzzy"}), entry.key
        assert len(entry.translations) == (3 if entry.key[2] else 1), entry.key
        assert all(entry.translations), entry.key


def test_placeholders_and_links_are_kept():
    for (context, one, many), entry in catalogue().items():
        for text in entry.translations:
            assert sorted(PLACEHOLDER.findall(text)) == sorted(PLACEHOLDER.findall(many or one)), (context, one)
            assert HREF.findall(text) == HREF.findall(one), one
            assert [end.isspace() for end in (text[:1], text[-1:])] == [end.isspace() for end in (one[:1], one[-1:])], (
                one
            )


def test_what_is_compiled_is_what_is_written():
    with CATALOGUE.with_suffix(".mo").open("rb") as file:
        compiled = gettext.GNUTranslations(file)
    told = {}
    for (context, one, many), entry in catalogue().items():
        name = f"{context}\x04{one}" if context else one
        told |= {(name, n) if many else name: text for n, text in enumerate(entry.translations)}
    assert {key: text for key, text in compiled._catalog.items() if key} == told, "run script/messages"


def test_russian_has_three_plurals():
    with translation.override("ru"):
        said = [translation.ngettext("play", "plays", n) for n in (1, 2, 5, 11, 21, 22, 112, 1_000)]
    assert said == [
        "прослушивание",
        "прослушивания",
        "прослушиваний",
        "прослушиваний",
        "прослушивание",
        "прослушивания",
        "прослушиваний",
        "прослушиваний",
    ]


def test_no_template_has_words_outside_the_catalogue():
    """Text between tags that nobody marked. The galleries are for those who build, and stay English."""
    known = {"Vibesite", "Spotify", "hx", "headers", "csrftoken", "ISRC", "OpenAPI"}
    names = {"Pano", "Scrobbler", "multi", "scrobbler", "Navidrome", "Jellyfin", "Mopidy", "foobar"}  # of programs
    for path in (ROOT / "templates").rglob("*.html"):
        if path.name in ("gallery.html", "gallery_charts.html", "about.html"):  # about: names of licences
            continue
        text = re.sub(r"\{#.*?#\}|\{% comment.*?endcomment %\}", "", path.read_text("utf-8"), flags=re.DOTALL)
        text = re.sub(r"\{% block accent %\}\w+|\{% blocktranslate.*?endblocktranslate %\}", "", text, flags=re.DOTALL)
        text = re.sub(r"\{%.*?%\}|\{\{.*?\}\}", "", text, flags=re.DOTALL)
        text = re.sub(r"https://[\w./]+", "", text)  # an address is the same in every language
        said = set(re.findall(r"[A-Za-z]{2,}", " ".join(words_of(text)))) - known - names
        assert not said, path.name
