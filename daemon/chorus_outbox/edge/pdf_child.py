"""Look into PDFs, one after another, in a process of its own that is limited in memory, CPU time and files.

``pdf.py`` starts it with a socket as standard input. A request is one JSON line with open descriptors beside it
(``{"do": "read"}``: the PDF; ``{"do": "strip", "limit": bytes}``: the PDF and a file for the copy). An answer is one
JSON line: facts, ``{"problem": code, "detail": words}``, or ``{"errno": n}`` when a disk is to blame. The process ends
when the socket closes. It opens no path, keeps nothing from one PDF to the next, and knows no rule on invoices.

Whatever pypdf raises on a bad PDF is an answer; what can't be caught (CPU time, a crash) ends this process only
(engineering.md 6.1).
"""

from __future__ import annotations

import base64
import json
import logging
import math
import os
import re
import resource
import socket
import time
import warnings
from collections.abc import Iterator, Mapping
from contextlib import suppress
from errno import EFBIG, EIO, ESTALE
from io import BytesIO
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, NameObject, StreamObject

MEMORY = 768 * 2**20  # bytes of address space, for the life of the process
CPU_SECONDS = 10  # for each PDF
HEAD = 1024  # bytes: where readers look for %PDF-
TAIL = 64 * 1024  # bytes: where the end mark must be; some mail gateways add kilobytes after it
TEXT_PAGES = 50
TEXT_LENGTH = 200_000  # characters
TEXT_SECONDS = 5  # of CPU, after which no further page is begun: the rest of CPU_SECONDS is for the last one
FACTURX_SIZE = 5 * 2**20  # bytes of XML once inflated; real ones have 3 to 100 kB
NAMES = 1000  # embedded files whose names are told
FACTURX_NAMES = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml")
SIGNATURES = ("/adbe.", "/ETSI.")  # how the standard sub-filters begin: adbe.pkcs7.detached, ETSI.CAdES.detached...
DISK_ERRORS = (EIO, ESTALE)  # when reading; not those that pypdf's own seeking can provoke
OBJECT = re.compile(rb"[0-9]\s+[0-9]+\s+obj\b")
Answer = Mapping[str, object]


class Refused(Exception):  # noqa: N818 - a verdict on the PDF, not an error of this program
    """The PDF is not usable: a problem code, and a detail where the code asks for one."""


def main() -> None:
    """Answer requests until the parent closes the socket or dies."""
    logging.disable(logging.CRITICAL)
    warnings.simplefilter("ignore")
    limit_process()
    with socket.socket(fileno=0) as parent, suppress(ConnectionError):
        while True:
            line, descriptors, _, _ = socket.recv_fds(parent, 4096, 2)
            if not line:
                return
            source, *targets = descriptors
            with os.fdopen(source, "rb") as file:
                answer = work(json.loads(line), file, *targets)
            for target in targets:
                os.close(target)
            parent.sendall(json.dumps(answer, ensure_ascii=False).encode() + b"\n")


def limit_process() -> None:
    """Bound what any PDF can make this process take. The parent's imports are done: only PDFs are read from here on."""
    with suppress(OSError):  # when memory runs out, this process goes first, not the daemon
        Path("/proc/self/oom_score_adj").write_text("1000", encoding="ascii")
    # No process: pypdf would start jbig2dec where it is installed.
    limits = {resource.RLIMIT_AS: MEMORY, resource.RLIMIT_NPROC: 0, resource.RLIMIT_NOFILE: 32, resource.RLIMIT_CORE: 0}
    for what, value in limits.items():
        hard = resource.getrlimit(what)[1]
        lower = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(what, (lower, lower))


def limit_job(file_size: int) -> None:
    """Give the next PDF its CPU seconds, and let files grow to so many bytes. Passing the first kills the process."""
    cpu_seconds = math.ceil(time.process_time()) + CPU_SECONDS
    for what, value in ((resource.RLIMIT_CPU, cpu_seconds), (resource.RLIMIT_FSIZE, file_size)):
        resource.setrlimit(what, (value, resource.getrlimit(what)[1]))


def work(request: Mapping[str, Any], source: BinaryIO, target: int | None = None) -> Answer:
    """Do what one request asks; every failure becomes an answer."""
    limit_job(request.get("limit", 0))
    try:
        reader = open_pdf(source)
        if target is None:
            return facts(reader)
        copy = strip(reader)
    except Refused as refused:
        return dict(zip(("problem", "detail"), refused.args, strict=False))
    except Exception as error:  # noqa: BLE001 - pypdf raises anything on bad files, MemoryError and RecursionError too
        if isinstance(error, OSError) and error.errno in DISK_ERRORS:
            return {"errno": error.errno}
        return {"problem": "file.unreadable", "detail": words(error)}
    return write(copy, target)


def open_pdf(file: BinaryIO) -> PdfReader:
    """Open a PDF that is whole, not encrypted and has pages; ``Refused`` otherwise."""
    size = file.seek(0, os.SEEK_END)
    file.seek(0)
    head = file.read(HEAD)
    file.seek(max(0, size - TAIL))
    tail = file.read(TAIL)
    if not size:
        raise Refused("file.empty")
    if not head.strip(b"\0"):  # space reserved by a copy that has not begun, or has stopped
        raise Refused("file.truncated")
    if b"%PDF-" not in head or head.startswith(b"PK\3\4"):  # a PDF merely stored in an archive
        raise Refused("file.not_pdf")
    if cut(tail):
        raise Refused("file.truncated")
    try:
        reader = PdfReader(file)
        encrypted = reader.is_encrypted
    except Exception as error:
        if b"/Encrypt" in tail:  # pypdf gives up on certificates and unknown ciphers
            raise Refused("file.encrypted") from error
        raise
    if encrypted:
        raise Refused("file.encrypted")
    if not len(reader.pages):
        raise Refused("file.unreadable", "0 page")
    return reader


def cut(tail: bytes) -> bool:
    """Tell whether the end is missing: no end mark, or one with objects after it (an earlier revision's mark).

    pypdf would repair such a file in silence, and an invoice without its last pages would be sent.
    """
    end = tail.rfind(b"%%EOF")
    return end < 0 or OBJECT.search(tail, end) is not None


def facts(reader: PdfReader) -> Answer:
    """Return the fields of ``core.facts.PdfFacts``, the XML as base64."""
    specs = list(file_specs(reader))
    xml = facturx(specs)
    return {
        "pages": len(reader.pages),
        "signed": signed(reader),
        "facturx": None if xml is None else base64.b64encode(xml).decode("ascii"),
        "embedded": [file_name(s) for s in islice(specs, NAMES)],
        "text": text(reader),
    }


def get(thing: Any, key: str) -> Any:
    """Return the value behind a key with its reference followed, or None when there is no dictionary or no key."""
    return thing[key] if isinstance(thing, DictionaryObject) and key in thing else None


def items(thing: Any, key: str) -> list[Any]:
    """Return the elements of the array behind a key, references followed; an empty list when there is none."""
    array = get(thing, key)
    return [element.get_object() for element in array] if isinstance(array, ArrayObject) else []


def tree(root: Any) -> Iterator[DictionaryObject]:
    """Yield each node of a tree linked by /Kids once, however it is nested or knotted."""
    seen: dict[int, Any] = {}  # holds the nodes, so that no id is given twice
    todo = [root]
    while todo:
        node = todo.pop()
        if isinstance(node, DictionaryObject) and id(node) not in seen:
            seen[id(node)] = node
            yield node
            todo.extend(reversed(items(node, "/Kids")))


def signed(reader: PdfReader) -> bool:
    """Tell whether a form field holds a signature (ISO 32000-1, 12.8.1). An empty field meant for one does not count."""
    for top in items(get(reader.root_object, "/AcroForm"), "/Fields"):
        for field in tree(top):
            value = get(field, "/V")
            standard = str(get(value, "/SubFilter")).startswith(SIGNATURES)
            if standard and get(value, "/ByteRange") and get(value, "/Contents"):
                return True
    return False


def file_specs(reader: PdfReader) -> Iterator[DictionaryObject]:
    """Yield each embedded file's specification once: name tree, associated files, attachment annotations.

    Not pypdf's ``attachment_list``: it knows the name tree only, and only two levels of it.
    """
    catalog = reader.root_object
    found: list[Any] = []
    for node in tree(get(get(catalog, "/Names"), "/EmbeddedFiles")):
        found += items(node, "/Names")
    found += items(catalog, "/AF")
    for page in tree(get(catalog, "/Pages")):
        found += items(page, "/AF")
        found += [get(a, "/FS") for a in items(page, "/Annots") if is_attachment(a)]
    yield from {id(s): s for s in found if isinstance(get(s, "/EF"), DictionaryObject)}.values()


def is_attachment(annotation: Any) -> bool:
    """Tell whether an annotation is a paper clip with a file behind it."""
    return bool(get(annotation, "/Subtype") == "/FileAttachment")


def file_name(spec: DictionaryObject) -> str:
    """Return an embedded file's name, at most 255 characters; it may hold anything."""
    name = get(spec, "/UF") or get(spec, "/F")
    return sound(name.decode("latin-1") if isinstance(name, bytes) else str(name or ""))[:255]


def facturx(specs: list[DictionaryObject]) -> bytes | None:
    """Return the XML of the first embedded file with a usual name, or None; too big a one is ``Refused``."""
    by_name = {file_name(s).casefold(): s for s in reversed(specs)}
    name = next((n for n in FACTURX_NAMES if n in by_name), None)
    if name is None:
        return None
    ef = get(by_name[name], "/EF")
    stream = get(ef, "/UF") or get(ef, "/F")
    data = stream.get_data() if isinstance(stream, StreamObject) else b""  # pypdf stops inflating at 75 MB
    if not data or len(data) > FACTURX_SIZE:
        raise Refused("file.unreadable", f"{name}: {len(data)} B")
    return data


def text(reader: PdfReader) -> str:
    """Return the text of the first pages. A page whose text can't be had counts as empty: the portal reads for itself."""
    parts: list[str] = []
    end = time.process_time() + TEXT_SECONDS
    for page in islice(reader.pages, TEXT_PAGES):
        try:
            parts.append(page.extract_text())
        except Exception:  # noqa: BLE001 - an odd font must not make an invoice unsendable
            parts.append("")
        if sum(map(len, parts)) > TEXT_LENGTH or time.process_time() > end:
            break
    return sound("\n".join(parts))[:TEXT_LENGTH]


def sound(text: str) -> str:
    """Return the text with surrogate pairs joined and lone surrogates replaced, so that it is valid Unicode."""
    return text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def words(error: Exception) -> str:
    """Return an exception as one short printable line."""
    line = " ".join(f"{type(error).__name__} {error}".split())
    return sound("".join(c if c.isprintable() else " " for c in line))[:120].strip()


def strip(reader: PdfReader) -> BytesIO:
    """Return a copy without embedded files, and without the metadata (XMP and /Info) that announce a Factur-X.

    The references go before the copy is made: what nothing refers to is not copied.
    """
    catalog = reader.root_object
    for spec in list(file_specs(reader)):
        spec.pop("/EF")  # others may refer to it: the structure tree, an image
    if isinstance(names := get(catalog, "/Names"), DictionaryObject):
        names.pop("/EmbeddedFiles", None)
    for key in ("/AF", "/Metadata", "/PageMode"):  # the last asks to show the list of embedded files
        catalog.pop(key, None)
    for page in tree(get(catalog, "/Pages")):
        page.pop("/AF", None)
        if isinstance(annotations := get(page, "/Annots"), ArrayObject):
            left = ArrayObject(a for a in annotations if not is_attachment(a.get_object()))
            page[NameObject("/Annots")] = left
    writer = PdfWriter(clone_from=reader)
    writer.metadata = None
    writer.pdf_header = "%PDF-1.7"
    copy = BytesIO()
    writer.write(copy)
    return copy


def write(copy: BytesIO, target: int) -> Answer:
    """Write the copy into the parent's file, in place of what a first try may have left there."""
    data, done = copy.getbuffer(), 0
    try:
        while done < len(data):
            done += os.pwrite(target, data[done:], done)
        os.ftruncate(target, done)
    except OSError as error:
        if error.errno == EFBIG:  # RLIMIT_FSIZE: this PDF grows beyond reason
            return {"problem": "file.unreadable", "detail": words(error)}
        return {"errno": error.errno}
    return {}


if __name__ == "__main__":
    main()
