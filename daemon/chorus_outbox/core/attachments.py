"""The attachments of an invoice: which they are, what Chorus Pro takes, and how each is called and filed there.

Pure: names and sizes in, attachments and problems out. Which file of the folder belongs to which invoice was settled
before (``grouping.py``); the list of types is asked of Chorus Pro by the worker (api.md 7.4: never taken for granted).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from .claimed import filed_suffix, own_name, spellings, unsafe
from .entry import Entry, Member
from .fields import Enclosure, restore
from .grouping import Denied, Group
from .names import attachment_of, file_key, pair_key, split
from .problem import Problem

ONE_MAX = 9_999_999  # bytes: "under 10 MB" (api.md 5.1)
ALL_MAX = 120_000_000  # bytes, the invoice with all its attachments (api.md 5.1)
NAME_MAX = 50  # characters of a name at Chorus Pro, its ending included (api.md 2.10)
DESIGNATION_MAX = 100  # characters (api.md 5.2)
EXTENSIONS = frozenset(
    [
        "bmp",
        "bz2",
        "csv",
        "doc",
        "docx",
        "fax",
        "gif",
        "gz",
        "gzip",
        "htm",
        "html",
        "jpeg",
        "jpg",
        "odp",
        "ods",
        "odt",
        "p7s",
        "pdf",
        "png",
        "pps",
        "ppt",
        "pptx",
        "rtf",
        "svg",
        "tgz",
        "tif",
        "tiff",
        "txt",
        "xhtml",
        "xlc",
        "xlm",
        "xls",
        "xlsx",
        "xml",
        "zip",
    ]
)  # api.md 5.1
_OTHER = frozenset({"autre", "autres", "other", "others"})


@dataclass(frozen=True)
class Attachment:
    """A file that goes with an invoice: its path below the outbox, and what was said of it."""

    name: str
    said: Enclosure

    @property
    def suffix(self) -> str:
        """Its ending with the dot, in small letters."""
        return split(self.name)[2].lower()


def gather(
    group: Group, said: Sequence[Enclosure], strange: Mapping[str, str]
) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Return the attachments of an invoice, and what is wrong with those that are announced.

    Args:
        group: Its files.
        said: What its sidecar announces.
        strange: Entries of the outbox that are no regular files -> what they are (link, pipe...).

    """
    folder, stem, _ = split(group.pdf)
    there = {file_key(_base(name)): name for name in (*group.attachments, *group.named)}
    denied = {file_key(_base(one.name)) for one in group.denied}
    odd = {file_key(_base(name)): kind for name, kind in strange.items() if split(name)[0] == folder}
    about: dict[str, Enclosure] = {}
    problems = [_denied(one) for one in group.denied]
    for one in said:
        keys = [file_key(name) for name in spellings(stem, one.file)]
        if kind := unsafe(one.file) or next((odd[key] for key in keys if key in odd), ""):
            problems.append(Problem("attachment.unsafe", {"name": one.file, "kind": kind}))
        elif name := next((there[key] for key in keys if key in there), ""):
            about[name] = one
        elif denied.isdisjoint(keys):
            problems.append(Problem("attachment.missing", {"name": one.file}))
    for name, kind in strange.items():  # NAME_PJ1.pdf that is a link: it was meant to go with the invoice
        if split(name)[0] == folder and _named_for(name) == pair_key(stem):
            problems.append(Problem("attachment.unsafe", {"name": _base(name), "kind": kind}))
    own = (*group.attachments, *group.named)
    found = tuple(Attachment(n, about.get(n, Enclosure(own_name(stem, _base(n))))) for n in own)
    return found, tuple({(p.code, p.params["name"]): p for p in problems}.values())


def _base(name: str) -> str:
    return name.rpartition("/")[2]


def _named_for(name: str) -> str:
    """Return the key of the invoice for which a file is named, or ""."""
    owner = attachment_of(split(name)[1])
    return pair_key(owner[0]) if owner else ""


def _denied(one: Denied) -> Problem:
    name = _base(one.name)
    if one.why == "shared":
        return Problem("attachment.shared", {"name": name, "other": _base(one.other)})
    if one.why == "double":
        return Problem("attachment.double", {"name": _base(one.other), "other": name})
    if one.why == "itself":
        return Problem("attachment.unsafe", {"name": name, "kind": "itself"})
    return Problem("attachment.invoice", {"name": name})


def over_limits(attachments: Sequence[Attachment], sizes: Mapping[str, int], pdf_size: int) -> tuple[Problem, ...]:
    """Return what Chorus Pro would not take: of no admitted kind, empty, too big, or too big all together (bytes)."""
    problems = [p for one in attachments if (p := _refused(one, sizes[one.name]))]
    total = pdf_size + sum(sizes[one.name] for one in attachments)
    if total > ALL_MAX:
        problems.append(Problem("attachments.too_big", {"size": str(total), "limit": str(ALL_MAX)}))
    return tuple(problems)


def _refused(one: Attachment, size: int) -> Problem | None:
    name = _base(one.name)
    if one.suffix.removeprefix(".") not in EXTENSIONS:
        return Problem("attachment.extension", {"name": name})
    if size == 0:
        return Problem("attachment.empty", {"name": name})
    if size > ONE_MAX:
        return Problem("attachment.too_big", {"name": name, "size": str(size), "limit": str(ONE_MAX + 1)})
    return None


# --- how they are called at Chorus Pro -------------------------------------------------------------------------------


def designation(one: Attachment) -> str:
    """Return what people call it: what was said, else its own name made readable; at most 100 characters."""
    text = one.said.designation or _readable(split(one.said.file)[1])
    return (text or "-")[:DESIGNATION_MAX].rstrip()


def _readable(stem: str) -> str:
    shown = "".join(c if c.isprintable() else " " for c in stem.replace("_", " "))
    return " ".join(shown.split())


def type_of(one: Attachment, types: Mapping[str, str]) -> str | Problem:
    """Return the code of its type, of those that Chorus Pro lists (code -> label).

    What was said must be a code or a label; accents, case and punctuation do not count. Else: the type called as the
    attachment is, else the one that means "other", else the first of the list.
    """
    by_word: dict[str, str] = {}
    for code, label in types.items():
        by_word.setdefault(_words(code), code)
        by_word.setdefault(_words(label), code)
    if one.said.type:
        texts = {"name": one.said.file, "value": one.said.type, "allowed": ", ".join(types)}
        return by_word.get(_words(one.said.type)) or Problem("attachment.type", texts)
    others = (code for text, code in by_word.items() if not _OTHER.isdisjoint(text.split()))
    called = [by_word.get(_words(text)) for text in (designation(one), split(one.said.file)[1])]
    return next((code for code in called if code), None) or next(others, None) or next(iter(types))


def _words(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().casefold()
    return " ".join(re.findall("[a-z0-9]+", plain))


def upload_names(attachments: Sequence[Attachment], taken: str) -> tuple[str, ...]:
    """Return their names at Chorus Pro: 50 characters that it certainly takes, all different, none of them ``taken``."""
    used, out = {taken.casefold()}, []
    for one in attachments:
        stem, suffix = _plain(split(one.said.file)[1]), one.suffix
        name, rank = stem[: NAME_MAX - len(suffix)] + suffix, 1
        while name.casefold() in used:
            rank += 1
            mark = f"-{rank}{suffix}"
            name = stem[: NAME_MAX - len(mark)] + mark
        used.add(name.casefold())
        out.append(name)
    return tuple(out)


def _plain(stem: str) -> str:
    ascii_only = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode()
    return re.sub(r"[^A-Za-z0-9._-]+", "-", ascii_only).strip("-.") or "piece"


# --- how they are called in the folders ------------------------------------------------------------------------------


def members(group: Group, about: Mapping[str, Member] | None = None) -> tuple[Member, ...]:
    """Return the files of a group with the ending that each keeps wherever it goes: the PDF first, its sidecar last.

    Args:
        group: The files.
        about: What is known of some of them (their SHA-256, the type of an attachment...), by name.

    """
    known, stem = about or {}, split(group.pdf)[1]
    out = [known.get(group.pdf, Member("pdf", group.pdf, ".pdf"))]
    used: set[str] = set()
    for name in (*group.attachments, *group.named):
        suffix = _unused(filed_suffix(stem, _base(name)), used)
        out.append(replace(known.get(name, Member("attachment", name, "")), suffix=suffix))
    for rank, name in enumerate(group.sidecars):
        suffix = split(name)[2]
        out.append(Member("sidecar", name, suffix if rank == 0 else f".{rank + 1}{suffix}"))
    return tuple(out)


def _unused(suffix: str, used: set[str]) -> str:
    """Return a suffix that no other file of the invoice has: ``fa_PJ1.pdf`` and ``FA_PJ1.pdf`` are two files."""
    begin, dot, end = suffix.rpartition(".")
    rank = 1
    while (mine := suffix if rank == 1 else f"{begin} ({rank}){dot}{end}").casefold() in used:
        rank += 1
    used.add(mine.casefold())
    return mine


def awaited_by(entry: Entry, name: str) -> bool:
    """Tell whether a file belongs to an invoice that lies in ``failed/``: it is no invoice of its own.

    Either it is what that one's sidecar announced in vain, or it comes back from ``failed/`` before its invoice.
    """
    own = [m for m in entry.members if m.role == "attachment"]
    if file_key(_base(name)) in {file_key(entry.stem + m.suffix) for m in own}:
        return True
    folder, stem, _ = split(entry.origin)
    text = entry.fields.get("pieces_jointes", ("", ""))[0]
    if not text or split(name)[0] != folder:
        return False
    said = restore("pieces_jointes", text)
    files = [one.file for one in said if isinstance(one, Enclosure)] if isinstance(said, tuple) else []
    had = {file_key(_base(m.name)) for m in entry.members}
    return file_key(_base(name)) in {file_key(s) for file in files for s in spellings(stem, file)} - had
