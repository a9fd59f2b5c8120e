"""Why a play began and ended, in words for people."""

from collections.abc import Mapping

from django.utils.translation import gettext_lazy

# Spotify's words for why a play began and ended, in ours; of others nothing better is known than the word itself.
BEGAN = {
    "appload": gettext_lazy("the app was opened"),
    "autoplay": gettext_lazy("autoplay went on"),
    "backbtn": gettext_lazy("you went back"),
    "clickrow": gettext_lazy("you chose a track"),
    "clickside": gettext_lazy("you chose it at the side"),
    "fwdbtn": gettext_lazy("you went on to the next"),
    "playbtn": gettext_lazy("you pressed play"),
    "remote": gettext_lazy("another device took over"),
    "trackdone": gettext_lazy("the track before was over"),
    "trackerror": gettext_lazy("the track before failed"),
}
ENDED = {
    "backbtn": gettext_lazy("you went back"),
    "clickrow": gettext_lazy("you chose another track"),
    "clickside": gettext_lazy("you chose another at the side"),
    "endplay": gettext_lazy("you stopped"),
    "fwdbtn": gettext_lazy("you went on to the next"),
    "logout": gettext_lazy("you signed out"),
    "remote": gettext_lazy("another device took over"),
    "trackdone": gettext_lazy("the last track was over"),
    "trackerror": gettext_lazy("the track failed"),
    "unexpected-exit": gettext_lazy("the app closed without warning"),
    "unexpected-exit-while-paused": gettext_lazy("the app closed while paused"),
}
_UNTOLD = {"", "unknown"}


def said(known: Mapping[str, object], word: str) -> str:
    """A program's word in ours; one that nobody knows as it is; nothing for one that tells nothing."""
    return "" if word in _UNTOLD else str(known.get(word, word))
