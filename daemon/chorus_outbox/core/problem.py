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
    "file.signed": Weight.NOTE,  # declared as signed, and sent as it is
    "file.not_regular": Weight.NOTE,  # params: kind (link, folder, pipe, socket, device, hard link); left untouched
    "file.unsafe_name": Weight.NOTE,
    "file.other_kind": Weight.NOTE,  # params: name; another extension: left untouched
    "file.edited": Weight.NOTE,  # changed by somebody while it was being sent: the sent copy lies beside it
    "file.gone": Weight.NOTE,  # name: taken away by somebody while it was being sent
    # the sidecar (params: file, line where known)
    "sidecar.too_big": Weight.STOP,  # limit
    "sidecar.encoding": Weight.STOP,
    "sidecar.cp1252": Weight.NOTE,
    "sidecar.syntax": Weight.STOP,  # line, text (the line as typed): what none of the following explains
    "sidecar.other_file": Weight.STOP,  # kind (pdf, office, web, image): no text file at all
    "sidecar.tab": Weight.STOP,  # line, text, fixed (how to write it)
    "sidecar.no_space": Weight.STOP,  # line, text, fixed
    "sidecar.colon": Weight.STOP,  # line, text, fixed: one within a value
    "sidecar.quote": Weight.STOP,  # line, text, fixed: opened and not closed, or closed too early
    "sidecar.curly_quotes": Weight.STOP,  # line, text, fixed: those of Word
    "sidecar.backslash": Weight.STOP,  # line, text, fixed
    "sidecar.bracket": Weight.STOP,  # line, text, fixed
    "sidecar.special": Weight.STOP,  # line, text, fixed: a value that begins with @ and the like
    "sidecar.indent": Weight.STOP,  # line, text, fixed
    "sidecar.control": Weight.STOP,  # line: an invisible character
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
    "cadre.justice": Weight.STOP,  # value
    "cadre.refund": Weight.STOP,  # value
    "cadre.paid": Weight.NOTE,  # nothing is left to pay, and the frame does not say that it is paid
    "validator.missing": Weight.LACK,  # cadre
    "validator.same": Weight.STOP,  # value: the recipient's or the supplier's own SIRET
    "validator.unused": Weight.STOP,  # cadre: a sidecar names one for a frame that has none
    "exemption.missing": Weight.LACK,
    "exemption.unknown": Weight.LACK,  # value, known: a person's reason that is not one of Chorus Pro's list
    "exemption.unlisted": Weight.NOTE,  # value, known: the same of a reason that was only read in the PDF
    "origin.missing": Weight.LACK,
    "origin.same": Weight.STOP,  # value: a credit note that corrects itself
    "type.differs": Weight.STOP,  # first, first_source, second, second_source: Factur-X and the PDF's title
    "type.unsaid": Weight.LACK,  # value: named like a credit note, and nothing says what it is
    "type.name": Weight.NOTE,  # value: named like a credit note, and an invoice
    "totals.sum": Weight.STOP,  # ht, tva, ttc, sum
    "totals.vat_base": Weight.STOP,  # lines, ht
    "totals.vat_tax": Weight.STOP,  # lines, tva
    "totals.payable": Weight.STOP,  # a_payer, ttc
    "totals.discount": Weight.STOP,  # remise, a_payer, ttc: what is left to pay is at most TTC - discount
    "totals.vat_regime": Weight.STOP,  # tva: SANS_TVA, and there is some
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
    "recipient.changed": Weight.NOTE,  # name, changes (JSON: pairs of kind and service), when (last known otherwise)
    "recipient.copy": Weight.NOTE,  # when: judged by an earlier answer, or by the downloaded directory
    "service.required": Weight.LACK,  # name, known
    "service.unknown": Weight.STOP,  # service, name, known
    "service.inactive": Weight.STOP,  # service, name
    "service.public": Weight.STOP,  # service
    "engagement.required": Weight.LACK,  # name
    "engagement.required_by_service": Weight.LACK,  # service, name
    "engagement.or_service": Weight.LACK,  # name
    "engagement.pattern": Weight.STOP,  # value, pattern, name
    "engagement.not_found": Weight.NOTE,  # value
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
    # the recipient sent it back, and what is dropped again (comment: the customer's own reason)
    "returned.recycle": Weight.STOP,  # status, when, comment, name
    "returned.suspended": Weight.STOP,  # status, when, comment, name
    "returned.rejected": Weight.STOP,  # status, when, comment, name
    "returned.validator": Weight.STOP,  # status, when, comment, name
    "returned.other": Weight.STOP,  # status, when, comment, name
    "returned.routing": Weight.STOP,  # status, when, comment, name
    "returned.keeps_number": Weight.STOP,  # number (of the deposit), value (now)
    "returned.only_recipient": Weight.STOP,  # field, value (as deposited)
    "returned.only_addition": Weight.STOP,  # field, value (as deposited)
    "returned.unchanged": Weight.STOP,  # number
    "returned.nothing_added": Weight.STOP,  # number
    "returned.portal": Weight.STOP,  # number, status
    "returned.moved_on": Weight.STOP,  # number, status
    "returned.new_number": Weight.STOP,  # number, chorus_id
    "returned.acknowledged": Weight.STOP,  # number, chorus_id
    "returned.pdf_kept": Weight.NOTE,  # number
    "returned.file_gone": Weight.NOTE,  # name
    "acknowledge.nothing": Weight.NOTE,
    "followed.silent": Weight.NOTE,  # name: it does not report its payments
    "followed.ended": Weight.NOTE,  # status
    # already sent
    "duplicate.number": Weight.STOP,  # number, file, chorus_id, when, status
    "duplicate.in_progress": Weight.STOP,  # number, file
    "duplicate.bytes": Weight.STOP,  # number, file, chorus_id, when, status
    "duplicate.returned": Weight.STOP,  # number, file, chorus_id, status
    "duplicate.portal": Weight.STOP,  # number, chorus_id, when, status
    # Chorus Pro said no
    "chorus.refused": Weight.STOP,  # code, label
    "chorus.unexplained": Weight.STOP,  # code: it said no without a word
    "chorus.malformed": Weight.STOP,  # code, label: it does not understand what the program asks
    **dict.fromkeys(  # code, label: told apart by ``refusals.py``
        (
            *("chorus.incident", "chorus.incomplete", "chorus.recipient", "chorus.service", "chorus.engagement"),
            *("chorus.service_or_engagement", "chorus.number", "chorus.duplicate", "chorus.date"),
            *("chorus.totals", "chorus.vat", "chorus.exemption", "chorus.currency"),
            *("chorus.payment_mode", "chorus.cadre", "chorus.validator", "chorus.contract"),
            *("chorus.origin", "chorus.comment", "chorus.supplier", "chorus.bank_account"),
            *("chorus.pdf", "chorus.file_name", "chorus.attachment", "chorus.attachment_type"),
            *("chorus.attachment_too_big", "chorus.state", "chorus.unknown_invoice", "chorus.not_yours"),
            *("chorus.not_suspended", "chorus.recycling"),
        ),
        Weight.STOP,
    ),
    "chorus.too_big": Weight.STOP,  # code, label
    "chorus.other_invoice": Weight.STOP,  # number, chorus_id, differs (what differs, in words)
    "chorus.not_taken": Weight.STOP,  # tries, detail: searched, absent, and every new try ended in doubt
    # a Factur-X deposited as a flow: what this program sees in the XML, or what people say against it
    "facturx.unreadable": Weight.STOP,
    "facturx.missing": Weight.STOP,  # field
    "facturx.differs": Weight.STOP,  # field, ours, source, pdf (what the XML says)
    "facturx.lacks": Weight.STOP,  # field, ours, source
    "facturx.field": Weight.STOP,  # field, ours, source: only a deposit as PDF can carry it
    "facturx.siret": Weight.STOP,  # field, found (what stands there, or "")
    "facturx.cadre": Weight.STOP,  # found
    "facturx.cadre_reform": Weight.STOP,  # found
    "facturx.payment_means": Weight.STOP,
    "facturx.iban": Weight.STOP,
    "facturx.discount": Weight.STOP,  # lines
    "facturx.no_origin": Weight.NOTE,
    "facturx.service": Weight.STOP,  # name, known
    "facturx.engagement": Weight.STOP,  # name
    "facturx.either": Weight.STOP,  # name
    # and what Chorus Pro reports of the flow (label: its own words)
    "flow.attachments": Weight.STOP,  # names
    "flow.service": Weight.STOP,  # label
    "flow.engagement": Weight.STOP,  # label
    "flow.payment_means": Weight.STOP,  # label
    "flow.iban": Weight.STOP,  # label
    "flow.supplier": Weight.STOP,  # label
    "flow.recipient": Weight.STOP,  # label
    "flow.duplicate": Weight.STOP,  # label
    "flow.amounts": Weight.STOP,  # label
    "flow.cadre": Weight.STOP,  # label
    "flow.xml": Weight.STOP,  # label
    "flow.refused": Weight.STOP,  # label
    "flow.not_processed": Weight.STOP,  # tries
    "flow.incident": Weight.NOTE,  # flow: not processed, so sent again
    "flow.integrating": Weight.WAIT,  # flow, status ("" while it is not known)
    "flow.slow": Weight.WAIT,  # flow, status
    "flow.integrated": Weight.WAIT,  # flow: its invoice does not show yet
    # the account and its credentials
    "bank_account.ambiguous": Weight.STOP,  # value, allowed
    "password.soon": Weight.NOTE,  # days, when
    "password.urgent": Weight.NOTE,  # days, when
    "outage.password_expired": Weight.WAIT,  # when
    "outage.credentials_of_sandbox": Weight.WAIT,  # configured for production
    "outage.credentials_of_production": Weight.WAIT,  # configured for the sandbox
    "outage.attachment_pending": Weight.WAIT,  # siret
    "outage.attachment_refused": Weight.WAIT,  # siret
    "outage.attachment_disabled": Weight.WAIT,  # siret
    "outage.attachment_deleted": Weight.WAIT,  # siret
    # nobody's fault: waits and resumes by itself
    "outage.unreachable": Weight.WAIT,  # detail
    "outage.maintenance": Weight.WAIT,  # status
    "outage.quota": Weight.WAIT,  # seconds
    "outage.piste_credentials": Weight.WAIT,  # detail
    "outage.technical_account": Weight.WAIT,  # detail
    "outage.forbidden": Weight.WAIT,  # api ("" when not known)
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
