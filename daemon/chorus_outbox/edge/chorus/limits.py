"""How much of an answer is read, and for how long: a server may send without end, or a byte now and then."""

from __future__ import annotations

import time

import httpx

ANSWER_MAX = 8_000_000  # bytes


def read_within(response: httpx.Response, seconds: float) -> bytes:
    """Return the whole content of a streamed answer, and close it.

    Raises:
        httpx.HTTPError: It broke off, it is too long, or not there in time (the client's own timeouts bound each read).

    """
    deadline, parts, size = time.monotonic() + seconds, [], 0
    try:
        for part in response.iter_bytes():
            size += len(part)
            parts.append(part)
            if size > ANSWER_MAX or time.monotonic() > deadline:
                raise httpx.ReadTimeout("the answer is too long or too slow")
    finally:
        response.close()
    return b"".join(parts)
