"""Names of files and folders: which are ours, which belong together, how they are shown, which are free.

A name is a path relative to the outbox, with ``/``, as ``os.fsdecode`` gives it: bytes that are no UTF-8 stay in it as
surrogate escapes. Nothing here looks at a disk, nor at what a file holds; what a name says of an invoice stands in
``filename.py``. Sources: engineering.md 2.3 (names never to touch) and 3.4 (what names can hold).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Callable, Sequence
from typing import Literal

from .fields import clean

Kind = Literal["pdf", "sidecar", "attachment-candidate", "temporary", "reserved", "other"]

NAME_MAX = 255  # bytes of one name, on every common file system
PDF_SUFFIX = ".pdf"
SIDECAR_SUFFIXES = (".yaml", ".yml")
DEFAULTS_NAMES = ("_defaults.yaml", "_defaults.yml")
MARKER_PREFIX = ".outbox-"  # our own marker and our own temporary files
REPORT_SUFFIX = ".log"  # comes back from failed/ together with a corrected invoice

_TEMPORARY_PREFIXES = (".", "~$", "~wrl", "~wrd", "~syncthing~")
_TEMPORARY_SUFFIXES = (
    *(".part", ".partial", ".filepart", ".crdownload", ".download", ".opdownload", ".!ut"),
    *(".tmp", ".temp", ".swp", ".swx", ".bak", ".lock", "~"),
)
_TEMPORARY_NAMES = frozenset({"thumbs.db", "desktop.ini", "ehthumbs.db", "icon\r"})
_SKIPPED_FOLDERS = frozenset(
    {"@eadir", "#recycle", "$recycle.bin", "system volume information", "lost+found", "__macosx"}
)
_ESCAPED_BYTES = range(0xDC80, 0xDD00)  # os.fsdecode's marks for the bytes 0x80 to 0xff
_ATTACHMENT = re.compile(r"(?P<main>.+)_PJ(?P<rank>[0-9]{1,3})", re.IGNORECASE | re.DOTALL)


def split(name: str) -> tuple[str, str, str]:
    """Return folder ("" at the top), stem and suffix (with its dot) of a name, all as they are written."""
    folder, _, base = name.rpartition("/")
    stem, dot, extension = base.rpartition(".")
    return (folder, stem, dot + extension) if stem else (folder, base, "")


def pair_key(stem: str) -> str:
    """Return what two stems have in common when they name the same invoice (NFD from a Mac, capitals from Windows)."""
    return unicodedata.normalize("NFC", stem).casefold()


def file_key(name: str) -> str:
    """Return what a file's name and the name that a person typed for it have in common."""
    return pair_key(clean(name))


def kind_of(name: str) -> Kind:
    """Tell what a file is by the last part of its name alone."""
    base = pair_key(name.rpartition("/")[2])
    if base in DEFAULTS_NAMES or base.startswith(MARKER_PREFIX):
        return "reserved"
    if _is_temporary(base):
        return "temporary"
    _, stem, suffix = split(base)
    if suffix in SIDECAR_SUFFIXES:
        return "sidecar"
    if suffix == REPORT_SUFFIX:
        return "reserved"
    if suffix and attachment_of(stem):
        return "attachment-candidate"
    return "pdf" if suffix == PDF_SUFFIX else "other"


def _is_temporary(base: str) -> bool:
    return (
        base.startswith(_TEMPORARY_PREFIXES)
        or base.endswith(_TEMPORARY_SUFFIXES)
        or base in _TEMPORARY_NAMES
        or (base.startswith("#") and base.endswith("#"))
    )


def is_skipped_folder(name: str) -> bool:
    """Tell whether a folder belongs to a file server, a sync program or an operating system, never to people."""
    base = pair_key(name.rpartition("/")[2])
    return base in _SKIPPED_FOLDERS or _is_temporary(base)


def attachment_of(stem: str) -> tuple[str, int] | None:
    """Return the invoice's stem and the rank for ``NAME_PJ1``, or None (design.md 4, file name)."""
    match = _ATTACHMENT.fullmatch(stem)
    return (match["main"], int(match["rank"])) if match else None


def display(name: str) -> str:
    r"""Return a name safe to show on one line: bytes that are no text as ``\xNN``, invisible characters escaped.

    Control characters, line separators and direction overrides could forge lines of a log or hide an extension.
    Each sink (HTML, CSV) still needs its own escaping.
    """
    return name if name.isprintable() else "".join(_shown(character) for character in name)


def _shown(character: str) -> str:
    if character.isprintable() or unicodedata.category(character) == "Zs":
        return character
    code = ord(character)
    if code in _ESCAPED_BYTES:
        code -= _ESCAPED_BYTES.start - 0x80
    return f"\\x{code:02x}" if code <= 0xFF else character.encode("ascii", "backslashreplace").decode()  # noqa: PLR2004


def free_name(stem: str, suffixes: Sequence[str], taken: Callable[[str], bool]) -> str:
    """Return ``stem``, or ``stem (2)``, ``stem (3)``... so that no ``stem + suffix`` is taken.

    Long stems are shortened at a character so that every name has at most 255 bytes. Another program can take the name
    in the meantime: only a move that refuses to overwrite is proof.
    """
    room = NAME_MAX - max(_length(suffix) for suffix in suffixes)
    rank = 1
    while True:
        mark = f" ({rank})" if rank > 1 else ""
        candidate = _shortened(stem, room - len(mark)) + mark
        if not any(taken(candidate + suffix) for suffix in suffixes):
            return candidate
        rank += 1


def _length(text: str) -> int:
    return len(text.encode("utf-8", "surrogateescape"))


def _shortened(stem: str, room: int) -> str:
    while stem and _length(stem) > room:
        stem = stem[:-1]
    return stem
