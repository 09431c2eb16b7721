"""Texts: what is said of an invoice that came back, and of its correction."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "returned.recycle": Sentence(
        "It is to be recycled[ since {when}]: the recipient[ {name}] says that it is not addressed rightly.[ "
        "Reason: “{comment}”.]",
        "Correct the SIRET, the service code or the engagement number in the .yaml file; keep the invoice number.",
    ),
    "returned.suspended": Sentence(
        "It is suspended[ since {when}]: the recipient[ {name}] waits for something more before paying.[ Reason: "
        "“{comment}”.]",
        "Put the document asked for beside the PDF, or answer in the line “commentaire” of the .yaml file; change "
        "nothing else.",
    ),
    "returned.rejected": Sentence(
        "It is rejected[ since {when}]: the recipient[ {name}] refuses it for good.[ Reason: “{comment}”.]",
        "Issue a new invoice, with a new number in the PDF and on the line “numero”. To acknowledge the rejection "
        "(mandatory after 7 days), write “acquitter: oui” in the .yaml file.",
    ),
    "returned.validator": Sentence(
        "It is stopped by the validation ({status}[, {when}]), before it reached the recipient[ {name}].[ Reason: "
        "“{comment}”.]",
        "Open it on the Chorus Pro portal, under “Factures émises”, and settle it with the validator; the program "
        "follows it.",
    ),
    "returned.other": Sentence(
        "It is stopped ({status}[, {when}]): the recipient[ {name}] does not process it.[ Reason: “{comment}”.]",
        "Open it on the Chorus Pro portal, under “Factures émises”, or call your customer; the program follows it.",
    ),
    "returned.routing": Sentence(
        "It could not be routed ({status}[, {when}]) to the recipient[ {name}].[ Reason: “{comment}”.]",
        "Ask Chorus Pro's support what became of it, or your customer; the program follows it.",
    ),
    "returned.keeps_number": Sentence(
        "The invoice {number}, which your customer sent back, keeps its number[: “{value}” can't take its place].",
        "Put the number {number} back into the .yaml file; if this is another invoice, give the file another name.",
    ),
    "returned.only_recipient": Sentence(
        "An invoice to be recycled keeps what was deposited; this can't change any more: {field}[ (deposited: "
        "{value})].",
        "Correct only the SIRET, the service code, the engagement number or the contract number; put the rest back "
        "as it was.",
    ),
    "returned.only_addition": Sentence(
        "A suspended invoice can only be completed; this can't change any more: {field}[ (deposited: {value})].",
        "Put this value back as it was, then add an attachment or a comment.",
    ),
    "returned.unchanged": Sentence(
        "The invoice {number} is to be recycled, and nothing was corrected: it would come back again.",
        "Correct the SIRET, the service code or the engagement number in the .yaml file, as your customer asks.",
    ),
    "returned.nothing_added": Sentence(
        "The invoice {number} is suspended, and nothing was added.",
        "Add the document that your customer asks for, or answer in the line “commentaire” of the .yaml file.",
    ),
    "returned.portal": Sentence(
        "The invoice {number} ({status}) can't be corrected from here.",
        "Correct it on the Chorus Pro portal, under “Factures émises”; the program will see what follows.",
    ),
    "returned.moved_on": Sentence(
        "The invoice {number} waits for no correction any more: its status on Chorus Pro is now {status}.",
        "Nothing to correct. If you had just corrected it, nothing was sent; if in doubt, look at it on the portal.",
    ),
    "returned.new_number": Sentence(
        "Your customer rejected the invoice {number}[ (Chorus Pro no. {chorus_id})]: this number can't be used any more.",
        "Give the new invoice a new number, in the PDF and in the .yaml file. To acknowledge the rejection, add"
        " “acquitter: oui” there.",
    ),
    "returned.acknowledged": Sentence(
        "The rejection of the invoice {number}[ (Chorus Pro no. {chorus_id})] is acknowledged: this number is not used again.",
        "Nothing more here. The new invoice, if there must be one, needs a new number.",
    ),
    "returned.pdf_kept": Sentence(
        "The PDF has changed, but Chorus Pro keeps the one of the first deposit of the invoice {number}.",
        "Nothing to do if the difference does not matter; else settle it with your customer.",
    ),
    "returned.file_gone": Sentence(
        "The file “{name}” was no longer in the folder of sent invoices.",
        "Put this file back into the drop folder as well, to correct the invoice.",
    ),
    "acknowledge.nothing": Sentence(
        "The line “acquitter: oui” fits no rejected invoice, or its rejection is acknowledged already.",
        "Nothing to do.",
    ),
    "followed.silent": Sentence(
        "This recipient[ ({name})] does not report its payments: Chorus Pro will tell no more.",
        "Check the payment on your bank account.",
    ),
    "followed.ended": Sentence(
        "This invoice is no longer followed: its status ({status}) will not change any more.",
        "Look at it on the Chorus Pro portal if that was not meant; otherwise nothing.",
    ),
}
