"""XML: one repeated element is a row, what it holds are its columns."""

import re
from collections.abc import Iterator
from typing import BinaryIO
from xml.etree.ElementTree import ParseError

from defusedxml.common import DefusedXmlException
from defusedxml.ElementTree import DefusedXMLParser

from .batch import Batch, Options, Records
from .encoding import encoding_of, utf8
from .limits import MAX_LINE, MAX_XML_DEPTH
from .source import Source

_BLOCK = 64 * 1024
_ELEMENT_COST = 64  # characters that an element counts for, besides its text
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]*?\sencoding\s*=\s*["']([A-Za-z0-9._-]+)["']""")
_SCHEMA = "{http://www.w3.org/2001/XMLSchema-instance}"


def read_xml(source: Source, options: Options) -> Iterator[Batch]:
    """Yield the rows of an XML document: the elements at ``rows_at``, else every child of the root.

    Text of nested elements becomes dotted columns, attributes ``@name``, repeated elements are joined with ``;``,
    text of the row element itself ``#text``. Namespaces are left out. Raises UnreadableFile if the document is not
    XML or has no such element, HostileFile if it declares a document type or entities, or nests absurdly.
    """
    path = options.rows_at.strip("/").split("/") if options.rows_at else None
    records = Records(source)
    rows = _Rows(source, path)
    with utf8(source, encoding_of(source, options.encoding or _declared(source))) as stream:
        for cells in _parse(source, stream, rows):
            records.add(cells)
            records.weigh(sum(map(len, cells.values())))
            if records.full:
                yield records.take()
    if path and not records.row:
        raise source.unreadable(f"There is no element {options.rows_at}.", "Say where the rows are, from the root.")
    yield from records.rest()


def _declared(source: Source) -> str | None:
    with source.open() as stream:
        found = _DECLARED.match(stream.read(1024))
    # With no declaration the bytes decide; with a UTF-16 one they do, too, for it could not be read if it were true.
    return None if not found or found[1].lower().startswith(b"utf-16") else found[1].decode()


def _parse(source: Source, stream: BinaryIO, rows: "_Rows") -> Iterator[dict[str, str]]:
    # The text is UTF-8 by now, whatever the document declares.
    parser = DefusedXMLParser(target=rows, encoding="utf-8", forbid_dtd=True)
    count = 0
    try:
        while data := stream.read(_BLOCK):
            rows.silence += len(data)
            parser.feed(data)
            if rows.silence > MAX_LINE:
                raise source.hostile(f"A value is longer than {MAX_LINE} bytes.", "Shorten it.", row=count + 1)
            for cells in rows.taken():
                count += 1
                yield cells
        parser.close()
    except DefusedXmlException:
        raise source.hostile("The file declares a document type or entities.", "Leave them out.") from None
    except ParseError as error:
        raise source.unreadable(f"The file is not XML: {error}.", "Mend it.", row=count + 1) from None
    yield from rows.taken()


class _Rows:
    """Gathers rows from parser events, and keeps nothing else of the document.

    Attributes:
        silence: bytes since the last element began or ended, counted by who feeds the parser.
    """

    def __init__(self, source: Source, path: list[str] | None) -> None:
        self.silence = 0
        self._source = source
        self._path = path
        self._names: list[str] = []
        self._row_depth = 0  # 0 = outside a row
        self._cells: dict[str, list[str]] = {}
        self._texts: list[list[str]] = []  # one for each open element of the row
        self._size = 0
        self._parent = False  # whether the element about to end held others
        self._done: list[dict[str, str]] = []

    def taken(self) -> list[dict[str, str]]:
        """Return the rows completed since the last call."""
        done, self._done = self._done, []
        return done

    def start(self, tag: str, attributes: dict[str, str]) -> None:
        self.silence = 0
        self._names.append(_local(tag))
        if len(self._names) > MAX_XML_DEPTH:
            raise self._source.hostile(f"Elements nest more than {MAX_XML_DEPTH} deep.", "Send flatter rows.")
        if not self._row_depth:
            if not self._begins_row():
                return
            self._row_depth = len(self._names)
            self._cells, self._size = {}, 0
        self._texts.append([])
        self._parent = False
        self._weigh(_ELEMENT_COST)
        for name, value in attributes.items():
            if not name.startswith(_SCHEMA):
                self._set([*self._inner(), "@" + _local(name)], value)

    def data(self, text: str) -> None:
        if self._row_depth:
            self._weigh(len(text))
            self._texts[-1].append(text)

    def end(self, _tag: str) -> None:
        self.silence = 0
        if self._row_depth:
            self._end_in_row("".join(self._texts.pop()).strip())
        self._names.pop()

    def close(self) -> None:
        """The parser calls this at the end."""

    def _end_in_row(self, text: str) -> None:
        inner = self._inner()
        if text or (inner and not self._parent):
            self._set(inner or ["#text"], text)
        self._parent = True
        if not inner:
            self._done.append({name: ";".join(filter(None, values)) for name, values in self._cells.items()})
            self._row_depth = 0

    def _begins_row(self) -> bool:
        return self._names == self._path if self._path else len(self._names) == 2

    def _inner(self) -> list[str]:
        return self._names[self._row_depth :]

    def _set(self, names: list[str], value: str) -> None:
        self._weigh(_ELEMENT_COST + len(value))
        self._cells.setdefault(".".join(names), []).append(value)

    def _weigh(self, chars: int) -> None:
        self._size += chars
        if self._size > MAX_LINE:
            raise self._source.hostile(f"A row is longer than {MAX_LINE} characters.", "Send shorter rows.")


def _local(name: str) -> str:
    return name.rpartition("}")[2]
