"""The rule of a form, in whichever of the three faces it was sent; and the builder's rows to show it again."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from playlists import known_values, words
from playlists.known_values import Known
from playlists.rules import builder, fields, operators, printer, schema, text, validate
from playlists.rules.nodes import Condition, Group, Node, Path, Query, conditions
from playlists.rules.problems import Invalid, Problem
from playlists.rules.table import Table

BUILDER, TEXT, JSON = "builder", "text", "json"
FACES = (BUILDER, TEXT, JSON)
WINDOWS = (7, 30, 90, 365)  # days of "times played in the last days" that are offered; any other may be typed


@dataclass(frozen=True, slots=True)
class Face:
    """What was sent: the rule if it could be read, what is wrong, and the text as it was typed."""

    face: str
    query: Query | None
    typed: str = ""
    problems: list[Problem] = field(default_factory=list)

    @property
    def told(self) -> list[str]:
        """What is wrong, in words, with the place where it stands in a text."""
        return [_placed(each, self.typed) for each in self.problems]


def _placed(problem: Problem, typed: str) -> str:
    said = words.of(problem)
    if problem.start is None or not typed:
        return f"{problem.at}: {said}" if problem.at and problem.node is None else said
    piece = typed[problem.start : problem.end]
    return _("At character %(place)s, “%(piece)s”: %(said)s") % {
        "place": problem.start + 1,
        "piece": piece[:40],
        "said": said,
    }


def read(form: Mapping[str, str]) -> Face:
    """The face that the form was in; validated."""
    face = form.get("face", BUILDER)
    typed = form.get("typed", "")
    try:
        if face == TEXT:
            parsed = text.parse(typed)
            return Face(TEXT, parsed.query, typed, validate.check(parsed.query, spans=parsed.spans))
        if face == JSON:
            query = schema.loads(typed)
            return Face(JSON, query, typed, validate.check(query))
    except Invalid as exc:
        return Face(face, None, typed, exc.problems)
    query = builder.from_form(form)
    return Face(BUILDER, query, problems=validate.check(query))


def show(query: Query, face: str) -> Face:
    """A rule in one of the faces."""
    typed = {TEXT: lambda: printer.write(query), JSON: lambda: schema.dumps(query, indent=2)}
    return Face(face, query, typed[face]() if face in typed else "", validate.check(query))


@dataclass(frozen=True, slots=True)
class Row:
    """One node of the builder."""

    prefix: str
    path: str  # 0-2, as buttons name it
    group: str = ""  # the operator of a group; empty for a condition
    rows: "list[Row]" = field(default_factory=list)
    asked: Condition | None = None
    operators: list[tuple[str, str]] = field(default_factory=list)
    shape: str = ""
    value: str = ""
    to: str = ""
    hint: str = ""
    cased: bool = False
    wrong: list[str] = field(default_factory=list)
    other: str = ""  # the label of a field that goes by another name than the list offers
    is_known: bool = True
    is_truth: bool = False
    told: Known = field(default_factory=Known)


def rows(query: Query, problems: list[Problem], table: Table) -> Row:
    """The builder's rows, each with what is wrong with it, and what `table` holds of its field."""
    wrong: dict[Path, list[str]] = {}
    for each in problems:
        if each.node is not None:
            wrong.setdefault(each.node, []).append(words.of(each))
    names = {asked.field for _path, asked in conditions(query.where) if asked.field}
    return _row(query.where, (), wrong, {name: known_values.of_field(table, name) for name in names})


def _row(node: Node, path: Path, wrong: Mapping[Path, list[str]], told: Mapping[str, Known]) -> Row:
    prefix, place = builder.prefix(path), "-".join(map(str, path))
    if isinstance(node, Group):
        children = [_row(child, (*path, number), wrong, told) for number, child in enumerate(node.nodes)]
        return Row(prefix, place, node.operator, children, wrong=wrong.get(path, []))
    field_ = fields.find(node.field)
    offered = [(each.name, _(each.label)) for each in operators.fitting(field_.type if field_ else None)]
    if node.operator not in dict(offered):
        offered.append((node.operator, node.operator))
    value, to = builder.value_texts(node)
    shape = builder.shape_of(node)
    known = told.get(node.field, Known())
    return Row(
        prefix, place, asked=node, operators=offered, shape=shape, value=value, to=to,
        hint=_hint(field_, shape, known), told=known,
        cased=builder.is_cased(node), wrong=wrong.get(path, []), other=_other(node.field, field_),
        is_known=field_ is not None,
        is_truth=bool(field_ and field_.type == "boolean" and shape == "one" and value in ("yes", "no")),
    )  # fmt: skip


def _hint(asked: fields.Field | None, shape: str, known: Known) -> str:
    """An example of a value, out of the person's own tracks where they hold one."""
    if shape not in ("text", "list", "one", "number", "date"):
        return ""
    return next(iter(known.examples), asked.examples[0].strip('"()') if asked and asked.examples else "")


def _other(name: str, found: fields.Field | None) -> str:
    """What a field is called that is not offered: an older name, or plays within other days."""
    if found is None or name in fields.REGISTRY or fields.window_days(name) in WINDOWS:
        return ""
    days = fields.window_days(name)
    return _window(days) if days else f"{_(found.label)} ({name})"


def _window(days: int) -> str:
    return _("Times played in %(days)s days") % {"days": days}


def field_choices() -> list[tuple[str, list[tuple[str, str]]]]:
    """All fields, in two groups: the music, and what is the person's own."""

    def named(personal: bool) -> list[tuple[str, str]]:
        found = [each for each in fields.REGISTRY.values() if each.personal is personal]
        return [(each.name, f"{_(each.label)} ({_(each.unit)})" if each.unit else _(each.label)) for each in found]

    windows = [(f"plays_{days}d", _window(days)) for days in WINDOWS]
    return [(_("The music"), named(False)), (_("You"), [*named(True), *windows])]


def settings(query: Query) -> dict[str, str]:
    """What the builder's last row shows, under names that a template can say."""
    return {
        name.replace("-", "_"): value for name, value in builder.to_form(query).items() if not name.startswith("n-")
    }
