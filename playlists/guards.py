"""What stops a sync until a person has said yes. Pure."""

from playlists.diff import Diff

MOST_REMOVED = 0.3  # of what is there, without a word

EMPTIES, SHORT, REMOVES, FOREIGN, EDITED = "empties", "short", "removes", "foreign", "edited"


def guards(diff: Diff, *, min_tracks: int, is_first: bool, is_edited: bool, keeps_hand_edits: bool) -> list[str]:
    """Names of what a person must know before this is written; empty if it may go.

    `is_first`: we never wrote this playlist. `is_edited`: it is not as we left it.
    """
    if not diff:
        return []
    found = []
    if not diff.after:
        found.append(EMPTIES)
    elif len(diff.after) < min_tracks:
        found.append(SHORT)
    if diff.removed_share > MOST_REMOVED:
        found.append(REMOVES)
    if is_first and diff.before:
        found.append(FOREIGN)
    if is_edited and not keeps_hand_edits:
        found.append(EDITED)
    return found
