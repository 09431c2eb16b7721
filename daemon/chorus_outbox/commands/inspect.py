"""`inspect`: what would be understood of some files, from which source, and what is wrong. Sends and moves nothing."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from chorus_outbox.config import Config
from chorus_outbox.connection import Remote, remote
from chorus_outbox.core.attachments import Attachment, designation, upload_names
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.fields import show
from chorus_outbox.core.flowcheck import as_flow
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import display
from chorus_outbox.core.preflight import check_recipient
from chorus_outbox.core.problem import Problem, Weight, stops
from chorus_outbox.core.reading import read_invoice
from chorus_outbox.core.words import Words, catalogue, fill, message, plain, render, size_text, source_text, value_text
from chorus_outbox.edge.offline import look_up
from chorus_outbox.edge.pdf import PdfChildren
from chorus_outbox.errors import RemoteError
from chorus_outbox.service import rules
from chorus_outbox.worker import enclosures
from chorus_outbox.worker.exemption import declared
from chorus_outbox.worker.recipients import judge
from chorus_outbox.worker.uploads import upload_name

from . import beside
from .beside import Beside
from .looking import ledger_to_read
from .terminal import Cell, Paper, Tone, paper, print_json

TONES: Mapping[Weight, Tone] = {Weight.NOTE: "dim", Weight.WAIT: "warn", Weight.LACK: "fail", Weight.STOP: "fail"}
PDF_MAX = 10_000_000  # bytes (api.md 5.1)


@dataclass(frozen=True)
class Shown:
    """An attachment as it would be sent; its type is "" when Chorus Pro was not asked for its list."""

    file: str
    size: int  # bytes
    name: str
    designation: str
    type: str


@dataclass(frozen=True)
class Inspected:
    """What was found about one file."""

    file: str
    understood: Understood
    problems: tuple[Problem, ...]
    attachments: tuple[Shown, ...] = ()

    @property
    def ok(self) -> bool:
        """Whether it would be sent."""
        return not stops(self.problems)


def inspect_files(config: Config, files: Sequence[Path], *, offline: bool, as_json: bool) -> int:
    """Print what is understood of each file; return 0 when all would be sent, else 1 (69: Chorus Pro unavailable)."""
    words = catalogue(config.language)
    pdf = PdfChildren(size=1)
    found = []
    with contextlib.ExitStack() as stack:
        stack.callback(pdf.close)
        ledger = None if offline else stack.enter_context(ledger_to_read(config))
        far = None if offline else stack.enter_context(remote(config, time.sleep, ledger, reader=True))
        found = [_inspect(config, path, pdf, far) for path in _invoices(files)]
    if as_json:
        print_json([_as_json(f, words) for f in found])
    else:
        _show(paper(), found, words)
    if any(p.code.startswith("outage.") for f in found for p in f.problems):
        return 69
    return 0 if found and all(f.ok for f in found) else 1


def _invoices(files: Sequence[Path]) -> list[Path]:
    """Return the PDFs that are no attachment of another one."""
    pdfs = [path for path in files if path.suffix.lower() == ".pdf"]
    groups = {path: beside.look(path).group for path in pdfs}
    enclosed = {path.absolute().with_name(n) for path, g in groups.items() for n in (*g.attachments, *g.named)}
    return [path for path in pdfs if path.absolute() not in enclosed]


def _inspect(config: Config, path: Path, pdf: PdfChildren, far: Remote | None) -> Inspected:
    nothing = Understood({}, None, ())
    if (size := path.stat().st_size) > PDF_MAX:
        sizes = {"size": str(size), "limit": str(PDF_MAX)}
        return Inspected(path.name, nothing, (Problem("file.too_big", sizes),))
    facts = pdf.read(path)
    if isinstance(facts, Problem):
        return Inspected(path.name, nothing, (facts,))
    today = datetime.now(UTC).astimezone(PARIS).date()
    found = beside.look(path)
    understood = read_invoice(beside.material(path, config.folders.outbox, facts, found.group), rules(config), today)
    files, wrong = enclosures.look(found.group, found.present, found.strange, understood)
    problems = (*understood.problems, *wrong)
    types, unknown = _types(files, far)
    if understood.invoice:
        problems += _asked(config, understood, far) if far else _copied(config, understood)
    return Inspected(path.name, understood, (*problems, *unknown), _shown(files, found, types, understood))


def _types(files: Sequence[Attachment], far: Remote | None) -> tuple[Mapping[str, str], tuple[Problem, ...]]:
    """Return the type of each attachment: what its sidecar says, as far as Chorus Pro was not asked."""
    if far is None:
        return {one.name: one.said.type for one in files}, ()
    try:
        return enclosures.types(far.lists, files)
    except RemoteError as e:
        return {}, (e.problem,)


def _shown(
    files: Sequence[Attachment], found: Beside, types: Mapping[str, str], understood: Understood
) -> tuple[Shown, ...]:
    number = understood.fields.get("numero")
    names = upload_names(files, upload_name(show(number.value) if number else ""))
    return tuple(
        Shown(one.name, found.present[one.name].size, name, designation(one), types.get(one.name, ""))
        for one, name in zip(files, names, strict=True)
    )


def _asked(config: Config, understood: Understood, far: Remote) -> tuple[Problem, ...]:
    """Ask what the recipient requires; an outage is told like any other problem, and an older answer with its age."""
    invoice = understood.invoice
    assert invoice is not None
    supplier = str(invoice.supplier or config.supplier.siret)
    try:
        problems = judge(far.directory, invoice, supplier, understood.engagement_pattern)[1]
        if understood.action == "flow":
            problems = as_flow(problems)
        elif not stops(problems):
            problems += declared(far.lists, understood)[1]
    except RemoteError as e:
        return (e.problem,)
    shown = far.directory.shown_from(str(invoice.recipient))
    return (*problems, *_copy_note(shown))


def _copied(config: Config, understood: Understood) -> tuple[Problem, ...]:
    """Judge by the downloaded directory, where there is one."""
    invoice = understood.invoice
    assert invoice is not None
    siret, pattern = str(invoice.recipient), understood.engagement_pattern
    if (copy := look_up(config.directory, siret)) is None:
        return ()
    problems = check_recipient(invoice.service, invoice.engagement, copy.recipient, siret, pattern)
    return (*problems, *_copy_note(copy.made_at))


def _copy_note(at: datetime | None) -> tuple[Problem, ...]:
    return (Problem("recipient.copy", {"when": at.isoformat(timespec="minutes")}),) if at else ()


def _as_json(found: Inspected, words: Words) -> dict[str, Any]:
    fields = {n: {"value": show(v.value), "source": v.source.value} for n, v in found.understood.fields.items()}
    problems = [{"code": p.code, "message": message(words, p)} for p in found.problems]
    files = [{**asdict(one), "file": display(one.file)} for one in found.attachments]
    return {
        "file": display(found.file),
        "ok": found.ok,
        "action": found.understood.action,
        "fields": fields,
        "attachments": files,
        "problems": problems,
    }


def _show(out: Paper, found: Sequence[Inspected], words: Words) -> None:
    for number, one in enumerate(found):
        if number:
            out.line()
        _show_one(out, one, words)
    if len(found) > 1:
        good = str(sum(f.ok for f in found))
        out.line()
        out.line(fill(words.terminal["inspected"], {"good": good, "all": str(len(found))}), "strong")


def _show_one(out: Paper, found: Inspected, words: Words) -> None:
    mark: Tone = "ok" if found.ok else "fail"
    out.pairs([[Cell(words.check[mark], mark), Cell(plain(display(found.file)), "strong")]], "{}  {}".format)
    if found.understood.action == "flow":
        out.line(f"    {words.check['as_flow']}")
    fields = found.understood.fields.items()
    rows = [(words.fields[n], value_text(words, n, v.value, ""), source_text(words, v.source)) for n, v in fields]

    def item(label: str, value: str, source: str = "") -> str:
        return fill(words.report["value"], {"label": label, "value": value, "source": source})

    headings = [f"    {words.terminal['field']}", words.terminal["value"], words.terminal["source"]]
    cells = [[Cell(f"    {label}", "dim"), Cell(value), Cell(source, "dim")] for label, value, source in rows]
    out.pairs(cells, item, headings)
    files = [_attachment(one, words) for one in found.attachments]
    out.pairs(([Cell(f"    + {name}", "dim"), Cell(about)] for name, about in files), item)
    told = [(render(words, p), TONES[p.weight]) for p in found.problems]
    problems = [[Cell("  - "), Cell(what, tone), Cell(do)] for (what, do), tone in told]
    out.pairs(problems, "{}{} {}".format, ["", words.terminal["problem"], words.terminal["do"]])


def _attachment(one: Shown, words: Words) -> tuple[str, str]:
    told = ", ".join(t for t in (size_text(words, one.size), one.type, one.designation, one.name) if t)
    return plain(display(one.file)), plain(told)
