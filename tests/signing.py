"""Makes PDFs that look signed: the structure of a PAdES signature, without the cryptography that nothing here checks.

As every signer does, it appends an update to the file, so that the bytes that were signed stay as they were.
"""

from __future__ import annotations

from io import BytesIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import (
    ArrayObject,
    ByteStringObject,
    DictionaryObject,
    NameObject,
    NumberObject,
    PdfObject,
    TextStringObject,
)


def signed(pdf: bytes, *, empty: bool = False) -> bytes:
    """Return the PDF with a signature appended; ``empty``: only with the field meant for one."""
    writer = PdfWriter(BytesIO(pdf), incremental=True)
    field = DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Annot"),
            NameObject("/Subtype"): NameObject("/Widget"),
            NameObject("/FT"): NameObject("/Sig"),
            NameObject("/T"): TextStringObject("Signature1"),
            NameObject("/Rect"): ArrayObject([NumberObject(0)] * 4),
        }
    )
    if not empty:
        field[NameObject("/V")] = writer._add_object(_signature(len(pdf)))
    form: dict[PdfObject, PdfObject] = {
        NameObject("/SigFlags"): NumberObject(3),
        NameObject("/Fields"): ArrayObject([writer._add_object(field)]),
    }
    writer.root_object[NameObject("/AcroForm")] = writer._add_object(DictionaryObject(form))
    out = BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(pdf)
    return out.getvalue()


def _signature(size: int) -> DictionaryObject:
    return DictionaryObject(
        {
            NameObject("/Type"): NameObject("/Sig"),
            NameObject("/Filter"): NameObject("/Adobe.PPKLite"),
            NameObject("/SubFilter"): NameObject("/ETSI.CAdES.detached"),
            NameObject("/ByteRange"): ArrayObject([NumberObject(n) for n in (0, size, size + 16384, 512)]),
            NameObject("/Contents"): ByteStringObject(b"\x30\x82" + b"\0" * 64),
        }
    )


def with_attachment(pdf: bytes, name: str, content: bytes) -> bytes:
    """Return the PDF with an embedded file."""
    writer = PdfWriter(clone_from=PdfReader(BytesIO(pdf)))
    writer.add_attachment(name, content)
    out = BytesIO()
    writer.write(out)
    return out.getvalue()
