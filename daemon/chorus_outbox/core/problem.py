"""What can be wrong with an invoice, and what can keep it waiting: a closed set of codes, each with its weight.

A problem is a value: core functions return problems, they never print or log them. The sentences people read stand
in ``core/words`` (one per code and language; a test fails when one is missing). This module knows no sentence.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum


class Weight(Enum):
    """What a problem does to the invoice it is about."""

    NOTE = "note"  # said in the log, stops nothing
    LACK = "lack"  # something is missing that a sidecar could bring: worth waiting for one
    STOP = "stop"  # a person must act: the invoice goes to failed/
    WAIT = "wait"  # nobody at fault here: the file stays and is tried again by itself


CODES: Mapping[str, Weight] = {
    # the file itself
    "file.not_pdf": Weight.STOP,
    "file.empty": Weight.STOP,
    "file.truncated": Weight.STOP,
    "file.encrypted": Weight.STOP,
    "file.too_big": Weight.STOP,  # params: size, limit (bytes, as text)
    "file.unreadable": Weight.STOP,  # params: detail
    "file.facturx_refused": Weight.STOP,
    "file.facturx_signed": Weight.STOP,
    "file.not_regular": Weight.NOTE,  # params: kind (link, folder, pipe, socket, device, hard link); left untouched
    "file.unsafe_name": Weight.NOTE,
    "file.other_kind": Weight.NOTE,  # params: name; another extension: left untouched
    "file.edited": Weight.NOTE,  # changed by somebody while it was being sent: the sent copy lies beside it
    "file.gone": Weight.NOTE,  # name: taken away by somebody while it was being sent
    # the sidecar (params: file, line where known)
    "sidecar.too_big": Weight.STOP,  # limit
    "sidecar.encoding": Weight.STOP,
    "sidecar.cp1252": Weight.NOTE,
    "sidecar.syntax": Weight.STOP,  # line, detail
    "sidecar.anchor": Weight.STOP,  # line
    "sidecar.tag": Weight.STOP,  # line
    "sidecar.documents": Weight.STOP,  # line
    "sidecar.depth": Weight.STOP,  # line
    "sidecar.not_mapping": Weight.STOP,
    "sidecar.empty": Weight.NOTE,
    "sidecar.duplicate_key": Weight.STOP,  # line, key
    "sidecar.unknown_key": Weight.STOP,  # line, key, nearest ("" when nothing is near)
    "sidecar.not_text": Weight.STOP,  # line, key: a list or mapping where one value is expected
    "sidecar.several": Weight.STOP,  # names
    "sidecar.required": Weight.LACK,
    "sidecar.alone": Weight.NOTE,  # a sidecar whose PDF never came
    # the file name
    "filename.ambiguous": Weight.STOP,  # first, second (the two readings, in words)
    # the values (params: field, value, and line when it came from a sidecar)
    "siret.format": Weight.STOP,
    "siret.checksum": Weight.STOP,  # value
    "siret.alias": Weight.STOP,  # value, nearest
    "number.too_long": Weight.STOP,  # value, length
    "number.characters": Weight.STOP,  # value, characters
    "number.date": Weight.STOP,  # value
    "date.format": Weight.STOP,
    "date.future": Weight.STOP,  # value, today
    "amount.format": Weight.STOP,
    "field.choice": Weight.STOP,  # field, value, allowed
    "field.too_long": Weight.STOP,  # field, value, limit
    "field.vat_lines": Weight.STOP,  # value
    "cadre.works": Weight.STOP,  # value
    "validator.missing": Weight.LACK,  # cadre
    "exemption.missing": Weight.LACK,
    "origin.missing": Weight.NOTE,
    "totals.sum": Weight.STOP,  # ht, tva, ttc, sum
    "totals.vat_base": Weight.STOP,  # lines, ht
    "totals.vat_tax": Weight.STOP,  # lines, tva
    "totals.payable": Weight.STOP,  # a_payer, ttc
    "totals.sign": Weight.STOP,  # ttc: an invoice with a negative total
    "missing.field": Weight.LACK,  # field
    # several sources
    "conflict.sources": Weight.STOP,  # field, first, first_source, second, second_source
    "mismatch.pdf": Weight.STOP,  # field, ours, source, pdf
    "mismatch.pdf_warn": Weight.NOTE,  # same, with `mismatch: warn`
    "mismatch.chorus": Weight.STOP,  # field, ours, chorus
    "mismatch.chorus_warn": Weight.NOTE,
    "supplier.differs": Weight.NOTE,  # pdf, ours
    # what the recipient requires
    "recipient.unknown": Weight.STOP,  # siret
    "recipient.inactive": Weight.STOP,  # siret, name
    "service.required": Weight.LACK,  # name, known
    "service.unknown": Weight.STOP,  # service, name, known
    "service.inactive": Weight.STOP,  # service, name
    "service.public": Weight.STOP,  # service
    "engagement.required": Weight.LACK,  # name
    "engagement.required_by_service": Weight.LACK,  # service, name
    "engagement.or_service": Weight.LACK,  # name
    "engagement.pattern": Weight.STOP,  # value, pattern, name
    # attachments
    "attachment.unsafe": Weight.STOP,  # name, kind (link, pipe, path, device, itself...)
    "attachment.unnamed": Weight.STOP,  # value, line: an entry of the list that names no file
    "attachment.in_defaults": Weight.STOP,  # names: attachments are one invoice's, never a folder's
    "attachment.invoice": Weight.STOP,  # name: it has a sidecar or attachments of its own
    "attachment.shared": Weight.STOP,  # name, other: another invoice claims it as well
    "attachment.double": Weight.STOP,  # name, other: both are there for one announced name
    "attachment.type": Weight.STOP,  # name, value, allowed
    "attachment.missing": Weight.LACK,  # name
    "attachment.empty": Weight.STOP,  # name
    "attachment.too_big": Weight.STOP,  # name, size, limit
    "attachment.extension": Weight.STOP,  # name
    "attachments.too_big": Weight.STOP,  # size, limit
    # the recipient sent it back, and what is dropped again
    # already sent
    "duplicate.number": Weight.STOP,  # number, file, chorus_id, when
    "duplicate.in_progress": Weight.STOP,  # number, file
    "duplicate.bytes": Weight.STOP,  # number, file, chorus_id, when
    "duplicate.portal": Weight.STOP,  # number, chorus_id, when, status
    # Chorus Pro said no
    "chorus.refused": Weight.STOP,  # code, label
    "chorus.too_big": Weight.STOP,
    "chorus.other_invoice": Weight.STOP,  # number, chorus_id, differs (what differs, in words)
    "chorus.not_taken": Weight.STOP,  # tries, detail: searched, absent, and every new try ended in doubt
    # a Factur-X deposited as a flow
    # the account and its credentials
    # nobody's fault: waits and resumes by itself
    "outage.unreachable": Weight.WAIT,  # detail
    "outage.maintenance": Weight.WAIT,  # status
    "outage.quota": Weight.WAIT,  # seconds
    "outage.piste_credentials": Weight.WAIT,  # detail
    "outage.technical_account": Weight.WAIT,  # detail
    "outage.forbidden": Weight.WAIT,
    "outage.wrong_route": Weight.WAIT,  # status
    "outage.not_attached": Weight.WAIT,  # siret
    "outage.storage": Weight.WAIT,  # detail
    "doubt.no_answer": Weight.WAIT,  # detail
    "doubt.forgotten": Weight.WAIT,  # the ledger was lost or is an older copy
    "doubt.person": Weight.WAIT,  # number: resend_after_doubt: never
    "doubt.several": Weight.WAIT,  # number, ids
    "wait.writing": Weight.WAIT,
    "wait.quiet": Weight.WAIT,
    "wait.sidecar": Weight.WAIT,  # until, lacks
    "wait.incomplete": Weight.WAIT,  # until
    "wait.attachment": Weight.WAIT,  # until, names
    "wait.its_invoice": Weight.WAIT,  # file: an invoice in failed/ of which this is an attachment
    "wait.processing": Weight.WAIT,  # where the file is while it is being sent
    "wait.not_readable": Weight.WAIT,  # detail
}


@dataclass(frozen=True)
class Problem:
    """One thing to tell a person, as a code and the texts its sentence needs.

    Args:
        code: A key of ``CODES``; anything else raises ``ValueError``.
        params: Texts for the sentence, already as people should read them (no numbers, no objects).

    """

    code: str
    params: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        if self.code not in CODES:
            raise ValueError(f"unknown problem code {self.code!r}")

    @property
    def weight(self) -> Weight:
        """What this problem does to its invoice."""
        return CODES[self.code]


def stops(problems: tuple[Problem, ...]) -> bool:
    """Tell whether an invoice with these problems can't be sent as it is."""
    return any(p.weight in (Weight.STOP, Weight.LACK) for p in problems)


def only_lacks(problems: tuple[Problem, ...]) -> bool:
    """Tell whether all that stops the invoice is something that a sidecar could still bring."""
    return stops(problems) and not any(p.weight is Weight.STOP for p in problems)
