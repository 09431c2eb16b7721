"""Texts: what is said of a Factur-X deposited as a flow."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

_AGAIN = (
    " in the software that made the invoice, and drop the new PDF: nothing was deposited, so that the same invoice number"
    " may be used again."
)
_NEW = " in the software that made the invoice, and drop the new PDF."

PROBLEMS: Mapping[str, Sentence] = {
    "facturx.unreadable": Sentence(
        "The Factur-X data of this PDF can't be read, and they are what would be sent.",
        "Make the invoice anew in your software, as Factur-X or as a plain PDF.",
    ),
    "facturx.missing": Sentence(
        "The Factur-X data of the PDF lack: {field}.",
        "Give it" + _NEW,
    ),
    "facturx.differs": Sentence(
        "The Factur-X data of the PDF say otherwise ({field}): {pdf} in the PDF, {ours} according to: {source}. The PDF's"
        " data are what is sent.",
        "If the PDF is wrong, correct it" + _NEW + " If it is right, take the other value out.",
    ),
    "facturx.lacks": Sentence(
        "The Factur-X data of the PDF say nothing of this: {field} ({ours} according to: {source}). The PDF's data are"
        " what is sent.",
        "Add it" + _NEW,
    ),
    "facturx.field": Sentence(
        "A Factur-X that is sent as a flow can't carry this: {field} ({ours} according to: {source}).",
        "Take it out, or ask your administrator for the setting “facturx: strip”.",
    ),
    "facturx.siret": Sentence(
        "Factur-X data of the PDF: Chorus Pro wants a SIRET of 14 digits here ({field})[ and would find: {found}]. A SIREN"
        " (9 digits) or a VAT number does not do.",
        "Give the whole SIRET (BT-30 of the seller, BT-47 of the buyer)" + _NEW,
    ),
    "facturx.cadre": Sentence(
        "Factur-X data of the PDF: the billing frame (BT-23) must be A1, A2, A9 or A12[, not “{found}”].",
        "Set the billing frame (A1 for an ordinary invoice) in the software that made the invoice, and drop the new "
        "PDF.",
    ),
    "facturx.cadre_reform": Sentence(
        "Factur-X data of the PDF: “{found}” is a billing frame of the 2026 reform, which Chorus Pro does not know "
        "(BT-23).",
        "Set one of Chorus Pro's frames (A1 for an ordinary invoice, A2 if it is paid already) in the software that "
        "made the invoice, and drop the new PDF.",
    ),
    "facturx.payment_means": Sentence(
        "Factur-X data of the PDF: the payment means is missing (BT-81); Chorus Pro would reject the invoice.",
        "Give the payment means (30 or 58 for a credit transfer)" + _NEW,
    ),
    "facturx.iban": Sentence(
        "Factur-X data of the PDF: it is paid by credit transfer, but the IBAN is missing (BT-84).",
        "Give the IBAN of your account" + _NEW,
    ),
    "facturx.discount": Sentence(
        "Factur-X data of the PDF: a gross price without the amount of its discount (BT-147); lines concerned: {lines}."
        " Chorus Pro would reject the invoice.",
        "Give the discount (0 if there is none) or take the gross price out" + _NEW,
    ),
    "facturx.no_origin": Sentence(
        "Factur-X data of the PDF: this credit note does not say which invoice it corrects (BT-25).",
        "Tell your customer that invoice's number if they can't attribute it.",
    ),
    "facturx.service": Sentence(
        "The recipient[ {name}] requires a service code, and the Factur-X data of the PDF have none (buyer "
        "reference, BT-10).",
        "Give the service code of the purchase order[, for instance {known},] in the software that made the "
        "invoice, and drop the new PDF.",
    ),
    "facturx.engagement": Sentence(
        "The recipient[ {name}] requires an engagement number, and the Factur-X data of the PDF have none (purchase "
        "order, BT-13).",
        "Give the engagement number of the purchase order in the software that made the invoice, and drop the new PDF.",
    ),
    "facturx.either": Sentence(
        "The recipient[ {name}] requires a service code or an engagement number, and the Factur-X data of the PDF "
        "have neither (BT-10, BT-13).",
        "Give one of the two in the software that made the invoice, and drop the new PDF.",
    ),
    "flow.attachments": Sentence(
        "A Factur-X that is sent as a flow leaves without attachments; here: {names}.",
        "Put them into the PDF itself with your software, or ask your administrator for the setting “facturx: strip”.",
    ),
    "flow.service": Sentence(
        "The service code (buyer reference) is missing or not suitable: “{label}”.",
        "Correct the service code" + _AGAIN,
    ),
    "flow.engagement": Sentence(
        "The engagement number (purchase order reference) is missing or not suitable: “{label}”.",
        "Correct the engagement number" + _AGAIN,
    ),
    "flow.payment_means": Sentence(
        "The payment means is missing or not suitable: “{label}”.",
        "Give the payment means (30 or 58 for a credit transfer)" + _AGAIN,
    ),
    "flow.iban": Sentence(
        "The IBAN is missing or not suitable: “{label}”.",
        "Give the IBAN of your account" + _AGAIN,
    ),
    "flow.supplier": Sentence(
        "Chorus Pro does not know the invoice's supplier, or not for this account: “{label}”.",
        "Check your SIRET (14 digits)" + _AGAIN,
    ),
    "flow.recipient": Sentence(
        "The recipient is not suitable: “{label}”.",
        "Check the recipient's SIRET (14 digits)" + _AGAIN,
    ),
    "flow.duplicate": Sentence(
        "This invoice number was used before: “{label}”.",
        "Look on the portal, under “Factures émises”, whether this invoice is there already; if not, give it "
        "another number in the software that made it, and drop the new PDF.",
    ),
    "flow.amounts": Sentence(
        "The amounts are not suitable: “{label}”.",
        "Correct the amounts" + _AGAIN,
    ),
    "flow.cadre": Sentence(
        "The billing frame is not suitable: “{label}”.",
        "Set one of Chorus Pro's frames (A1 for an ordinary invoice)" + _AGAIN,
    ),
    "flow.xml": Sentence(
        "The Factur-X data of the PDF are not suitable: “{label}”.",
        "Show this message to the maker of your invoicing software. Nothing was deposited: the same invoice number may be"
        " used again.",
    ),
    "flow.refused": Sentence(
        "Chorus Pro rejected the invoice: “{label}”.",
        "Correct what this message is about" + _AGAIN,
    ),
    "flow.not_processed": Sentence(
        "Handed to Chorus Pro {tries} times, the invoice was never processed: an incident on its side.",
        "Drop it again later, with the same number. If this happened before, tell your administrator first.",
    ),
    "flow.incident": Sentence(
        "An incident at Chorus Pro kept flow {flow} from being processed: it did not count.",
        "Nothing to do: the invoice is sent again.",
    ),
    "flow.integrating": Sentence(
        "Chorus Pro has the invoice (flow {flow}) and still has to integrate it[; state: {status}].",
        "Nothing to do, and above all do not drop it a second time: the result comes within minutes or hours.",
    ),
    "flow.slow": Sentence(
        "Chorus Pro has had the invoice (flow {flow}) for more than a day and has not integrated it[; state: {status}].",
        "Do not drop it a second time. Ask Chorus Pro's support what becomes of this flow; the program goes on following"
        " it.",
    ),
    "flow.integrated": Sentence(
        "Chorus Pro has integrated the invoice (flow {flow}), but it does not show among the invoices sent yet.",
        "Nothing to do, and above all do not drop it a second time: the program goes on searching for it.",
    ),
}

STATUSES: Mapping[str, str] = {  # states of a flow (api.md 3.10)
    "IN_DEPOT_PORTAIL_EN_ATTENTE_TRAITEMENT_SE_CPP": "waiting to be processed",
    "IN_RECU": "received",
    "IN_TRAITE_SE_CPP": "checked",
    "IN_EN_ATTENTE_TRAITEMENT_CPP": "queued",
    "IN_EN_COURS_TRAITEMENT_CPP": "being processed",
    "IN_EN_ATTENTE_RETRAITEMENT_CPP": "stuck, to be restarted by Chorus Pro",
    "IN_INCIDENTE": "not processed (incident)",
    "IN_REJETE": "rejected",
    "IN_INTEGRE": "integrated",
    "IN_INTEGRE_PARTIEL": "integrated in part",
    "IN_A_RELANCER": "to be restarted by Chorus Pro",
    "IN_ERREUR_INTERNE": "internal error of Chorus Pro",
    "QP_RECEVABLE": "admissible",
    "QP_RECEVABLE_AVEC_ERREUR": "admissible with an error",
    "QP_IRRECEVABLE": "inadmissible",
}
