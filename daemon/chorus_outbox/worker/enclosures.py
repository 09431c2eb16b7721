"""The attachments of an invoice that is being admitted: judged, given a type, copied. All before anything is sent.

The rules stand in ``core/attachments.py``; here Chorus Pro is asked for its list of types and the files are copied.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from chorus_outbox.core.attachments import (
    ONE_MAX,
    Attachment,
    designation,
    gather,
    over_limits,
    type_of,
    upload_names,
)
from chorus_outbox.core.draft import Source
from chorus_outbox.core.entry import Member
from chorus_outbox.core.fields import Enclosure
from chorus_outbox.core.grouping import Group
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.settling import Signature
from chorus_outbox.errors import FaultyError
from chorus_outbox.ports_chorus import Lists

from .parts import Parts
from .uploads import upload_name


def look(
    group: Group, present: Mapping[str, Signature], strange: Mapping[str, str], understood: Understood
) -> tuple[tuple[Attachment, ...], tuple[Problem, ...]]:
    """Return the attachments of a group, and everything that is wrong with them as far as this side can tell."""
    said = understood.fields.get("pieces_jointes")
    value = said.value if said and said.source is Source.SIDECAR else ()
    found, wrong = gather(
        group, [v for v in value if isinstance(v, Enclosure)] if isinstance(value, tuple) else (), strange
    )
    sizes = {one.name: present[one.name].size for one in found}
    return found, (*wrong, *over_limits(found, sizes, present[group.pdf].size))


def types(lists: Lists, found: Sequence[Attachment]) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Return name -> code of the type, and what was asked for that Chorus Pro does not list. Asks only when needed.

    Raises:
        RemoteError: The list can't be had now.

    """
    if not found:
        return {}, ()
    listed = lists.attachment_types()
    if not listed:
        raise FaultyError(Problem("outage.maintenance", {"status": "200"}))
    chosen = {one.name: type_of(one, listed) for one in found}
    problems = tuple(p for p in chosen.values() if isinstance(p, Problem))
    return {name: code for name, code in chosen.items() if isinstance(code, str)}, problems


def copy(
    parts: Parts,
    found: Sequence[Attachment],
    present: Mapping[str, Signature],
    codes: Mapping[str, str],
    number: str,
) -> dict[str, Member]:
    """Copy every attachment to the spool, hashed and synced; return what the ledger is to know of each, by name.

    Raises:
        ChangedError, BusyError: One is not what was settled on any more, or still open for writing.

    """
    out = {}
    names = upload_names(found, upload_name(number))
    for one, name in zip(found, names, strict=True):
        taken = parts.folders.take(one.name, present[one.name], ONE_MAX, one.suffix)
        out[one.name] = Member("attachment", one.name, "", taken.sha256, codes[one.name], designation(one), name)
    return out
