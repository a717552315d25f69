"""Saving a workbook whose bytes depend on its content alone: the same twin has the same SHA-256.

save_workbook(book, path)
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import openpyxl


# A workbook carries the time of saving twice: in its properties and in the members of its zip archive.
_PROPERTIES = "docProps/core.xml"
_TIME = re.compile(rb"(<dcterms:(?:created|modified)\b[^>]*>)[^<]*")
_NO_TIME = rb"\g<1>1980-01-01T00:00:00Z"


def save_workbook(book: openpyxl.Workbook, path: Path) -> None:
    """Save ``book`` without the times at which it was made and saved."""
    saved = io.BytesIO()
    book.save(saved)
    with zipfile.ZipFile(saved) as source, zipfile.ZipFile(path, "w") as target:
        for name in source.namelist():
            content = source.read(name)
            if name == _PROPERTIES:
                content = _TIME.sub(_NO_TIME, content)
            # ZipInfo's own default is a fixed time, 1 January 1980.
            target.writestr(zipfile.ZipInfo(name), content, zipfile.ZIP_DEFLATED)
