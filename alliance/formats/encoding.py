"""Which text encoding a file is in, and its text in blocks."""

import codecs
import io
import re
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import BinaryIO

from .limits import MIB
from .source import Source

MARK = "\udc80"  # stands for bytes that are no text; half a surrogate pair, so no encoding can yield it

_BLOCK = 256 * 1024
_SAMPLE = 256 * 1024
_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
# A BOM is optional in UTF-8; GBK and GB 2312 are subsets of GB 18030, and files often name the smaller one wrongly.
_WIDER = {"utf-8": "utf-8-sig", "gb2312": "gb18030", "gbk": "gb18030"}


def _mark(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return MARK, error.end


codecs.register_error("alliance.mark", _mark)


def encoding_of(source: Source, declared: str | None) -> str:
    """Return the Python codec for ``source``: the declared one, or the one its bytes speak for.

    Raises UnreadableFile for an encoding that is not known, plainly not the one declared, or cannot be told.
    """
    with source.open() as stream:
        head = stream.read(_BLOCK)
    if not head:
        raise source.unreadable("The file is empty.", "Send it again.")
    if declared is None:
        return next((codec for bom, codec in _BOMS if head.startswith(bom)), None) or _detect(source)
    try:
        " ".encode(declared)  # raises for a codec that is not one of text
        codec = codecs.lookup(declared).name
    except (LookupError, ValueError):
        raise source.unreadable(f"The encoding {declared!r} is not known.", "Name another, or none.") from None
    if codec.startswith("utf-16") and b"\0" not in head:
        raise source.unreadable(f"The file is not {declared}.", "Name its encoding, or none to have it detected.")
    return _WIDER.get(codec, codec)


def blocks(stream: BinaryIO, encoding: str) -> Iterator[str]:
    """Yield the text of ``stream`` in blocks; every run of bytes that is no text becomes one MARK."""
    decoder = codecs.getincrementaldecoder(encoding)("alliance.mark")
    while data := stream.read(_BLOCK):
        yield decoder.decode(data)
    yield decoder.decode(b"", final=True)


@contextmanager
def utf8(source: Source, encoding: str) -> Iterator[BinaryIO]:
    """Yield the file as UTF-8 without BOM. Bytes that are no text stay no text: what parses them will refuse them."""
    with source.open() as stream:
        if encoding != "utf-8-sig":
            yield io.BufferedReader(_Recoded(blocks(stream, encoding)), _BLOCK)
            return
        buffered = stream if isinstance(stream, io.BufferedReader) else io.BufferedReader(stream)  # type: ignore[type-var]
        if buffered.peek(3).startswith(codecs.BOM_UTF8):
            buffered.read(3)
        yield buffered


class _Recoded(io.RawIOBase):
    def __init__(self, text: Iterator[str]) -> None:
        self._data = (block.encode("utf-8", "surrogatepass") for block in text)
        self._rest = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            block = next(self._data, None)
            if block is None:
                return 0
            self._rest = block
        part, self._rest = self._rest[: len(buffer)], self._rest[len(buffer) :]
        buffer[: len(part)] = part
        return len(part)


def _detect(source: Source) -> str:
    zeros = False
    valid = True
    decoder = codecs.getincrementaldecoder("utf-8")()
    with source.open() as stream:
        while valid and (data := stream.read(MIB)):
            zeros = zeros or b"\0" in data
            valid = _decodes(decoder, data)
    if valid and _decodes(decoder, b"", final=True) and not zeros:
        return "utf-8-sig"
    if zeros:
        raise source.unreadable(
            "The file holds zero bytes: it is not text, or UTF-16 without its mark.",
            "Send text; if it is UTF-16, name its encoding (utf-16-le or utf-16-be).",
        )
    return _legacy(source)


def _decodes(decoder: codecs.IncrementalDecoder, data: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(data, final)
    except UnicodeDecodeError:
        return False
    return True


def _legacy(source: Source) -> str:
    """Return the best of UTF-8 with damage, GB 18030, Mac Roman and Windows-1252, by what the text then looks like."""
    sample, classic_mac = _sample(source)
    if _share_of_text(sample, "utf-8") > 0.9:
        return "utf-8-sig"  # a few damaged rows do not make it another encoding
    if _share_of_text(sample, "gb18030", within="gb2312") > 0.8:
        return "gb18030"
    mac = _western(sample, "mac_roman") + (0.5 if classic_mac else 0)
    windows = _western(sample, "cp1252")
    if max(mac, windows) <= 0:
        raise source.unreadable("The text encoding cannot be told.", "Name the encoding in the contract.")
    return "mac_roman" if mac > windows else "cp1252"


def _sample(source: Source) -> tuple[bytes, bool]:
    """Return lines that are not ASCII, and whether lines end in a bare CR as on the classic Mac."""
    lines: list[bytes] = []
    size = 0
    rest = b""
    bare_cr = True
    with source.open() as stream:
        while size < _SAMPLE and (data := stream.read(_BLOCK)):
            bare_cr = bare_cr and b"\n" not in data
            *whole, rest = re.split(rb"[\r\n]", (rest + data)[-MIB:])
            found = [line for line in whole if not line.isascii()]
            size += sum(map(len, found))
            lines += found
    if size < _SAMPLE and not rest.isascii():
        lines.append(rest)
    return b"\n".join(lines)[:MIB], bare_cr


def _share_of_text(sample: bytes, encoding: str, within: str = "utf-8") -> float:
    """Return the share of characters beyond ASCII that decode, and belong to the (common) characters of ``within``."""
    found = Counter(char for char in sample.decode(encoding, "alliance.mark") if char > "\x7f")
    common = sum(count for char, count in found.items() if char != MARK and char.encode(within, "ignore"))
    return common / max(1, found.total())


_LOOKS_RIGHT = (
    (1.0, r"(?<=[A-Za-z])[ß-öø-ÿ]|[ß-öø-ÿ](?=[A-Za-z])"),  # an accented letter in a word
    (1.0, r"\b[À-ÖØ-Þ](?=[a-z])|(?<=[A-Z])[À-ÖØ-Þ]|\b[À-ÖØ-Þ](?=[A-Z])"),
    (2.0, r"(?<=[A-Za-z])’(?=(?:s|t|d|m|ll|re|ve)\b)"),
    (1.0, r"[“‘](?=\w)|(?<=[\w.,!?])[”’](?!\w)|(?<=[\s\d])[–—](?=[\s\d])|[™®©](?!\w)|[€£¥](?=\d)"),
    (0.5, r"[…•·°±§«»¿¡½¼²³\xa0]"),
)
_LOOKS_WRONG = (
    (1.0, r"(?<=[a-z])[À-ÖØ-ÞŠŽŒŸ]"),  # a capital after a small letter
    (1.0, r"(?<=[A-Za-z])[^\x00-\x7fÀ-ÖØ-öø-ÿŠšŽžŒœŸ’](?=[A-Za-z])"),  # a sign inside a word
    (3.0, f"[\x80-\x9f{MARK}]"),
)


def _western(sample: bytes, encoding: str) -> float:
    """Return how much the sample looks like Western text in a one-byte encoding; the higher the better."""
    text = sample.decode(encoding, "alliance.mark")
    right = sum(weight * len(re.findall(pattern, text)) for weight, pattern in _LOOKS_RIGHT)
    wrong = sum(weight * len(re.findall(pattern, text)) for weight, pattern in _LOOKS_WRONG)
    return right - wrong
