"""`inspect`: what would be understood of some files, from which source, and what is wrong. Sends and moves nothing."""

from __future__ import annotations

import contextlib
import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chorus_outbox.config import Config
from chorus_outbox.connection import Remote, ledger_to_read, remote
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.fields import show
from chorus_outbox.core.flowcheck import as_flow
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.names import DEFAULTS_NAMES, attachment_of, display, pair_key, split
from chorus_outbox.core.preflight import check_recipient
from chorus_outbox.core.problem import Problem, stops
from chorus_outbox.core.reading import Material, read_invoice
from chorus_outbox.core.words import Words, catalogue, message, plain, source_text, value_text
from chorus_outbox.edge.offline import look_up
from chorus_outbox.edge.pdf import PdfChildren
from chorus_outbox.errors import RemoteError
from chorus_outbox.service import rules
from chorus_outbox.worker.exemption import declared
from chorus_outbox.worker.recipients import judge

SMALL = 64 * 1024 + 1  # bytes read of a sidecar: one more than is allowed, so that the reader can say so
PDF_MAX = 10_000_000  # bytes (api.md 5.1)


@dataclass(frozen=True)
class Inspected:
    """What was found about one file."""

    file: str
    understood: Understood
    problems: tuple[Problem, ...]

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
        found = [_inspect(config, path, pdf, far) for path in files if path.suffix.lower() == ".pdf"]
    if as_json:
        click.echo(json.dumps([_as_json(f, words) for f in found], ensure_ascii=False, indent=2))
    else:
        click.echo("\n\n".join(_as_text(f, words) for f in found))
    if any(p.code.startswith("outage.") for f in found for p in f.problems):
        return 69
    return 0 if found and all(f.ok for f in found) else 1


def _inspect(config: Config, path: Path, pdf: PdfChildren, far: Remote | None) -> Inspected:
    nothing = Understood({}, None, ())
    if (size := path.stat().st_size) > PDF_MAX:
        sizes = {"size": str(size), "limit": str(PDF_MAX)}
        return Inspected(path.name, nothing, (Problem("file.too_big", sizes),))
    facts = pdf.read(path)
    if isinstance(facts, Problem):
        return Inspected(path.name, nothing, (facts,))
    today = datetime.now(UTC).astimezone(PARIS).date()
    understood = read_invoice(material_beside(path, config.folders.outbox, facts), rules(config), today)
    problems = understood.problems
    if understood.invoice:
        problems += _asked(config, understood, far) if far else _copied(config, understood)
    return Inspected(path.name, understood, problems)


def material_beside(path: Path, outbox: Path, facts: PdfFacts) -> Material:
    """Return the files that would go with a PDF where it lies: its sidecars, attachments, and the folders' defaults."""
    folder = path.absolute().parent
    with contextlib.suppress(ValueError):
        below = folder.relative_to(outbox.absolute()).parts
        return replace(_beside(path, facts), folders=below, defaults=_defaults(outbox, below))
    return replace(_beside(path, facts), defaults=_defaults(folder, ()))


def _beside(path: Path, facts: PdfFacts) -> Material:
    key = pair_key(path.stem)
    sidecars, attachments = [], []
    for other in sorted(path.absolute().parent.iterdir()):
        stem, suffix = split(other.name)[1:]
        if suffix.lower() in (".yaml", ".yml") and pair_key(stem) == key and other.is_file():
            sidecars.append((other.name, _start_of(other)))
        elif (main := attachment_of(stem)) and pair_key(main[0]) == key:
            attachments.append(other.name)
    return Material(path.stem, (), facts, tuple(sidecars), (), tuple(attachments))


def _defaults(root: Path, below: Sequence[str]) -> tuple[tuple[str, bytes], ...]:
    found = []
    for depth in range(len(below) + 1):
        for name in DEFAULTS_NAMES:
            path = root.joinpath(*below[:depth], name)
            if path.is_file():
                found.append((name, _start_of(path)))
    return tuple(found)


def _start_of(path: Path) -> bytes:
    with path.open("rb") as f:
        return f.read(SMALL)


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
    action = found.understood.action
    return {"file": display(found.file), "ok": found.ok, "action": action, "fields": fields, "problems": problems}


def _as_text(found: Inspected, words: Words) -> str:
    lines = [f"{words.check['ok' if found.ok else 'fail']}  {plain(display(found.file))}"]
    if found.understood.action == "flow":
        lines.append(f"    {words.check['as_flow']}")
    for name, value in found.understood.fields.items():
        text = value_text(words, name, value.value, "")
        lines.append(f"    {words.fields[name]} : {text} ({source_text(words, value.source)})")
    lines += [f"  - {message(words, p)}" for p in found.problems]
    return "\n".join(lines)
