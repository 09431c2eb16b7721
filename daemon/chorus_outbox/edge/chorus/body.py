"""The body of a request: known length, a big file streamed in base64, and whether all of it was handed over.

``complete`` decides later whether a failed deposit is "certainly not arrived" or "in doubt" (engineering.md 5.3):
the same exception means "cut in mid-upload" and "took everything and hung up".
"""

from __future__ import annotations

import binascii
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx

CHUNK = 57_344 - 57_344 % 3  # bytes of the file a piece: measured fastest, and a multiple of 3 for base64


class Body(httpx.SyncByteStream):
    """A JSON object, in which one field may hold a file in base64 that is never wholly in memory.

    Args:
        fields: The object, without the file's field.
        file: Name of the file's field and the file's path, or None.
        deadline: Monotonic time after which sending stops with ``httpx.WriteTimeout``.

    Can be iterated again (a request repeated after 401).

    """

    def __init__(self, fields: Mapping[str, Any], file: tuple[str, Path] | None, deadline: float) -> None:
        text = json.dumps(fields, ensure_ascii=True)
        self._file = file
        self._size = 0
        self._deadline = deadline
        self.complete = False
        self._head, self._tail = text.encode(), b""
        if file:
            field, path = file
            self._size = path.stat().st_size
            self._head = text[:-1].encode() + (b", " if fields else b"") + json.dumps(field).encode() + b': "'
            self._tail = b'"}'

    def __len__(self) -> int:
        return len(self._head) + 4 * ((self._size + 2) // 3) + len(self._tail)

    def __iter__(self) -> Iterator[bytes]:
        self.complete = False
        if not self._file:
            self.complete = True  # set before the last bytes leave: rather a doubt too many than one too few
            yield self._head
            return
        yield self._head
        with self._file[1].open("rb") as f:
            with suppress(OSError, AttributeError):  # only advice to the kernel
                os.posix_fadvise(f.fileno(), 0, 0, os.POSIX_FADV_SEQUENTIAL)
            left = self._size
            while left:
                if time.monotonic() > self._deadline:
                    raise httpx.WriteTimeout("deadline passed during the upload")
                piece = f.read(min(CHUNK, left))
                if not piece:
                    raise OSError(f"{self._file[1].name}: shorter than when its upload began")
                left -= len(piece)
                yield binascii.b2a_base64(piece, newline=False)
        self.complete = True
        yield self._tail
