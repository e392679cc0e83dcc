"""What is asked of a zip of XML files (such as .xlsx) before anything is read from it."""

import codecs
import zipfile
import zlib
from typing import IO, BinaryIO
from xml.parsers import expat

from alliance.errors import HostileFile

from .limits import MAX_LINE, MAX_XML_DEPTH, allowed_bytes
from .source import Source

_MAX_PARTS = 10_000
_MAX_HELD = 1_000_000  # XML elements that a reader must hold at once, outside the rows of a sheet
_MAX_ROWS = 1_048_576  # as many as Excel has
_MAX_IN_ROW = 100_000  # XML elements of one row of a sheet
_BLOCK = 64 * 1024
_REMEDY = "Save the sheet alone in a new workbook, or as CSV."


def check_zip(source: Source, stream: BinaryIO) -> None:
    """Raise HostileFile if the zip unpacks to more than its size explains, or its XML is built to cost memory.

    Raises UnreadableFile if it is no zip, or damaged. Leaves ``stream`` at its start.
    """
    size = stream.seek(0, 2)
    try:
        with zipfile.ZipFile(stream) as archive:
            parts = archive.infolist()
            # Python never unpacks more of a part than is declared here, so the declaration can be relied on.
            declared = sum(part.file_size for part in parts)
            if len(parts) > _MAX_PARTS or declared > allowed_bytes(size):
                raise source.hostile(
                    f"The file unpacks to {declared} bytes in {len(parts)} parts, more than its size explains.", _REMEDY
                )
            for part in parts:
                with archive.open(part) as content:
                    _Scan(source, part.filename).read(content)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as error:
        raise source.unreadable(f"The file is not a workbook: {error}.", "Save it again as .xlsx.") from None
    stream.seek(0)


class _Scan:
    """One pass over a part that builds nothing: only counts what a reader would have to hold."""

    def __init__(self, source: Source, part: str) -> None:
        self._source = source
        self._part = part
        self._depth = 0
        self._held = 0
        self._rows = 0
        self._in_row = 0
        self._silence = 0  # bytes since the last element began or ended

    def read(self, content: IO[bytes]) -> None:
        """Scan the part; raises HostileFile, UnreadableFile."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        try:
            data = content.read(_BLOCK)
            if not _is_xml(data):  # a picture, say; what is XML may have any name
                return
            while data:
                self._silence += len(data)
                parser.Parse(data)
                if self._silence > MAX_LINE:
                    raise self._absurd()
                data = content.read(_BLOCK)
            parser.Parse(b"", True)
        except expat.ExpatError as error:
            raise self._source.unreadable(
                f"The part {self._part} is not XML: {error}.", "Save it again as .xlsx."
            ) from None

    def _absurd(self) -> HostileFile:
        return self._source.hostile("The workbook holds absurdly many, long or deep parts.", _REMEDY, part=self._part)

    def _doctype(self, *_: object) -> None:
        raise self._source.hostile("The file declares document types or entities.", _REMEDY, part=self._part)

    def _start(self, tag: str, _: object) -> None:
        self._silence = 0
        self._depth += 1
        if self._in_row:
            self._in_row += 1
        elif tag.rpartition(":")[2] == "row":
            self._in_row = 1
            self._rows += 1
        else:
            self._held += 1
        if (
            self._depth > MAX_XML_DEPTH
            or self._held > _MAX_HELD
            or self._rows > _MAX_ROWS
            or self._in_row > _MAX_IN_ROW
        ):
            raise self._absurd()

    def _end(self, tag: str) -> None:
        self._silence = 0
        self._depth -= 1
        if self._in_row and tag.rpartition(":")[2] == "row":
            self._in_row = 0


def _is_xml(head: bytes) -> bool:
    return b"<" in head.lstrip().removeprefix(codecs.BOM_UTF8)[:4]  # in UTF-16, among marks and zero bytes
