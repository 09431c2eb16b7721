"""Texts: what is wrong with an invoice's own data, and what its recipient requires."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "siret.format": Sentence(
        "“{value}” is not a SIRET: it takes 14 digits.",
        "Write on the line “{field_name}” the 14 digits of the SIRET, as they stand on the purchase order.",
    ),
    "siret.checksum": Sentence(
        "The SIRET {value} does not exist: its check digits do not match (probably a typing mistake).",
        "Check it on the purchase order or in Chorus Pro's directory, then correct the line “{field_name}”.",
    ),
    "siret.alias": Sentence(
        "“{value}” is neither a SIRET nor a name in the recipient book.",
        "[Did you mean “{nearest}”? ]Give the 14 digits of the SIRET on the line “{field_name}”, or a name of the book.",
    ),
    "number.too_long": Sentence(
        "The invoice number “{value}” has {length} characters: Chorus Pro takes 20 at most.",
        "If the number printed on the invoice is shorter, correct the line “numero”; otherwise make the invoice "
        "again with a number of at most 20 characters.",
    ),
    "number.characters": Sentence(
        "The invoice number “{value}” contains characters that Chorus Pro refuses: {characters} (␠ is a space).",
        "On the line “numero”, use only unaccented letters, digits and the signs - _ / +; if the invoice itself "
        "bears another sign, make it again with a number without it.",
    ),
    "number.date": Sentence(
        "The invoice number “{value}” is a mere date: Chorus Pro refuses it.",
        "Give on the line “numero” the number printed on the invoice; if that is only a date, make the invoice "
        "again with a real number.",
    ),
    "date.format": Sentence(
        "“{value}” is not a date[ ({field})].",
        "Write it on the line “{field_name}” like 24/11/2026 (day, month, year).",
    ),
    "date.future": Sentence(
        "The invoice date, {value}, is in the future (today is {today}).",
        "Correct the line “date”, or wait for that day to drop the invoice.",
    ),
    "amount.format": Sentence(
        "“{value}” is not a clear amount[ ({field})].",
        "Write it on the line “{field_name}” like 1234.50.",
    ),
    "field.choice": Sentence(
        "“{value}” is not an accepted value[ ({field})].",
        "Write on the line “{field_name}” one of these: {allowed}.",
    ),
    "field.too_long": Sentence(
        "“{value}” is too long ({field}): Chorus Pro takes {limit} characters at most.",
        "Shorten the line “{field_name}”.",
    ),
    "field.vat_lines": Sentence(
        "The VAT breakdown is not written as it should be[: “{value}”].",
        "Under “lignes_tva:”, write for each rate “- taux: 20”, then, aligned below it, “base: 100.00” and"
        " “montant: 20.00”.",
    ),
    "cadre.works": Sentence(
        "The billing frame {value} is that of a works invoice: Chorus Pro does not take it this way.",
        "Deposit it on the portal, screen “Factures de travaux”; if it is none, correct the frame: A1, A2, A9 or A12.",
    ),
    "cadre.justice": Sentence(
        "The billing frame {value} is that of a court fee memoir: Chorus Pro does not take it this way.",
        "Deposit it on the portal, screen “Mémoires de frais de justice”; if it is none, correct the frame: A1, A2, A9 or"
        " A12.",
    ),
    "cadre.refund": Sentence(
        "The billing frame {value} is that of a fuel tax refund claim: Chorus Pro does not take it this way.",
        "Deposit it on the portal, screen “Demandes de remboursement TIC”; if it is none, correct the frame: A1, A2, A9 or"
        " A12.",
    ),
    "cadre.paid": Sentence(
        "Nothing is left to pay, but the billing frame does not say that the invoice is already paid.",
        "Write “cadre: A2” the next time, if it is.",
    ),
    "validator.missing": Sentence(
        "With the billing frame {cadre}, the validator's SIRET (the main contractor) is compulsory.",
        "Give it on the line “valideur”.",
    ),
    "validator.same": Sentence(
        "The validator {value} can be neither the invoice's recipient nor its supplier.",
        "Give the SIRET of the main contractor (frame A9) or of the lead contractor (A12) on the line “valideur”.",
    ),
    "validator.unused": Sentence(
        "A validator is given, but the billing frame {cadre} has none.",
        "If you are a subcontractor, write “cadre: A9”; a co-contractor, “cadre: A12”; otherwise remove the line"
        " “valideur”.",
    ),
    "exemption.missing": Sentence(
        "The invoice is exempt from VAT, but the reason of the exemption is missing.",
        "Give it on the line “motif_exoneration”, as written on the invoice.",
    ),
    "exemption.unknown": Sentence(
        "The reason for exemption “{value}” is not in Chorus Pro's list.",
        "Give one of these on the line “motif_exoneration”: {known}.",
    ),
    "exemption.unlisted": Sentence(
        "The reason for exemption read in the PDF, “{value}”, is not in Chorus Pro's list: the invoice is declared "
        "as one without VAT.",
        "Give one of these the next time on the line “motif_exoneration”, if it fits: {known}.",
    ),
    "origin.missing": Sentence(
        "This credit note does not say which invoice it corrects: your customer could not attribute it.",
        "Give that invoice's number on the line “origine”; if there is none in particular (a yearly rebate), write"
        " “origine: aucune”.",
    ),
    "origin.same": Sentence(
        "This credit note gives its own number, {value}, as that of the invoice it corrects.",
        "Give the original invoice's number on the line “origine”.",
    ),
    "type.unsaid": Sentence(
        "The name “{value}” sounds like a credit note, and nothing in the PDF says whether it is one.",
        "Write “type: avoir” or “type: facture” in the .yaml file.",
    ),
    "type.name": Sentence(
        "The name “{value}” sounds like a credit note, but the PDF says that it is an invoice: it is treated as one.",
        "Check it; if it is a credit note, its PDF must be made anew, and “type: avoir” be written.",
    ),
    "type.differs": Sentence(
        "The PDF contradicts itself: {first} ({first_source}), {second} ({second_source}).",
        "If it is a credit note, write “type: avoir” in the .yaml file; if it is an invoice, make its PDF anew.",
    ),
    "totals.sum": Sentence(
        "The amounts do not agree: {ht} net and {tva} of VAT make {sum}, not {ttc} gross.",
        "Check the three amounts on the invoice and correct the line “ht”, “tva” or “ttc”.",
    ),
    "totals.vat_base": Sentence(
        "The bases of the VAT breakdown make {lines}, not {ht} net.",
        "Correct the line “lignes_tva” or “ht” from the invoice.",
    ),
    "totals.vat_tax": Sentence(
        "The taxes of the VAT breakdown make {lines}, not {tva}.",
        "Correct the line “lignes_tva” or “tva” from the invoice.",
    ),
    "totals.payable": Sentence(
        "The amount to pay ({a_payer}) is more than the gross total ({ttc}).",
        "Correct the line “a_payer” or “ttc” from the invoice.",
    ),
    "totals.discount": Sentence(
        "The discount ({remise}) and the amount to pay ({a_payer}) do not fit into the gross total ({ttc}).",
        "Correct the line “remise”, “a_payer” or “ttc” from the invoice: the gross total is the one before the "
        "discount.",
    ),
    "totals.vat_regime": Sentence(
        "The VAT regime is “without VAT”, but the invoice bears {tva} of VAT.",
        "Remove the line “regime_tva”, or correct the line “tva” from the invoice.",
    ),
    "totals.sign": Sentence(
        "The gross total is negative ({ttc}), but the document is said to be an invoice.",
        "If it is a credit note, write “type: avoir” and, on the line “origine”, the invoice that it corrects; otherwise"
        " correct the amounts.",
    ),
    "missing.field": Sentence(
        "Something is missing: {field}.",
        "Fill in the line “{field_name}” of the .yaml file.",
    ),
    "conflict.sources": Sentence(
        "Two statements contradict each other ({field}): {first} ({first_source}), {second} ({second_source}).",
        "Write the right value on the line “{field_name}” of the .yaml file; if the folder is that of another "
        "recipient, drop the invoice into the right one.",
    ),
    "mismatch.pdf": Sentence(
        "The PDF says something else ({field}): {pdf} in the PDF, {ours} from: {source}.",
        "Check that it is the right PDF; if it is, correct the line “{field_name}”.",
    ),
    "mismatch.pdf_warn": Sentence(
        "The PDF seems to say something else ({field}): {pdf} in the PDF, {ours} from: {source}.",
        "Check that it is the right PDF.",
    ),
    "mismatch.chorus": Sentence(
        "Chorus Pro read something else in the PDF ({field}): {chorus}, instead of {ours}.",
        "Check that it is the right PDF; if it is, write on the line “{field_name}” what is printed there: Chorus Pro may"
        " have misread it.",
    ),
    "mismatch.chorus_warn": Sentence(
        "Chorus Pro seems to have read something else in the PDF ({field}): {chorus}, instead of {ours}.",
        "Check that it is the right PDF.",
    ),
    "supplier.differs": Sentence(
        "The PDF bears the supplier SIRET {pdf}, and the invoice goes out under the SIRET {ours}.",
        "Check that the invoice is yours, and was dropped into the right folder.",
    ),
    "recipient.unknown": Sentence(
        "Chorus Pro knows no recipient with the SIRET {siret}.",
        "Correct the line “siret” from the purchase order: it takes the SIRET of the establishment to invoice, "
        "which is not always that of the head office.",
    ),
    "recipient.inactive": Sentence(
        "The recipient [{name} ](SIRET {siret}) is no longer active on Chorus Pro.",
        "Ask your customer which SIRET replaced it, then correct the line “siret”.",
    ),
    "service.required": Sentence(
        "This recipient[, {name},] requires a service code.",
        "Copy it from the purchase order to the line “service”.[ Known codes: {known}.]",
    ),
    "service.unknown": Sentence(
        "The service code “{service}” does not exist at this recipient[ ({name})].",
        "Correct the line “service” from the purchase order.[ Known codes: {known}.]",
    ),
    "service.inactive": Sentence(
        "The service code “{service}” is no longer active at this recipient[ ({name})].",
        "Ask your customer for the new service code, then correct the line “service”.",
    ),
    "service.public": Sentence(
        "“{service}” is no recipient's service code: it is only meant for invoices that administrations issue.",
        "Give the service code of the purchase order, or leave the line “service” empty if there is none.",
    ),
    "engagement.required": Sentence(
        "This recipient[, {name},] requires an engagement number.",
        "Copy it from the purchase order to the line “engagement”.",
    ),
    "engagement.required_by_service": Sentence(
        "The service “{service}”[ ({name})] requires an engagement number.",
        "Copy it from the purchase order to the line “engagement”.",
    ),
    "engagement.or_service": Sentence(
        "This recipient[, {name},] requires a service code or an engagement number.",
        "Give on the line “service” or “engagement” the one that stands on the purchase order.",
    ),
    "engagement.pattern": Sentence(
        "The engagement number “{value}” does not look as expected[ by {name}][ (rule of the recipient book: "
        "{pattern})].",
        "Check it on the purchase order and correct the line “engagement”.",
    ),
    "duplicate.number": Sentence(
        "The invoice {number} was already sent[ on {when}] ({file}[, Chorus Pro no. {chorus_id}])[; its status: "
        "{status}].",
        "Delete this file if it is the same invoice: there is nothing else to do; it is not to be recycled, so "
        "nothing in it can be corrected any more. If it is another, give it its own number.",
    ),
    "duplicate.in_progress": Sentence(
        "The invoice {number} is already being sent ({file}).",
        "Wait until that is done. If this file is another invoice, give it its own number.",
    ),
    "duplicate.bytes": Sentence(
        "This very PDF was already sent: invoice {number}[, on {when}] ({file}[, Chorus Pro no. {chorus_id}])[; its "
        "status: {status}].",
        "Delete this file: there is nothing else to do, as the invoice is not to be recycled and nothing in it can "
        "be corrected any more. If you expected another invoice, check the PDF.",
    ),
    "duplicate.returned": Sentence(
        "The invoice {number} was already sent ({file}[, Chorus Pro no. {chorus_id}]) and has come back ({status}).",
        "Correct the .yaml file of {file} in the folder “failed”, and put that PDF and that .yaml back into the drop folder"
        " together; delete this file.",
    ),
    "duplicate.portal": Sentence(
        "Chorus Pro already has an invoice {number}[, deposited on {when}] (no. {chorus_id}[, {status}]).",
        "Delete this file if it is the same invoice: there is nothing else to do. If it is another, give it its own "
        "number.",
    ),
}
