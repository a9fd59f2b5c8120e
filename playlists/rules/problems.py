"""What can be wrong with a rule, with the place: the same in all three faces.

WORDS are English, marked for translation; who shows them translates and fills them in (`playlists/words.py`).
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from playlists.rules.fields import gettext_noop
from playlists.rules.nodes import Path

_ = gettext_noop
WORDS = {
    # form
    "not_json": _("This is not JSON (line %(line)s)."),
    "too_long": _("Longer than %(most)s characters."),
    "not_a_group": _("A rule is a group: an object with “operator” and “conditions”."),
    "not_a_condition": _("A condition is an object with “field”, “operator” and “value”."),
    "not_a_list": _("Has to be a list."),
    "not_text": _("Has to be text."),
    "missing": _("Is missing."),
    "not_a_limit": _("A limit is an object with “amount”, “unit” and “by”."),
    "not_whole": _("Has to be a whole number."),
    "not_an_order": _("An order is a list of field names, with a minus sign to turn it round."),
    "not_apart": _("Has to be an object with “artist” and “album”, whole numbers."),
    "not_a_rule_set": _("A rule is an object with “name” and “rules”."),
    "many_rules": _("A file holds at most %(most)s rules."),
    "whole_range": _("Has to be a whole number from %(low)s to %(high)s."),
    "unknown_schedule": _("A schedule has the “kind” daily, weekly or likes."),
    "no_such_playlist": _("You have no playlist with this id."),
    "meanwhile": _("This rule was changed elsewhere while you had it open. Save again to replace that."),
    "too_deep": _("Groups may be nested %(most)s deep at most."),
    "too_many": _("A rule holds at most %(most)s conditions and groups."),
    # typed query
    "unclosed_quote": _("This quotation mark is never closed."),
    "unclosed_bracket": _("This bracket is never closed."),
    "stray": _("“%(found)s” does not belong here."),
    "no_value": _("A value is missing here."),
    "no_condition": _("A condition is missing here."),
    "bad_escape": _("After a backslash comes one of: quotation mark, backslash, n, t, r, or u with four digits."),
    "unclosed_pattern": _("This pattern is never closed: write it between two slashes."),
    "bad_json_value": _("This is not a JSON value."),
    "bad_date_range": _("These are not two dates."),
    "no_such_setting": _("Here comes limit, order or apart, not “%(found)s”."),
    "bad_limit": _("Write a limit like this: limit 50, or limit 90 minutes by -plays."),
    "bad_apart": _("Write it like this: apart artist 3, or apart artist 3 album 5."),
    "twice": _("“%(found)s” was already said."),
    # sense
    "empty_field": _("Choose what to ask about."),
    "unknown_operator": _("There is no operator “%(operator)s”."),
    "unknown_group": _("A group is all, any or none, not “%(operator)s”."),
    "operator_unfit": _("“%(operator)s” cannot be asked of %(field)s."),
    "needs_number": _("Needs a number."),
    "needs_whole": _("Needs a whole number."),
    "needs_text": _("Needs a text."),
    "needs_truth": _("Needs yes or no."),
    "needs_date": _("Needs a date like 2020-06-30, or one counted back like -30d, -6m, -1y."),
    "needs_days": _("Needs a whole number of days, from 1 to 36500."),
    "needs_two_numbers": _("Needs two numbers."),
    "reversed": _("The smaller number comes first."),
    "needs_list": _("Needs a list with something in it."),
    "needs_value": _("Needs a value."),
    "value_long": _("Texts may have %(most)s characters at most."),
    "list_long": _("A list may have %(most)s entries at most."),
    "number_big": _("This number is too big."),
    "bad_pattern": _("This pattern cannot be used: %(reason)s (at character %(position)s)."),
    "bad_text": _("This text holds something that is not a character."),
    "many_patterns": _("A rule may have %(most)s patterns at most."),
    "many_windows": _("A rule may count plays of %(most)s different stretches of days at most."),
    "limit_range": _("A limit is a number from 1 to %(most)s."),
    "unknown_unit": _("A limit counts tracks or minutes."),
    "unknown_order": _("Nothing can be sorted by “%(field)s”."),
    "many_orders": _("An order has at most %(most)s keys."),
    "apart_range": _("Between two of one artist or album lie 0 to %(most)s others."),
    "cycle": _("This rule would ask itself."),
    # warnings
    "unknown_field": _("“%(field)s” is not known in your data yet."),
    "no_coverage": _("%(field)s is not known for any of your tracks yet, so this is never true."),
    "out_of_range": _("%(field)s lies between %(low)s and %(high)s, so this is never true."),
    "contradiction": _("No track can be this and what “%(other)s” asks at once."),
    "empty_any": _("Any of nothing is never true."),
    "no_member": _("You have no “%(value)s” among these."),
    "many_members": _("You have more than one “%(value)s”; all of them count."),
}


@dataclass(frozen=True, slots=True)
class Problem:
    """One thing that is wrong, or (`warning`) allowed but hardly meant.

    `at` is the path in the JSON face, such as conditions[2].value; `node` and `part` name the same for the builder, and
    `start`, `end` for the typed query, in characters from 0, where that is known.
    """

    code: str
    params: Mapping[str, object] = field(default_factory=dict)
    at: str = ""
    node: Path | None = None
    part: str = ""
    start: int | None = None
    end: int | None = None
    warning: bool = False

    @property
    def words(self) -> str:
        """In English."""
        return WORDS[self.code] % self.params


class Invalid(ValueError):
    """It is no rule; `problems` say what and where."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        super().__init__("; ".join(f"{each.at}: {each.words}".removeprefix(": ") for each in problems))
        self.problems = list(problems)


def json_path(path: Path, part: str = "") -> str:
    """A node's place as the JSON face names it: conditions[1].conditions[0].value."""
    steps = [f"conditions[{place}]" for place in path]
    return ".".join([*steps, part] if part else steps)
