"""Which names a sidecar claims as attachments of its invoice, and how such a file is called once it was filed.

Takes bytes and names, looks at no folder: what lies there, and which invoice gets it, is ``grouping.py``'s. Whether a
claimed file may be sent is ``attachments.py``'s. The rule of names: docs/decisions/0009.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping

from .fields import Enclosure
from .names import attachment_of, file_key, kind_of, split
from .sidecar import read_sidecar

Claims = Mapping[str, tuple[str, ...]]
"""Sidecar (path below the outbox) -> the names in its own folder that it claims, as typed."""

BETWEEN = " - "  # between an invoice's name and the own name of its attachment, wherever they were filed
_OWN_NAME_MAX = 100  # characters of that own name: with more it is cut, so that no name has too many bytes
_COPY = re.compile(r"(?P<main>.+) \([0-9]+\)", re.DOTALL)  # what ``names.free_name`` does to a stem
_DRIVE = re.compile(r"[A-Za-z]:")
_DEVICES = frozenset(
    {"con", "prn", "aux", "nul", *(f"{port}{n}" for port in ("com", "lpt") for n in range(1, 10))}
)  # of Windows, whatever the ending: a share would open the device


def claims_of(data: bytes, sidecar: str) -> tuple[str, ...]:
    """Return the names that a sidecar claims; none when it can't be read, or when no file can bear them."""
    if not _may_claim(data):
        return ()
    value = read_sidecar(data, sidecar).values.get("pieces_jointes", ())
    files = [one.file for one in value if isinstance(one, Enclosure)] if isinstance(value, tuple) else []
    return tuple(file for file in files if not unsafe(file))


def _may_claim(data: bytes) -> bool:
    """Tell at little cost whether the line can be there at all: most sidecars name no attachment."""
    plain = data.replace(b"\0", b"").lower()  # UTF-16 as well
    return b"jointe" in plain or b"attachment" in plain or b"\\" in plain


def unsafe(name: str) -> str:
    """Return why no attachment can have that name (a key of ``Words.kinds``), or ""."""
    if any(c in name for c in "/\\") or name in (".", "..") or _DRIVE.match(name) or not name.isprintable():
        return "path"
    if name.partition(".")[0].rstrip().casefold() in _DEVICES:
        return "device"
    kind = kind_of(name)
    return kind if kind in ("temporary", "reserved", "sidecar") else ""


def spellings(stem: str, typed: str) -> tuple[str, ...]:
    """Return the names under which a file may lie that the sidecar of ``stem`` calls ``typed``, the surest first.

    Back from ``failed/`` it still bears the name of its invoice; and ``FA_PJ1.pdf`` of what became ``FA (2)`` is called
    ``FA (2)_PJ1.pdf``.
    """
    filed = stem + BETWEEN + _short(typed)
    own, (_, typed_stem, suffix) = _COPY.fullmatch(stem), split(typed)
    of = attachment_of(typed_stem)
    if own and of and file_key(of[0]) == file_key(own["main"]):
        return filed, stem + typed_stem[len(of[0]) :] + suffix, typed
    return filed, typed


def filed_suffix(stem: str, base: str) -> str:
    """Return what follows the invoice's stem in the name of an attachment: of ``FA``, ``_PJ1.jpg`` or `` - bon.pdf``."""
    _, own, suffix = split(base)
    belongs = attachment_of(own)
    if belongs and file_key(belongs[0]) == file_key(stem):
        return own[len(belongs[0]) :] + suffix
    begins = stem + BETWEEN
    return BETWEEN + (base[len(begins) :] if base.startswith(begins) else _short(base))


def own_name(stem: str, base: str) -> str:
    """Return a file's name without that of its invoice, where it was filed before."""
    return base.removeprefix(stem + BETWEEN) or base


def _short(name: str) -> str:
    name = unicodedata.normalize("NFC", name)
    if len(name) <= _OWN_NAME_MAX:
        return name
    _, stem, suffix = split(name)
    mark = hashlib.sha256(file_key(name).encode("utf-8", "surrogateescape")).hexdigest()[:8]
    return f"{stem[: _OWN_NAME_MAX - 20]}~{mark}{suffix[:10]}"
