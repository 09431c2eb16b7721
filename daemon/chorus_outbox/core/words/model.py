"""The shape of all texts in one language. It holds no text and no rule."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum

from chorus_outbox.core.draft import Source


class Who(Enum):
    """Who said no, or nobody."""

    PROGRAM = "program"
    PISTE = "PISTE"
    CHORUS = "Chorus Pro"
    CUSTOMER = "customer"
    VALIDATOR = "validator"
    NOBODY = "nobody"


@dataclass(frozen=True)
class Sentence:
    """What is wrong, and what to do now.

    Both are ``str.format`` templates over the params of the problem (see ``problem.CODES``). ``{field}`` becomes the
    label of the field and ``{field_name}`` its name in sidecars. A part in ``[...]`` is left out when one of its
    params is missing or empty.
    """

    what: str
    do: str


@dataclass(frozen=True)
class Words:
    """Every text of one language.

    Args:
        language: ``fr`` or ``en``.
        problems: Problem code -> sentence.
        fields: Canonical field name -> label.
        sources: Where a value comes from -> words.
        states: State of an invoice (``lifecycle.State`` values) -> words.
        who: Who refused -> words.
        events: Event of the timeline (``lifecycle.Event`` values, ``outage.*``) -> template over its params.
        statuses: Chorus Pro's status -> words (api.md 3.7); an unknown status is shown as it is.
        kinds: Odd directory entries (param ``kind``) and kinds of invoice -> words.
        report: The fixed phrases of ``report.py``, templates.
        prefilled: The fixed phrases of ``prefilled.py``, templates.
        check: The lines of the command ``check``, templates.
        recipient: What the command `recipient` says, and what has changed (``change.*``), templates.
        repair: What the repairing commands ask and say, templates.
        page: The dashboard and the table for spreadsheets, templates.
        alert: Messages that are sent to people, templates.
        terminal: What the commands print, headings of tables included, templates.
        decimal: Decimal mark.
        thousands: Mark between thousands.
        units: Names of byte, kilobyte, megabyte (powers of 1000), second, minute, hour.

    """

    language: str
    problems: Mapping[str, Sentence]
    fields: Mapping[str, str]
    sources: Mapping[Source, str]
    states: Mapping[str, str]
    who: Mapping[Who, str]
    events: Mapping[str, str]
    statuses: Mapping[str, str]
    kinds: Mapping[str, str]
    report: Mapping[str, str]
    prefilled: Mapping[str, str]
    check: Mapping[str, str]
    recipient: Mapping[str, str]
    repair: Mapping[str, str]
    page: Mapping[str, str]
    alert: Mapping[str, str]
    terminal: Mapping[str, str]
    decimal: str
    thousands: str
    units: tuple[str, str, str, str, str, str]
