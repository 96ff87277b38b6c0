"""Bytes of a metadata file made ready for the parser: UTF-8, no byte order mark, every CR of a value kept.

A parser must turn CR LF into LF (XML 1.0, section 2.11), and Salesforce does write CR LF inside values
(callback lists, certificates) of files whose own lines end in LF. So:

- A file whose every line end is CR LF has that as its style: a checkout on Windows did it. It is read as if
  it had been written with LF, and written back with LF as Salesforce writes it.
- In any other file each CR of a value is a character of that value.

A CR inside a tag or an attribute is white space there, as XML has it.
"""

from __future__ import annotations

import re

from changeover.errors import XML_BROKEN, XML_ENCODING, XML_TOO_LARGE
from changeover.metadata.file_error import FileError

MAX_BYTES = 8 * 1024 * 1024
"""No app's metadata comes near: the largest value, a push service account, has 8000 characters."""

_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_DECLARED = re.compile(rb"""\s*<\?xml[^>]{0,200}?\bencoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")
_UTF_8 = frozenset({"utf-8", "utf8", "us-ascii", "ascii"})
_LINE_END_AFTER_A_TAG = re.compile(rb">\r\n[ \t\r\n]*<")
# Comments, CDATA, instructions and tags; what lies between them is text. What is never closed runs to the
# end, and no tag runs past the next <: both keep the search linear whatever the file holds.
_MARKUP = re.compile(
    rb"""<!--.*?(?:-->|\Z)|<!\[CDATA\[.*?(?:\]\]>|\Z)|<\?.*?(?:\?>|\Z)|<(?:[^<>"']|"[^"<]*"|'[^'<]*')*>""",
    re.DOTALL,
)


def prepare(data: bytes, path: str) -> bytes:
    """Return a file's bytes as the parser is to see them.

    Raises:
        FileError: XML_TOO_LARGE beyond `MAX_BYTES`, XML_ENCODING for anything but UTF-8, XML_BROKEN for NUL.
    """
    if len(data) > MAX_BYTES:
        says = f"the file is larger than {MAX_BYTES // 1024 // 1024} MiB."
        raise FileError(XML_TOO_LARGE, path, None, says)
    if data.startswith((b"\xff\xfe", b"\xfe\xff")) or data[:2] in {b"<\0", b"\0<"}:
        raise FileError(XML_ENCODING, path, None, "the file is written in UTF-16.")
    data = data.removeprefix(_BYTE_ORDER_MARK)
    if b"\0" in data:
        line = data.count(b"\n", 0, data.index(b"\0")) + 1
        raise FileError(XML_BROKEN, path, line, "a NUL character stands in the file.")
    if not data.isascii():
        _refuse_other_encodings(data, path)
    return _keep_carriage_returns(data) if b"\r" in data else data


def _refuse_other_encodings(data: bytes, path: str) -> None:
    declared = _DECLARED.match(data)
    if declared is not None and declared[1].decode("ascii").lower() not in _UTF_8:
        name = declared[1].decode("ascii")
        raise FileError(XML_ENCODING, path, 1, f"the file declares the encoding {name}.")
    try:
        data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        raise FileError(XML_ENCODING, path, line, "a byte is not UTF-8.") from None


def _keep_carriage_returns(data: bytes) -> bytes:
    pairs = data.count(b"\r\n")
    if data.count(b"\r") == pairs == data.count(b"\n") and _LINE_END_AFTER_A_TAG.search(data):
        return data.replace(b"\r\n", b"\n")
    pieces: list[bytes] = []  # text and markup in turn
    end = 0
    for markup in _MARKUP.finditer(data):
        pieces += (data[end : markup.start()], markup[0])
        end = markup.end()
    pieces.append(data[end:])
    return b"".join(_escaped(pieces))


def _escaped(pieces: list[bytes]) -> list[bytes]:
    """Write each CR inside the root element as a reference, which the parser hands on as it is."""
    tags = [index for index in range(1, len(pieces), 2) if pieces[index][1:2] not in b"!?"]
    for index in range(tags[0], tags[-1]) if tags else ():
        if index % 2 == 0:
            pieces[index] = pieces[index].replace(b"\r", b"&#13;")
        elif pieces[index].startswith(b"<![CDATA["):
            # No reference is read inside CDATA: step out of it for each CR.
            pieces[index] = pieces[index].replace(b"\r", b"]]>&#13;<![CDATA[")
    return pieces
