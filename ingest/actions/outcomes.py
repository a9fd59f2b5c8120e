"""What an import came to, in words for its person."""

from django.utils.formats import number_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from ingest.importers.reading import Reading
from ingest.models import HistoryImport


def told(history_import: HistoryImport) -> str:
    """What the import brought, in the one line of its job."""
    if not history_import.new:
        return _("Nothing new: every play in it was known already.") if history_import.rows else ""
    said = number_format(history_import.new, force_grouping=True)
    words = ngettext("%(said)s new play is in your log.", "%(said)s new plays are in your log.", history_import.new)
    return words % {"said": said}


def nothing_found(reading: Reading) -> str:
    notes = [f"{report.name}: {report.note}" for report in reading.files if report.note]
    return "\n".join(
        [
            _("No listening history was found, and nothing was changed."),
            *notes[:5],
            *([_("… and %(count)d more files, listed below.") % {"count": len(notes) - 5}] if len(notes) > 5 else []),
            _(
                "Upload the zip that Spotify sent you, as it is: "
                "it comes with the mail that your data is ready to download."
            ),
        ]
    )
