"""Texts: what is wrong with files, sidecars, file names and attachments."""

from __future__ import annotations

from collections.abc import Mapping

from .model import Sentence

PROBLEMS: Mapping[str, Sentence] = {
    "file.not_pdf": Sentence(
        "This file is not a PDF, although its name ends in .pdf.",
        "Open the invoice in the program that made it, save it as a PDF and drop that file.",
    ),
    "file.empty": Sentence(
        "The file is empty: there is nothing in it.",
        "Save the invoice as a PDF again and drop it.",
    ),
    "file.truncated": Sentence(
        "The PDF is incomplete: the end of the file is missing (probably an interrupted copy).",
        "Copy the original PDF again and let the copy finish.",
    ),
    "file.encrypted": Sentence(
        "The PDF is protected (password or encryption): Chorus Pro can't read it.",
        "Save it without protection and drop that version.",
    ),
    "file.too_big": Sentence(
        "The PDF is too big: {size}, while Chorus Pro takes {limit} at most.",
        "Make it lighter (scan in black and white, coarser pictures), or take the annexes out and drop them beside it,"
        " named after the invoice with _PJ1 added.",
    ),
    "file.unreadable": Sentence(
        "The PDF could not be read: it is probably damaged[ (technical detail: {detail})].",
        "Open it to check, then save the invoice as a PDF again.",
    ),
    "file.facturx_refused": Sentence(
        "This PDF is a Factur-X invoice, and the configuration says not to send these.",
        "Save the invoice as a plain PDF without Factur-X, or ask your administrator to review the setting “facturx”.",
    ),
    "file.facturx_signed": Sentence(
        "This PDF is both signed and Factur-X: taking the Factur-X data out would break the signature.",
        "Make the invoice without Factur-X, or without an electronic signature.",
    ),
    "file.signed": Sentence(
        "The PDF bears an electronic signature: it is declared as a signed PDF (PAdES) and sent as it is.",
        "Nothing to do.",
    ),
    "file.not_regular": Sentence(
        "This is not an ordinary file ({kind}): it was left untouched.",
        "Copy the PDF file itself in its place.",
    ),
    "file.unsafe_name": Sentence(
        "The file's name contains invisible or unusual characters.",
        "Nothing to do for this invoice; in future, prefer letters, digits and hyphens.",
    ),
    "file.other_kind": Sentence(
        "The file “{name}” is neither an invoice in PDF nor a file that goes with one: it was left untouched.",
        "Save it as a PDF if it is an invoice; otherwise you may take this file away.",
    ),
    "file.edited": Sentence(
        "The file was changed while it was being sent: what was sent is the earlier version, its copy lies beside it.",
        "Nothing to do if the change does not matter; otherwise check the invoice on the Chorus Pro portal.",
    ),
    "file.gone": Sentence(
        "The file “{name}” was taken away while it was being sent.",
        "Nothing to do: what was sent is kept.",
    ),
    "sidecar.too_big": Sentence(
        "The .yaml file is too big ({limit} at most): it is probably not the right one.",
        "Replace it by a file that holds only the invoice's data.",
    ),
    "sidecar.encoding": Sentence(
        "The .yaml file is not readable text.",
        "Open it in Notepad and save it with the encoding UTF-8.",
    ),
    "sidecar.cp1252": Sentence(
        "The .yaml file is in an old Windows encoding: its accents were read that way.",
        "Nothing to do if the accents are right; in future, save it as UTF-8.",
    ),
    "sidecar.syntax": Sentence(
        "This line is not written as it should be[: “{text}”].",
        "Write one piece of data per line, as “name: value”, with a space after the colon.",
    ),
    "sidecar.other_file": Sentence(
        "The file ends in .yaml, but it is {kind}.",
        "Write the invoice's data with Notepad, one per line as “name: value”, and save them under this name.",
    ),
    "sidecar.tab": Sentence(
        "The line begins with a tab[: “{text}”].",
        "Write “{fixed}” at the very left, or after spaces if the line belongs to a list.",
    ),
    "sidecar.no_space": Sentence(
        "The space after the colon is missing[: “{text}”].",
        "Write “{fixed}”.",
    ),
    "sidecar.colon": Sentence(
        "The value contains a colon, which the program can't tell from the one after the name[: “{text}”].",
        "Put the value in straight quotes. Write “{fixed}”.",
    ),
    "sidecar.quote": Sentence(
        "The quotes of this line do not come in pairs, or something follows them[: “{text}”].",
        "Put the whole value between two straight quotes. Write “{fixed}”.",
    ),
    "sidecar.curly_quotes": Sentence(
        "The value is in curly quotes, those of Word, which do not count as quotes here[: “{text}”].",
        "Use straight quotes, typed in Notepad. Write “{fixed}”.",
    ),
    "sidecar.backslash": Sentence(
        "A backslash (\\) between quotes has a special meaning in this file[: “{text}”].",
        "Use a slash (/) instead. Write “{fixed}”.",
    ),
    "sidecar.bracket": Sentence(
        "A bracket or a brace is opened and not closed on the same line[: “{text}”].",
        "Close it; if the value is mere text, put it in straight quotes: “{fixed}”.",
    ),
    "sidecar.special": Sentence(
        "The value begins with a sign that has a special meaning in this file[: “{text}”].",
        "Put the value in straight quotes. Write “{fixed}”.",
    ),
    "sidecar.indent": Sentence(
        "The line begins with spaces that do not belong there[: “{text}”].",
        "Begin the line at the very left. Write “{fixed}”.",
    ),
    "sidecar.control": Sentence(
        "The line contains an invisible character, which came with a copy and paste.",
        "Delete the line and type it again.",
    ),
    "sidecar.anchor": Sentence(
        "A value begins with & or *, which has a special meaning in this file.",
        'Put the value in straight quotes, for instance: commentaire: "*urgent*".',
    ),
    "sidecar.tag": Sentence(
        "A value begins with an exclamation mark, which has a special meaning in this file.",
        'Put the value in straight quotes, for instance: commentaire: "!urgent".',
    ),
    "sidecar.documents": Sentence(
        "The file has a second part, after a line of three hyphens.",
        "Keep one invoice per .yaml file and delete the line of three hyphens.",
    ),
    "sidecar.depth": Sentence(
        "The file has too many levels or too many lines.",
        "Simply write one piece of data per line, without spaces at its beginning, as “name: value”.",
    ),
    "sidecar.not_mapping": Sentence(
        "The .yaml file does not hold lines like “name: value”.",
        "Write one piece of data per line, with a space after the colon, for instance: numero: FA-2026-001.",
    ),
    "sidecar.empty": Sentence(
        "The .yaml file is empty.",
        "Nothing to do if the invoice is complete without it; otherwise write the missing data into it.",
    ),
    "sidecar.duplicate_key": Sentence(
        "“{key}” is given twice.",
        "Keep only one of the two lines.",
    ),
    "sidecar.unknown_key": Sentence(
        "“{key}” is not a known name.",
        "[Did you mean “{nearest}”? ]Correct the name or delete the line.",
    ),
    "sidecar.not_text": Sentence(
        "“{key}” takes a single value, and the file gives several.",
        "Write a single value on the line, as “{key}: value”; in straight quotes if it contains brackets, braces or a"
        " colon.",
    ),
    "sidecar.several": Sentence(
        "Several data files go with this invoice: {names}.",
        "Keep a single .yaml file per invoice.",
    ),
    "sidecar.required": Sentence(
        "The invoice must come with a .yaml file, and there is none.",
        "Drop a file of the same name ending in .yaml beside the PDF.",
    ),
    "sidecar.alone": Sentence(
        "This .yaml file waits for an invoice that never came.",
        "Drop the PDF of the same name, or take the .yaml file away.",
    ),
    "filename.ambiguous": Sentence(
        "The file's name can be read in two ways: “{first}” or “{second}”.",
        "Rename the PDF, or give SIRET, number and engagement in a .yaml file of the same name.",
    ),
}
