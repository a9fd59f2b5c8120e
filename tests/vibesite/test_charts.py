"""Chart tags as pages get them: well-formed, escaped, the table equal to the data, links where there are some."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from html.parser import HTMLParser
from typing import Any
from xml.etree import ElementTree

import pytest
from django.template import Context, Template
from django.utils import translation

from vibesite.charts.draw.marks import TABBED
from vibesite.charts.shapes import Spot
from vibesite.templatetags.charts import axis_number

EVIL = '<script>alert("1")</script>&'
ARABIC = "أغنية الليل"


@dataclass
class Group:
    """Anything with these names will do; this class knows nothing of charts."""

    name: str
    points: list[Any] = field(default_factory=list)
    values: list[float | None] = field(default_factory=list)
    blocks: list[Any] = field(default_factory=list)

    @property
    def label(self) -> str:
        return self.name


@dataclass
class Block:
    start: float
    end: float
    tone: int
    text: str
    href: str = ""


def render(source: str, **context: Any) -> ElementTree.Element:
    """The tag's figure, parsed as XML: what is not closed or not escaped fails here."""
    html = Template(source).render(Context(context)).strip()
    return ElementTree.fromstring(html.replace("&nbsp;", "\u00a0"))


def said(element: ElementTree.Element) -> str:
    return "".join(element.itertext()).strip()


def table(figure: ElementTree.Element) -> list[list[str]]:
    return [[said(cell) for cell in row] for row in figure.findall(".//tbody/tr")]


def plays(count: int, *, linked: bool = True) -> list[Spot]:
    return [Spot(f"day {n}", n % 17, f"{n % 17} plays", f"/log/?day={n}&all=1" if linked else "") for n in range(count)]


@pytest.mark.parametrize("count", [1, 2, 31, 365, 400])
def test_the_table_of_columns_has_every_point(count):
    points = [*plays(count), Spot("later", None, "not known")]
    figure = render("{% column_chart points caption='Plays' unit='plays' %}", points=points)
    if count == 1:
        assert "Nothing here yet" in said(figure)
        return
    assert table(figure) == [[point.label, point.text] for point in points]
    links = [link.get("href") for link in figure.findall(".//tbody//a")]
    assert links == [point.href for point in points if point.href]
    marks = figure.findall(".//svg//a")
    assert [mark.get("href") for mark in marks] == links
    assert [mark.find("title").text for mark in marks] == [f"{p.label}\n{p.text}" for p in points if p.href]


def test_many_links_are_one_stop_of_the_tab_key():
    few = render("{% column_chart points %}", points=plays(TABBED)).findall(".//svg//a")
    many = render("{% column_chart points %}", points=plays(TABBED + 1)).findall(".//svg//a")
    assert [mark.get("tabindex") for mark in few] == [None] * TABBED
    assert [mark.get("tabindex") for mark in many] == [None, *["-1"] * TABBED]


def test_a_drawing_with_links_is_no_image():
    linked = render("{% column_chart points caption='Plays' %}", points=plays(5)).find(".//svg")
    bare = render("{% column_chart points caption='Plays' %}", points=plays(5, linked=False)).find(".//svg")
    assert (linked.get("role"), bare.get("role")) == ("group", "img")
    assert linked.get("aria-label") == "Plays"
    assert said(bare.find("desc")) == "Most: day 4, 4 plays"


def test_lines_share_a_table_and_say_their_names_at_their_ends():
    series = [
        Group("Massive Attack", [Spot("May", 3, "3 plays"), Spot("June", None, "not known"), Spot("July", 0, "none")]),
        Group(ARABIC, [Spot("May", 1, "1 play", "/may/"), Spot("June", 2, "2 plays")]),
    ]
    figure = render("{% line_chart series caption='Two' unit='plays' %}", series=series)
    assert table(figure) == [["May", "3 plays", "1 play"], ["June", "not known", "2 plays"], ["July", "none", ""]]
    assert [said(head) for head in figure.findall(".//thead/tr/th")] == ["Massive Attack", ARABIC]
    assert {"Massive Attack", ARABIC} <= {said(text) for text in figure.findall(".//svg/text")}
    assert figure.find(".//svg/a").get("href") == "/may/"


def test_a_heatmap_is_numbered_or_not_and_always_has_its_table():
    parts = ["morning", "evening"]
    rows = [
        Group(day, [Spot(part, n * 40, f"{n * 40} plays") for n, part in enumerate(parts)]) for day in ("Mon", "Tue")
    ]
    figure = render("{% heatmap_chart rows columns=parts caption='When' %}", rows=rows, parts=parts)
    assert table(figure) == [["Mon", "0 plays", "40 plays"], ["Tue", "0 plays", "40 plays"]]
    assert [said(text) for text in figure.findall(".//g/text")] == ["0", "40", "0", "40"]
    hours = [f"{n:02}" for n in range(24)]
    rows = [Group("Mon", [Spot(hour, 3, "3 plays") for hour in hours])]
    figure = render("{% heatmap_chart rows columns=hours %}", rows=rows, hours=hours)
    assert figure.findall(".//g/text") == []
    assert said(figure.find(".//g/title")) == "Mon, 00\n3 plays"


@pytest.mark.parametrize(
    ("text", "said"),
    [("444 plays", "444 plays"), ("3 new artists, 6% of all that were heard", "3 new artists"), ("9" * 60, "9" * 60)],
)
def test_over_the_highest_column_stands_what_a_phone_has_room_for(text, said):
    points = [Spot("Mon", 1, "1"), Spot("Tue", 9, text)]
    figure = render("{% column_chart points caption='c' %}", points=points)
    assert [each.text for each in figure.findall(".//text[@class='graph-said']")] == [said]


def test_a_calendar_has_each_day_in_its_month():
    first = date(2024, 2, 28)
    days = [Spot(f"{n}", n * 5000, f"{n} plays", f"/{n}/", on=first + timedelta(days=n)) for n in range(3)]
    figure = render("{% calendar_chart days caption='Days' week_starts_on=0 %}", days=days)
    march, february = table(figure)
    assert (march[0], march[1]) == ("March 2024", "10k")
    assert (february[0], february[28], february[29]) == ("February 2024", "0", "5,000")
    assert [link.get("href") for link in figure.findall(".//svg//a")] == ["/0/", "/1/", "/2/"]


def test_a_year_across_the_turn_is_one_strip_that_says_its_years():
    days = [Spot("", 1, "", on=date(2025, 11, 22) + timedelta(days=n)) for n in range(365)]
    figure = render("{% calendar_chart days caption='Days' %}", days=days)
    heads = [text.text for text in figure.find(".//svg").findall("./text") if text.get("y") == "13"]
    assert " ".join(heads) == "Dec 2025 Jan 2026 Feb Mar Apr May Jun Jul Aug Sep Oct Nov"


def test_clock_radar_and_lanes_have_their_tables():
    hours = [Spot(f"{n:02}:00", n, f"{n} plays") for n in range(24)]
    assert table(render("{% clock_chart hours caption='Clock' %}", hours=hours)) == [[p.label, p.text] for p in hours]
    series = [Group("You", values=[0.5, None]), Group("All", values=[1, 0.25, 0])]
    figure = render("{% radar_chart axes series caption='Traits' %}", axes=["Mood", "Energy", "Live"], series=series)
    assert table(figure) == [["Mood", "50%", "100%"], ["Energy", "–", "25%"], ["Live", "–", "0%"]]
    lanes = [Group("Monday", blocks=[Block(0.1, 0.2, 9, "Teardrop, 02:24", "/a/")]), Group("Tuesday")]
    figure = render("{% timeline_chart lanes caption='Days' %}", lanes=lanes)
    assert table(figure) == [["Monday", "Teardrop, 02:24"]]
    assert figure.find(".//svg/a").get("href") == "/a/"


def test_lists_and_shares_are_text_themselves():
    points = [Spot("Phone", 3, "3 plays", "/phone/"), Spot(ARABIC, 1, "1 play"), Spot("Web", 0, "none")]
    rows = render("{% bar_list points caption='Most heard' %}", points=points).findall(".//li")
    assert [" ".join(said(row).split()) for row in rows] == ["Phone 3 plays", f"{ARABIC} 1 play", "Web none"]
    assert rows[0].find("a").get("href") == "/phone/"
    assert [row.find(".//rect").get("width") for row in rows] == ["100.00%", "33.33%", "0.00%"]
    rows = render("{% share_bar points caption='Where' %}", points=points).findall(".//li")
    assert [" ".join(said(row).split()) for row in rows] == ["Phone 3 plays · 75%", f"{ARABIC} 1 play · 25%"]


def test_small_marks_are_said():
    figure = render("<p>{% sparkline values label='Rising' %}</p>", values=[1, None, 3])
    assert figure.find("svg").get("aria-label") == "Rising"
    figure = render("<p>{% change 1204 %}|{% change -2 %}|{% change 0 %}|{% change none %}</p>", none=None)
    assert "".join(said(figure).splitlines()) == "▲ 1,204up 1,204|▼ 2down 2|=unchanged|new"


@pytest.mark.parametrize(
    "source",
    [
        "{% column_chart points caption='c' %}",
        "{% line_chart groups caption='c' %}",
        "{% heatmap_chart groups columns=labels caption='c' %}",
        "{% calendar_chart points caption='c' %}",
        "{% clock_chart points caption='c' %}",
        "{% radar_chart labels groups caption='c' %}",
        "{% timeline_chart groups caption='c' %}",
        "{% bar_list points caption='c' %}",
        "{% share_bar points caption='c' %}",
    ],
)
def test_nothing_is_said_calmly_and_names_are_only_names(source):
    empty = render(source, points=[], groups=[], labels=[])
    assert "Nothing here yet." in said(empty)
    assert empty.find(".//svg") is None
    point = Spot(EVIL, 2, EVIL, EVIL, on=date(2026, 1, 1))
    group = Group(EVIL, [point] * 3, [0.1, 0.2, 0.3], [Block(0, 1, 1, EVIL, EVIL)])
    context = {"points": [point] * 3, "groups": [group], "labels": [EVIL] * 3}
    html = Template(source.replace("'c'", "evil")).render(Context({**context, "evil": EVIL}))
    tags = Tags()
    tags.feed(html)
    assert tags.seen["svg"] >= 1
    assert "script" not in tags.seen
    assert "style" not in tags.attributes
    assert not any(name.startswith("on") for name in tags.attributes)
    assert EVIL in tags.text


class Tags(HTMLParser):
    """Which elements and attributes a browser would see."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: dict[str, int] = {}
        self.attributes: set[str] = set()
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.seen[tag] = self.seen.get(tag, 0) + 1
        self.attributes |= {name for name, _ in attrs}

    def handle_data(self, data: str) -> None:
        self.text += data


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.5, "0.5"), (0.25, "0.25"), (950, "950"), (9999, "9,999"), (12_000, "12k"), (2_500_000, "2.5M"),
     (40_000_000, "40M"), (3e9, "3B"), (-20_000, "-20k")],
)  # fmt: skip
def test_numbers_of_an_axis_are_short(value, text):
    with translation.override("en"):
        assert axis_number(value) == text


def test_the_gallery_of_charts_is_for_builders(client, operator, anna, settings):
    settings.DEBUG = False
    assert client.get("/gallery/charts/").status_code == 404
    client.force_login(anna)
    assert client.get("/gallery/charts/").status_code == 404
    client.force_login(operator)
    assert client.get("/gallery/charts/?accent=plum").status_code == 200
