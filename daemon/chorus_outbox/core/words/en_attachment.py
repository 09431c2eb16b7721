"""English: what is said of attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "attachment.not_yet": Sentence(
        "This version can't send attachments yet ({names}), and the invoice does not leave without them.",
        "Deposit this invoice and its attachments on the Chorus Pro portal, or put everything into one PDF and remove"
        " the line “pieces_jointes”.",
    ),
    "attachment.unsafe": Sentence(
        "The attachment “{name}” is not accepted: it must be an ordinary file beside the invoice.",
        "Put the file into the invoice's own folder and give its name only.",
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
        "Chorus Pro does not take attachments of the kind of “{name}”.",
        "Save it as a PDF and attach the PDF.",
    ),
    "attachments.too_big": Sentence(
        "The invoice and its attachments are too big together: {size}, while Chorus Pro takes {limit}.",
        "Make the attachments lighter, or take away those that are not needed.",
    ),
}
