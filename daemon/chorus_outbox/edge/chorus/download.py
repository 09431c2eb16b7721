"""A large file inside a JSON answer, in base64: written to disk as it comes, never held in memory. Decides nothing.

Only the one field is taken out of the text; what stands around it is small and read as any other answer.
"""

from __future__ import annotations

import base64
import binascii
import re
import time
from collections.abc import Iterator
from typing import IO

import httpx

DOWNLOAD_SECONDS = 1800.0  # for the whole answer
DOWNLOAD_MAX = 300_000_000  # bytes of the file: many times the directory of all public bodies
AROUND_MAX = 1_000_000  # bytes of the answer without the file
_ESCAPED = re.compile(rb"\\(?:u00([0-9A-Fa-f]{2})|([/nrt]))")
_UNFINISHED = re.compile(rb"\\(?:u[0-9A-Fa-f]{0,3})?\Z")


class Download:
    """Where one file of an answer goes.

    Args:
        field: The field that holds it.
        file: Where to write; whatever is in it already is thrown away.
        limit: Bytes that it may have at most.

    """

    def __init__(self, field: str, file: IO[bytes], limit: int = DOWNLOAD_MAX) -> None:
        self._start = re.compile(rb'"' + re.escape(field.encode()) + rb'"\s*:\s*"')
        self._file = file
        self._limit = limit

    def read(self, response: httpx.Response) -> bytes:
        """Write the file and return the rest of the answer, with an empty text in the file's place.

        Raises:
            httpx.HTTPError: It broke off, is too long, no base64, or not there in time.

        """
        self._file.seek(0)
        self._file.truncate()
        parts = self._in_time(response)
        try:
            head = b""
            for part in parts:
                head = _bounded(head + part)
                if found := self._start.search(head):
                    rest = self._decode(head[found.end() :], parts)
                    return _bounded(head[: found.end()] + rest + b"".join(_all_bounded(parts)))
            return head
        finally:
            response.close()

    def _in_time(self, response: httpx.Response) -> Iterator[bytes]:
        deadline = time.monotonic() + DOWNLOAD_SECONDS
        for part in response.iter_bytes():
            if time.monotonic() > deadline:
                raise httpx.ReadTimeout("the download takes too long")
            yield part

    def _decode(self, first: bytes, parts: Iterator[bytes]) -> bytes:
        """Decode until the closing quote; return what follows, the quote included."""
        part: bytes | None = first
        text, size = b"", 0
        while part is not None:
            inside, quote, after = part.partition(b'"')
            text += inside
            held = b"" if quote else (found[0] if (found := _UNFINISHED.search(text)) else b"")
            ready = _plain(text[: len(text) - len(held)])
            whole = len(ready) if quote else len(ready) - len(ready) % 4
            size += self._write(ready[:whole])
            if size > self._limit:
                raise httpx.ReadError("the file is too large")
            if quote:
                return quote + after
            text = ready[whole:] + held
            part = next(parts, None)
        raise httpx.ReadError("the file broke off")

    def _write(self, text: bytes) -> int:
        try:
            return self._file.write(base64.b64decode(text, validate=True))
        except binascii.Error:
            raise httpx.DecodingError("the file is no base64") from None


def _plain(text: bytes) -> bytes:
    """Return base64 without JSON's escapes and without line breaks."""

    def character(escape: re.Match[bytes]) -> bytes:
        return bytes.fromhex(escape[1].decode()) if escape[1] else escape[2] if escape[2] == b"/" else b""

    return b"".join(_ESCAPED.sub(character, text).split()) if b"\\" in text or b"\n" in text else text


def _bounded(text: bytes) -> bytes:
    if len(text) > AROUND_MAX:
        raise httpx.ReadError("the answer is too long")
    return text


def _all_bounded(parts: Iterator[bytes]) -> Iterator[bytes]:
    size = 0
    for part in parts:
        size += len(part)
        if size > AROUND_MAX:
            raise httpx.ReadError("the answer is too long")
        yield part
