"""Texts: what Chorus Pro refuses, and what keeps an invoice waiting."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "chorus.refused": Sentence(
        "Chorus Pro refused the invoice[: “{label}”][ (code {code})].",
        "Correct what this message is about. The same invoice number may be used again, as nothing was deposited.",
    ),
    "chorus.too_big": Sentence(
        "Chorus Pro refused the file: it is too big.",
        "Make the PDF or its attachments lighter (scan in black and white, coarser pictures), or take away what is "
        "not needed.",
    ),
    "chorus.other_invoice": Sentence(
        "Chorus Pro already has an invoice {number} of yours (no. {chorus_id}), and it is not this one[; they differ in:"
        " {differs}].",
        "Compare both on the portal. If this one is indeed another invoice, give it its own number.",
    ),
    "chorus.not_taken": Sentence(
        "After {tries} attempts without a clear answer, Chorus Pro does not have this invoice[ (technical detail: "
        "{detail})].",
        "Check on the portal, under “Factures émises”, that it is not there, and drop it again. If this happened "
        "before, tell your administrator first.",
    ),
    "outage.unreachable": Sentence(
        "Chorus Pro does not answer at the moment[ (technical detail: {detail})].",
        "Nothing to do: sending resumes by itself.",
    ),
    "outage.maintenance": Sentence(
        "Chorus Pro is under maintenance or out of order[ (answer {status})].",
        "Nothing to do: sending resumes by itself.",
    ),
    "outage.quota": Sentence(
        "Too much was sent in a short time: PISTE, the gateway to Chorus Pro, asks to wait[ {seconds}].",
        "Nothing to do: sending resumes by itself.",
    ),
    "outage.piste_credentials": Sentence(
        "PISTE, the gateway to Chorus Pro, refuses the application's credentials[ (technical detail: {detail})].",
        "Tell your administrator: check the PISTE application's client id and secret, and that they belong to this"
        " environment. The invoices then leave by themselves.",
    ),
    "outage.technical_account": Sentence(
        "Chorus Pro refuses the technical account: its password is probably wrong or expired[ (technical detail: "
        "{detail})].",
        "Tell your administrator: this password lasts 424 days, and the principal manager renews it on the portal. "
        "The invoices then leave by themselves.",
    ),
    "outage.forbidden": Sentence(
        "PISTE forbids your application access to Chorus Pro[: it lacks the API {api}].",
        "Tell your administrator: in PISTE, the application must have the APIs Factures, Structures, Transverses and"
        " Utilisateurs of the right environment, ticked and their terms accepted. The invoices then leave by themselves.",
    ),
    "outage.wrong_route": Sentence(
        "The configured address of Chorus Pro is not the right one[ (answer {status})].",
        "Tell your administrator: check the addresses (“endpoints”) in the configuration. The invoices then leave by"
        " themselves.",
    ),
    "outage.not_attached": Sentence(
        "The technical account is not attached to your structure (SIRET {siret}) on Chorus Pro.",
        "Ask the structure's principal manager for this attachment. The invoices then leave by themselves.",
    ),
    "outage.storage": Sentence(
        "The program's disk is full or out of order[ (technical detail: {detail})].",
        "Tell your administrator. The invoices then leave by themselves.",
    ),
    "doubt.no_answer": Sentence(
        "Chorus Pro's answer was lost: the invoice may have arrived[ (technical detail: {detail})].",
        "Nothing to do, and above all do not drop it a second time: Chorus Pro is going to be asked.",
    ),
    "doubt.forgotten": Sentence(
        "The program's ledger was lost or replaced by an older copy: this invoice may have been sent before.",
        "Nothing, and do not drop it a second time: Chorus Pro is asked before anything is sent.",
    ),
    "doubt.person": Sentence(
        "Chorus Pro does not find the invoice {number}, but an attempt went unanswered: a person must decide.",
        "Look for {number} on the portal, under “Factures émises”, and tell your administrator whether it is there; do"
        " not drop it a second time.",
    ),
    "doubt.several": Sentence(
        "Chorus Pro has several invoices {number} that look like this one (no. {ids}): a person must decide.",
        "Look at them on the portal, under “Factures émises”, and tell your administrator which is the right one; do not"
        " drop this one a second time.",
    ),
    "wait.writing": Sentence(
        "The file is still being copied.",
        "Nothing to do: it is taken as soon as the copy is complete.",
    ),
    "wait.quiet": Sentence(
        "The file has just arrived: the program waits until it no longer changes.",
        "Nothing to do: it is taken in a moment.",
    ),
    "wait.sidecar": Sentence(
        "Something is missing[ ({lacks})]: a .yaml file is awaited[ until {until}].",
        "Drop a file of the same name ending in .yaml beside the PDF; without it, the invoice is put aside with an"
        " explanation.",
    ),
    "wait.incomplete": Sentence(
        "The PDF is empty or incomplete: the end of the copy is awaited[ until {until}].",
        "If no copy is going on, copy the original PDF again.",
    ),
    "wait.processing": Sentence(
        "The invoice is being sent.",
        "Nothing to do: its file is put away as soon as Chorus Pro has answered.",
    ),
    "wait.not_readable": Sentence(
        "The program may not read this file, or another application blocks it[ (technical detail: {detail})].",
        "Close the file if it is open; if that is not enough, ask your administrator to review its permissions.",
    ),
}
