"""The readers of foreign bytes, each as a function of bytes: what is done with them, and what must come of it.

A target raises when something is wrong: an exception that the reader does not document, or a broken promise
(``fuzz_checks.py``). It knows nothing of where the bytes come from.
"""

from __future__ import annotations

import json
import os
import re
import time
import zlib
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from io import BytesIO
from typing import Any

import httpx
from fuzz_checks import (
    LANGUAGES,
    Broken,
    answer_holds,
    draft_holds,
    must,
    problems_hold,
    row_holds,
    text_holds,
    understood_holds,
)

from chorus_outbox.core.book import BookEntry
from chorus_outbox.core.draft import Draft, Source
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.facturx import read_facturx
from chorus_outbox.core.fields import Kind
from chorus_outbox.core.filename import DEFAULT_PATTERNS, read_filename
from chorus_outbox.core.flowreading import understand_flow
from chorus_outbox.core.names import attachment_of, display, free_name, is_skipped_folder, kind_of, pair_key, split
from chorus_outbox.core.pdftext import mentions, read_pdf_text
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.reading import Material, Rules, read_invoice
from chorus_outbox.core.sidecar import read_sidecar
from chorus_outbox.core.yamltext import YamlProblem, read_yaml
from chorus_outbox.edge import pdf, pdf_child
from chorus_outbox.edge.chorus import fields as cf
from chorus_outbox.edge.chorus.answers import NO_RESULT, json_object, read_answer, retry_after
from chorus_outbox.edge.chorus.endpoints import every_row
from chorus_outbox.edge.chorus.oauth import Token, _why_not
from chorus_outbox.errors import FaultyError, RemoteError, UnavailableError

TODAY = date(2026, 11, 23)
NOW = datetime(2026, 11, 23, 9, 0, tzinfo=UTC)
PATTERNS = (
    DEFAULT_PATTERNS,
    ("{numero}",),
    ("{date} {numero}-{siret}", "F{numero}_{engagement}"),
    ("{siret}__{service}_{numero}", "{type}_{numero}_{ttc}"),
)
BOOK = {
    "cotes-armor": BookEntry("22220001600327", "COLLEGE", engagement_pattern="[0-9]{5,6}"),
    "état": BookEntry("11000201100044"),
}
CREDIT = Draft(Source.CONFIG, {"service": "FACTURE", "type": Kind.CREDIT_NOTE})
RULES = (
    Rules(DEFAULT_PATTERNS, BOOK, Draft(Source.CONFIG)),
    Rules(DEFAULT_PATTERNS, BOOK, CREDIT, "warn", sidecar_required=True, facturx="refuse"),
)
STATUSES = (200, 200, 200, 201, 204, 301, 302, 307, 400, 401, 403, 404, 408, 413, 422, 425, 429, 500, 502, 503, 504)
CUT = b"\n%%%\n"  # between the parts of an input that has several
LONG = 61_000  # characters: a text above this is read at both ends only


def sidecar(data: bytes) -> None:
    """Any bytes make a draft; the YAML below refuses with a problem, and with nothing else."""
    draft_holds(read_sidecar(data, "a.yaml"))
    with suppress(YamlProblem):
        read_yaml(data, limit=1000)


def filename(data: bytes) -> None:
    """Any name a disk can hold, by several templates, and what is asked of names elsewhere."""
    name = os.fsdecode(data[1:])
    folder, stem, suffix = split(name)
    must(f"{folder}/{stem}{suffix}".lstrip("/") == name.lstrip("/"), f"split loses nothing: {name!r}")
    draft_holds(read_filename(stem, PATTERNS[(data or b"\0")[0] % len(PATTERNS)]))
    shown = display(name)
    text_holds(shown)
    must(len(shown.splitlines()) <= 1, f"a name is shown on one line: {shown!r}")
    kind_of(name)
    is_skipped_folder(name)
    pair_key(stem)
    if belongs := attachment_of(stem):
        must(stem.startswith(belongs[0]), f"an attachment's invoice begins its name: {stem!r}")
    taken = {stem + ".pdf"}
    free = free_name(stem, (".pdf", ".yaml"), taken.__contains__)
    must(len(os.fsencode(free + ".yaml")) <= 255, f"a free name has at most 255 bytes: {free!r}")
    must(free + ".pdf" not in taken, f"a free name is free: {free!r}")


def pdftext(data: bytes) -> None:
    """Any text of a PDF, long ones too; and what the cross-check asks of it."""
    text = data.decode("utf-8", "ignore")
    if text and zlib.crc32(data) % 2000 == 0:  # not by a flag in the data: the fuzzer would then try long ones only
        text = (text * (LONG // len(text) + 1))[: LONG + len(text)]
    draft = read_pdf_text(text)
    draft_holds(draft)
    for value in (*draft.values.values(), "FA-1", date(2026, 11, 20), Decimal("1234.50"), Kind.CREDIT_NOTE):
        mentions(text, value)


def facturx(data: bytes) -> None:
    """Any bytes make a draft without problems: what can't be read says nothing. As a flow, they make an invoice or say why."""
    draft = read_facturx(data)
    draft_holds(draft)
    must(not draft.problems, "an embedded XML stops no invoice")
    as_flow = understand_flow(data, (CREDIT,), (), book=BOOK, today=NOW.date())
    understood_holds(as_flow, "a.pdf", LANGUAGES[len(data) % 2])


def answers(data: bytes) -> None:
    """Any answer is a JSON object that accepts, or one of the four kinds of remote errors; a refusal is no success."""
    choice, named, content = (data + b"\0\0")[0], (data + b"\0\0")[1], data[2:]
    header = content[: named % 64] if named & 64 else b"5"
    status, once = STATUSES[choice % len(STATUSES)], bool(choice & 128)
    headers = [(b"retry-after", re.sub(rb"[\r\n\0]", b" ", header))] + [(b"www-authenticate", header)] * (named >> 7)
    response = httpx.Response(status, headers=headers)
    retry_after(response.headers.get("retry-after"), NOW)
    try:
        body = read_answer(response, content, once=once)
    except RemoteError as error:
        problems_hold([error.problem])
        for text in (*error.problem.params.values(), getattr(error, "label", ""), getattr(error, "code", "")):
            text_holds(text)
        return
    _is_success(status, body, once=once)
    answer_holds(body)
    for row in (body, *cf.rows(body, "listeFactures"), *cf.rows(body, "listeServices")):
        for read in (cf.receipt, cf.analysis, cf.found, cf.service):
            row_holds(read(row))
    cf.pages(body)


def _is_success(status: int, body: Mapping[str, Any], *, once: bool) -> None:
    """Give a second opinion on what counts as accepted, from the words of the API reference alone (api.md 6.1)."""
    code = body.get("codeRetour")
    accepted = str(code).strip() in ("0", "+0", "-0", "00", "0.0", "None")
    if once:
        must(status == 200 and re.fullmatch(r"\s*[-+]?[0_]+\s*", str(code)), f"success: HTTP {status}, {code!r}")
    elif status == 200:
        must(accepted or re.fullmatch(r"[-+\s0_]*(20_?000)?\s*", str(code)), f"a refusal as success: {code!r}")
    else:
        must(str(code).strip() == str(NO_RESULT) or int(str(code)) == NO_RESULT, f"success: HTTP {status}, {code!r}")


def rows(data: bytes) -> None:
    """Any pages a search may give: a complete list without doubles, or a fault; and it ends."""
    pages = [page for part in data.split(CUT) if (page := json_object(part)) is not None] or [{}]
    asked = 0

    def ask(page: int) -> Mapping[str, Any]:
        nonlocal asked
        asked += 1
        return pages[(page - 1) % len(pages)]

    try:
        found = every_row(ask, "listeFactures", "identifiantFactureCPP")
    except FaultyError as error:
        problems_hold([error.problem])
        return
    ids = [cf.integer(row.get("identifiantFactureCPP")) for row in found]
    must(len(set(ids)) == len(ids), f"no row twice: {ids}")
    must(None not in ids, "each row has its number")
    total = cf.pages(pages[(asked - 1) % len(pages)])
    must(total is None or asked >= total or not found, f"every announced page is read: {asked} of {total}")
    for row in found:
        row_holds(cf.found(row))


_CLIENT = httpx.Client(transport=httpx.MockTransport(lambda _: httpx.Response(500)))


def token(data: bytes) -> None:
    """Any answer of PISTE is a token that can stand in a header, or an outage with its reason."""
    status, content = STATUSES[(data or b"\0")[0] % len(STATUSES)], data[1:]
    made = Token(_CLIENT, "http://127.0.0.1/", ("id", "secret"), lambda _: None)
    response = httpx.Response(status, content=content)
    try:
        if status != 200:
            raise _why_not(response)
        made._keep(response)
    except UnavailableError as error:
        problems_hold([error.problem])
        for text in error.problem.params.values():
            text_holds(text)
        return
    must(re.fullmatch("[!-~]+", made._token), f"a token for a header: {made._token!r}")
    must(time.monotonic() < made._ends < float("inf"), f"a token with an end: {made._ends}")


def invoice(data: bytes) -> None:
    """Everything at once, merged: an invoice or problems, and all that people read of it."""
    flags, *parts = data.split(CUT) + [b""] * 5
    choice = (flags or b"\0")[0]
    stem = os.fsdecode(re.sub(rb"[\0/]", b"", parts[0]))
    facts = PdfFacts(1, bool(choice & 1), parts[3] or None, (), parts[2].decode("utf-8", "ignore"))
    material = Material(
        *(stem, ("cotes-armor",) if choice & 2 else (), facts),
        sidecars=(("a.yaml", parts[1]),) * (bool(parts[1]) + bool(choice & 4 and parts[1])),
        defaults=(("_defaults.yaml", parts[4]),) if parts[4] else (),
        corrected=bool(choice & 8),
    )
    understood_holds(read_invoice(material, RULES[choice >> 4 & 1], TODAY), stem + ".pdf", LANGUAGES[choice >> 5 & 1])


def pdf_file(data: bytes) -> None:
    """Any file: the child's work is facts or a known problem, never an exception; its own limits stay on."""
    target = os.memfd_create("copy") if data[-1:] == b"\n" else None
    try:
        answer = pdf_child.work({"limit": 2**32}, BytesIO(data), target)
    finally:
        if target is not None:
            os.close(target)
    json.dumps(answer, ensure_ascii=False).encode()
    if target is not None and "problem" not in answer:
        must(answer == {} or "errno" in answer, f"an answer to strip: {answer}")
        return
    facts = pdf._facts(answer)
    if isinstance(facts, Problem):
        problems_hold([facts])
    else:
        text_holds(facts.text + "".join(facts.embedded))


@dataclass(frozen=True)
class Target:
    """One reader: the function, executions in a full run, longest input in bytes, CPU seconds one execution may take."""

    run: Callable[[bytes], None]
    executions: int
    longest: int
    seconds: int = 2

    def timed(self, data: bytes) -> None:
        """Run it once; too slow is broken as well."""
        began = time.process_time()
        self.run(data)
        took = time.process_time() - began
        must(took <= self.seconds, f"at most {self.seconds} s of CPU time: {took:.1f} s for {len(data)} bytes")


TARGETS: Mapping[str, Target] = {
    "sidecar": Target(sidecar, 150_000, 2000),
    "filename": Target(filename, 150_000, 300),
    "pdftext": Target(pdftext, 30_000, 3000),
    "facturx": Target(facturx, 200_000, 8000),
    "answers": Target(answers, 200_000, 3000),
    "rows": Target(rows, 150_000, 3000),
    "token": Target(token, 200_000, 1000),
    "invoice": Target(invoice, 20_000, 6000),
    "pdf": Target(pdf_file, 1_000, 20_000, 12),
}

__all__ = ["TARGETS", "Broken", "Target"]
