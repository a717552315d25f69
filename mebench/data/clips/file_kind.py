"""What a table's file is, by its bytes: many an ``.xls`` is an ``.xlsx`` with another name, a web page, or text.

    kind_of(path, content_of(path))     # "xls", "xlsx" or "text"; anything else is named in one sentence

A file that is none of these is told as what it is, since the mend differs: a password has to go, an archive wants
unpacking, a pointer wants its download.
"""

from __future__ import annotations

import io
import re
import zipfile
from pathlib import Path
from typing import Literal

from mebench.data.clips.limits import MOST_BYTES, MOST_TEXT
from mebench.data.fetching import is_there, read_bytes
from mebench.errors import MebenchError
from mebench.regular_files import too_large

Kind = Literal["xls", "xlsx", "text"]

_OLE_FILE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP_FILE = b"PK\x03\x04"
_HEAD = 4096
_SAVE = "save it as .xlsx or .csv"
_AGAIN = "get it again from its owner"

# First bytes -> what they are, and the mend.
_STARTS = (
    (b"%PDF", "a PDF document", "take the table out of it and save that as .xlsx or .csv"),
    (
        b"version https://git-lfs",
        "a pointer of Git LFS, not the file itself",
        "download it with `git lfs pull`",
    ),
    (b"/annex/objects/", "a pointer of git-annex, not the file itself", "download it with `git annex get`"),
    (b"\x1f\x8b", "a gzip archive", "unpack it first"),
    (b"7z\xbc\xaf\x27\x1c", "a 7z archive", "unpack it first"),
    (b"Rar!", "a RAR archive", "unpack it first"),
    (b"\x89PNG", "a picture", "give the table, as .xlsx or .csv"),
    (b"\xff\xd8\xff", "a picture", "give the table, as .xlsx or .csv"),
    (b"\x93NUMPY", "a NumPy array", "give the table, as .xlsx or .csv"),
    (b"\x89HDF", "an HDF5 file", "give the table, as .xlsx or .csv"),
    (b"{\\rtf", "a text document (RTF)", _SAVE),
)
# A stream of an OLE file -> what holds such a one, and the mend. Names are stored in UTF-16.
_STREAMS = (
    ("EncryptionInfo", "a workbook locked with a password", f"take the password away and {_SAVE}"),
    ("WordDocument", "a text document (.doc)", _SAVE),
    ("PowerPoint Document", "a presentation (.ppt)", _SAVE),
)
# A member of a ZIP file -> the same.
_MEMBERS = (
    ("xl/workbook.bin", "a binary workbook (.xlsb)", _SAVE),
    ("word/document.xml", "a text document (.docx)", _SAVE),
    ("ppt/presentation.xml", "a presentation (.pptx)", _SAVE),
    ("Index/Document.iwa", "a workbook of Numbers", _SAVE),
)
_STRICT = b"http://purl.oclc.org/ooxml/"
_PAGE = re.compile(rb"<(!doctype\s+html|html|head|body|meta|table)\b", re.IGNORECASE)


def content_of(path: Path) -> bytes:
    """Return the bytes of a table's file.

    Raises:
        MebenchError: it is missing, a folder, a pipe or a device, or larger than any table; or the system cannot give
            it (:class:`mebench.data.fetching.UnreachableError`).
    """
    why = "Is a directory" if path.is_dir() else "" if is_there(path) else "No such file"
    if why:
        raise MebenchError(f"{path} cannot be read: {why}; give a workbook, CSV or text file")
    content = read_bytes(path, limit=MOST_BYTES)
    if not content.startswith((_OLE_FILE, _ZIP_FILE)) and len(content) > MOST_TEXT:
        raise too_large(path, MOST_TEXT)
    return content


def kind_of(path: Path, content: bytes) -> Kind:
    """Return as what a table's file is read.

    Raises:
        MebenchError: it is empty, or something that cannot be read as a table; the sentence says what.
    """
    head = content[:_HEAD]
    start = head.lstrip(b"\xef\xbb\xbf \t\r\n")
    if not start:
        raise MebenchError(f"{path} is empty: {_AGAIN}")
    for mark, what, mend in _STARTS:
        if start.startswith(mark):
            raise _refusal(path, what, mend)
    if head.startswith(_OLE_FILE):
        return _ole(path, content)
    if head.startswith(_ZIP_FILE):
        return _zip(path, content)
    if start.startswith(b"<") or b"<\0" in head[:8] or b"\0<" in head[:8]:
        _refuse_markup(path, start.replace(b"\0", b""))
    return "text"


def _ole(path: Path, content: bytes) -> Kind:
    for stream, what, mend in _STREAMS:
        if stream.encode("utf-16-le") in content:
            raise _refusal(path, what, mend)
    return "xls"


def _zip(path: Path, content: bytes) -> Kind:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            names = set(archive.namelist())
            for member, what, mend in _MEMBERS:
                if member in names:
                    raise _refusal(path, what, mend)
            if "mimetype" in names and b"opendocument" in _start(archive, "mimetype"):
                raise _refusal(path, "an OpenDocument file (.ods)", _SAVE)
            if "[Content_Types].xml" not in names:
                raise _refusal(path, "a ZIP archive, not a workbook", "unpack it first")
            if "xl/workbook.xml" in names and _STRICT in _start(archive, "xl/workbook.xml"):
                raise _refusal(
                    path,
                    "a workbook in the strict form of Open XML",
                    "save it as an ordinary .xlsx (not 'Strict Open XML') or as .csv",
                )
    except MebenchError:
        raise
    except Exception as error:  # damage shows as errors of a dozen types
        raise _refusal(path, f"a damaged workbook or archive ({type(error).__name__})", _AGAIN) from error
    return "xlsx"


def _start(archive: zipfile.ZipFile, member: str) -> bytes:
    with archive.open(member) as file:
        return file.read(_HEAD)


def _refuse_markup(path: Path, start: bytes) -> None:
    if b"urn:schemas-microsoft-com:office:spreadsheet" in start:
        raise _refusal(path, "a workbook in the XML form of 2003", _SAVE)
    if b"opendocument" in start:
        raise _refusal(path, "an OpenDocument file (.fods)", _SAVE)
    if _PAGE.search(start):
        raise _refusal(path, "a web page (HTML)", f"open it in a spreadsheet program and {_SAVE}")
    if start.startswith(b"<?xml"):
        raise _refusal(path, "an XML file", _SAVE)


def _refusal(path: Path, what: str, mend: str) -> MebenchError:
    return MebenchError(f"{path} is {what}: {mend}")
