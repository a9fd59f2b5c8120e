"""Writing zips that are the same bytes each time."""

from __future__ import annotations

import zipfile
from datetime import datetime


class Zip:
    """An archive being written, dated by the export; with no archive it swallows everything."""

    def __init__(self, archive: zipfile.ZipFile | None, dated: datetime, level: int = 3) -> None:
        self._archive = archive
        self._dated = dated.timetuple()[:6]
        self._level = level

    @property
    def wanted(self) -> bool:
        return self._archive is not None

    def add(self, name: str, content: bytes) -> None:
        if self._archive is None:
            return
        entry = zipfile.ZipInfo(name, self._dated)
        entry.compress_type = zipfile.ZIP_DEFLATED
        entry.external_attr = 0o644 << 16
        self._archive.writestr(entry, content, compresslevel=self._level)


def pdf(title: str) -> bytes:
    """A PDF of one page that says its title."""
    text = f"BT /F1 18 Tf 72 720 Td ({title}) Tj ET".encode("latin-1")
    objects = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 << /Type /Font /Subtype /Type1 /BaseFont /Helvetica >> >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(text), text),
    ]
    made = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(objects, 1):
        places.append(len(made))
        made += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    end = b"xref\n0 5\n0000000000 65535 f \n%strailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n"
    return made + end % (table, len(made))
