"""Texts: what is said of attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "attachment.unsafe": Sentence(
        "The attachment “{name}” is not accepted[: it is {kind}]. It must be an ordinary file beside the invoice.",
        "Put the file into the invoice's own folder and give its name only.",
    ),
    "attachment.unnamed": Sentence(
        "An attachment is announced without a file name[ ({value})].",
        "Write the name of the file after “fichier:”, on the line “pieces_jointes”.",
    ),
    "attachment.in_defaults": Sentence(
        "Attachments ({names}) are announced for a whole folder or in the configuration: that can't be.",
        "Name them in the .yaml file of each invoice, and put a copy beside each.",
    ),
    "attachment.invoice": Sentence(
        "“{name}” is announced as an attachment, but it is an invoice: it has a .yaml file or attachments of its own.",
        "Remove its name from the line “pieces_jointes”, or attach a copy that has another name.",
    ),
    "attachment.shared": Sentence(
        "The attachment “{name}” is claimed by another invoice as well[ ({other})]: it left with neither.",
        "Drop a copy for each invoice, under two different names.",
    ),
    "attachment.double": Sentence(
        "Two files answer to the name of one attachment: “{name}” and “{other}”.",
        "Keep the right one, and take the other out of the folder.",
    ),
    "attachment.type": Sentence(
        "Chorus Pro does not know the type “{value}” given to the attachment “{name}”.",
        "Choose a type of this list: {allowed}.",
    ),
    "attachment.missing": Sentence(
        "The attachment “{name}” is announced, but it is not there.",
        "Drop this file beside the invoice, or remove its name from the line “pieces_jointes”.",
    ),
    "attachment.empty": Sentence(
        "The attachment “{name}” is empty: Chorus Pro would refuse it.",
        "Replace it by the right file, or take it away.",
    ),
    "attachment.too_big": Sentence(
        "The attachment “{name}” is too big: {size}, while Chorus Pro takes {limit} at most.",
        "Make this file lighter, or split it.",
    ),
    "attachment.extension": Sentence(
        "Chorus Pro does not take this kind of attachment: “{name}”.",
        "Save it as a PDF and attach the PDF.",
    ),
    "attachments.too_big": Sentence(
        "The invoice and its attachments are too big together: {size}, while Chorus Pro takes {limit} at most.",
        "Make the attachments lighter, or take away those that are not needed.",
    ),
    "wait.attachment": Sentence(
        "An attachment that is announced is not there yet ({names}): it is awaited[ until {until}].",
        "Drop this file beside the invoice; without it, the invoice is put aside with an explanation.",
    ),
    "wait.its_invoice": Sentence(
        "This file is an attachment of the invoice “{file}”, which lies in “failed”: it waits for it.",
        "Correct that invoice and put it back, with its .yaml file, beside this attachment. If this file is an "
        "invoice itself, rename it.",
    ),
}
