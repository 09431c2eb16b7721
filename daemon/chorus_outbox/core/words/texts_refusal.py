"""Texts: what Chorus Pro refuses, by what its answer is about (``core/refusals.py``).

Its own words are quoted, but its message keys (``GDP_MSG_11.033``), which stand beside the code.
"""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "chorus.unexplained": Sentence(
        "Chorus Pro refused the invoice without saying why[ (code {code})].",
        "Check SIRET, service code, engagement number and amounts in the .yaml file. If all is right, ask Chorus "
        "Pro's support for the reason, quoting this code.",
    ),
    "chorus.malformed": Sentence(
        "Chorus Pro did not understand this program's request[: “{label}”][ (code {code})].",
        "Tell your administrator: the invoice is probably not to blame.",
    ),
    "chorus.incident": Sentence(
        "Chorus Pro reports a technical incident of its own[: “{label}”][ (code {code})].",
        "Drop it again later, with the same number. If this happened before, tell your administrator first.",
    ),
    "chorus.incomplete": Sentence(
        "Chorus Pro says that something compulsory is missing[: “{label}”][ (code {code})].",
        "Add it to the .yaml file, on the line that it belongs to.",
    ),
    "chorus.recipient": Sentence(
        "Chorus Pro does not accept this recipient[: “{label}”][ (code {code})].",
        "Check on the purchase order the SIRET of the establishment to invoice, and correct the line “siret”.",
    ),
    "chorus.service": Sentence(
        "For Chorus Pro the service code is missing or not suitable[: “{label}”][ (code {code})].",
        "Copy the service code from the purchase order to the line “service”.",
    ),
    "chorus.engagement": Sentence(
        "For Chorus Pro the engagement number is missing or not suitable[: “{label}”][ (code {code})].",
        "Copy the engagement number from the purchase order to the line “engagement”.",
    ),
    "chorus.service_or_engagement": Sentence(
        "Chorus Pro asks for a service code or an engagement number[: “{label}”][ (code {code})].",
        "Give on the line “service” or “engagement” the one that stands on the purchase order.",
    ),
    "chorus.number": Sentence(
        "Chorus Pro does not accept this invoice number[: “{label}”][ (code {code})].",
        "Give on the line “numero” the number printed on the invoice: 20 characters at most, letters without "
        "accents, digits and - _ / +, and never a mere date.",
    ),
    "chorus.duplicate": Sentence(
        "Chorus Pro says that this invoice number was used before[: “{label}”][ (code {code})].",
        "Look for it on the portal, under “Factures émises”. If it is the same invoice, there is nothing to do; "
        "if not, give this one its own number.",
    ),
    "chorus.date": Sentence(
        "Chorus Pro does not accept the invoice date[: “{label}”][ (code {code})].",
        "Correct the line “date” from the invoice; it can't be in the future.",
    ),
    "chorus.totals": Sentence(
        "For Chorus Pro the amounts do not agree[: “{label}”][ (code {code})].",
        "Check the amounts on the invoice, and correct the lines “ht”, “tva”, “ttc” or “a_payer”.",
    ),
    "chorus.vat": Sentence(
        "Chorus Pro does not accept the VAT as it is declared[: “{label}”][ (code {code})].",
        "Check the lines “lignes_tva” and “regime_tva” from the invoice (TVA_SUR_DEBIT, TVA_SUR_ENCAISSEMENT, "
        "EXONERATION or SANS_TVA).",
    ),
    "chorus.exemption": Sentence(
        "For Chorus Pro the reason of the VAT exemption is missing or not suitable[: “{label}”][ (code {code})].",
        "Give on the line “motif_exoneration” the reason that is written on the invoice.",
    ),
    "chorus.currency": Sentence(
        "Chorus Pro does not accept this currency[: “{label}”][ (code {code})].",
        "Give its code of three letters on the line “devise”: EUR for the euro.",
    ),
    "chorus.payment_mode": Sentence(
        "Chorus Pro does not accept this payment mode[: “{label}”][ (code {code})].",
        "Give on the line “mode_paiement” one of these: VIREMENT, CHEQUE, PRELEVEMENT, ESPECE, AUTRE, REPORT.",
    ),
    "chorus.cadre": Sentence(
        "Chorus Pro does not accept this billing frame[: “{label}”][ (code {code})].",
        "Give on the line “cadre”: A1 (ordinary invoice), A2 (already paid), A9 (subcontractor) or A12 "
        "(co-contractor).",
    ),
    "chorus.validator": Sentence(
        "For Chorus Pro the validator is missing or not suitable[: “{label}”][ (code {code})].",
        "Give on the line “valideur” the SIRET of the main contractor (frame A9) or of the lead contractor (A12), "
        "checked with them.",
    ),
    "chorus.contract": Sentence(
        "Chorus Pro does not accept the contract number[: “{label}”][ (code {code})].",
        "Correct the line “marche” from the purchase order, or leave it empty if there is no contract.",
    ),
    "chorus.origin": Sentence(
        "For Chorus Pro the number of the original invoice is missing or not suitable[: “{label}”][ (code {code})].",
        "Give on the line “origine” the number of the invoice that this credit note corrects.",
    ),
    "chorus.comment": Sentence(
        "Chorus Pro does not accept the comment[: “{label}”][ (code {code})].",
        "Shorten the line “commentaire” (200 characters at most), without special signs.",
    ),
    "chorus.supplier": Sentence(
        "Chorus Pro does not accept the supplier in whose name the invoice goes[: “{label}”][ (code {code})].",
        "If you gave a line “fournisseur” or “fournisseur_service”, correct it. If not, tell your administrator: "
        "your structure may no longer be attached to the technical account.",
    ),
    "chorus.bank_account": Sentence(
        "Chorus Pro does not accept your bank account[: “{label}”][ (code {code})].",
        "Check on the portal that this account is declared and active; if you gave a line “compte_bancaire”, "
        "correct it.",
    ),
    "chorus.pdf": Sentence(
        "Chorus Pro does not accept this PDF[: “{label}”][ (code {code})].",
        "Save the invoice as a PDF again in the program that made it, without a password.",
    ),
    "chorus.file_name": Sentence(
        "Chorus Pro does not accept the name of a file[: “{label}”][ (code {code})].",
        "Give the attachments short names (50 characters at most) without accents, and write the new ones on the "
        "line “pieces_jointes”.",
    ),
    "chorus.attachment": Sentence(
        "Chorus Pro does not accept an attachment[: “{label}”][ (code {code})].",
        "Open the attachments to check them; replace the one that is not suitable, or take it away.",
    ),
    "chorus.attachment_type": Sentence(
        "Chorus Pro does not accept the type given to an attachment[: “{label}”][ (code {code})].",
        "Choose another type on the line “pieces_jointes”, or give none.",
    ),
    "chorus.attachment_too_big": Sentence(
        "For Chorus Pro an attachment, or all together, is too big[: “{label}”][ (code {code})].",
        "Make the attachments lighter (10 MB each at most, 120 MB with the invoice), or take away those that are "
        "not needed.",
    ),
    "chorus.state": Sentence(
        "The invoice's present status on Chorus Pro does not allow this[: “{label}”][ (code {code})].",
        "Open it on the Chorus Pro portal, under “Factures émises”, to see where it stands; if it still waits for a "
        "correction, put it back into the drop folder.",
    ),
    "chorus.unknown_invoice": Sentence(
        "Chorus Pro does not find the invoice that is to be corrected[: “{label}”][ (code {code})].",
        "Look for it on the portal, under “Factures émises”. If it is not there, tell your administrator.",
    ),
    "chorus.not_yours": Sentence(
        "Chorus Pro does not let your account work on this invoice[: “{label}”][ (code {code})].",
        "Tell your administrator: the technical account must be attached to the structure that sent this invoice.",
    ),
    "chorus.not_suspended": Sentence(
        "The invoice is no longer suspended on Chorus Pro: what you added was not taken[; Chorus Pro says: "
        "“{label}”][ (code {code})].",
        "Open it on the Chorus Pro portal, under “Factures émises”; the program follows it.",
    ),
    "chorus.recycling": Sentence(
        "Chorus Pro did not accept the invoice's recycling[: “{label}”][ (code {code})].",
        "Check SIRET, service code and engagement number on the purchase order, and correct the .yaml file.",
    ),
}
