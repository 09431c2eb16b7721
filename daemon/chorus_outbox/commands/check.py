"""`check`: is everything in order, and if not, what to do. One line a matter; really tries what the daemon will do."""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Collection, Iterator
from pathlib import Path

from chorus_outbox.config import Config
from chorus_outbox.connection import remote
from chorus_outbox.core.words import Words, catalogue, fill
from chorus_outbox.edge.folders.moves import rename_noreplace
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import OutboxError

from .check_account import EX_CONFIG, Finding, account_findings
from .check_notify import notify_findings
from .keep import disagreements
from .looking import ledger_to_read
from .terminal import Cell, paper, print_json


def run_checks(
    config: Config, *, offline: bool, ledger: bool = False, notify: bool = False, as_json: bool = False
) -> int:
    """Print every finding as it comes; return 0, 69 (remote unavailable) or 78 (something to put right here).

    ``notify``: only send a test message to whoever is told by message; 1 when one did not leave.
    """
    words = catalogue(config.language)
    groups = [("here", notify_findings(config, words, send=True) if notify else _findings(config, words))]
    if not offline and not notify:
        groups.append(("there", _account_findings(config, words)))
    if ledger:
        disagreeing = (Finding("fail", text, 1, "disagreement") for text in disagreements(config))
        groups.append(("ledger", disagreeing))
    if as_json:
        found = [(group, finding) for group, findings in groups for finding in findings]
        code = _exit_code({f.code for _, f in found})
        print_json({"exit_code": code, "findings": [_as_object(group, f) for group, f in found]})
        return code
    out, codes = paper(), {0}
    for group, findings in groups:
        for number, finding in enumerate(findings):
            if not number:
                out.heading(words.terminal[group])
            mark = words.check[finding.mark]
            out.pairs([[Cell(mark, finding.mark), Cell(finding.text)]], "{}  {}".format)
            codes.add(finding.code)
    return _exit_code(codes)


def _exit_code(codes: Collection[int]) -> int:
    return EX_CONFIG if EX_CONFIG in codes else max(codes)


def _as_object(group: str, finding: Finding) -> dict[str, str]:
    return {"group": group, "matter": finding.matter, "mark": finding.mark, "text": finding.text}


def _findings(config: Config, words: Words) -> Iterator[Finding]:
    told = words.check
    texts = {"path": str(config.path), "environment": config.environment}
    yield Finding("ok", fill(told["configuration"], texts), matter="configuration")
    yield from (Finding("warn", text, matter="configuration") for text in config.warnings)
    if config.sending.facturx == "flux":
        yield _flux(config, words)
    yield from _folders(config, words)
    yield _page(config, words)
    yield _state(config, words)
    if config.metrics_file:
        yield _metrics(config.metrics_file, words)
    if config.log.file:
        yield _log(config.log.file, words)
    yield from notify_findings(config, words, send=False)


def _account_findings(config: Config, words: Words) -> Iterator[Finding]:
    with ledger_to_read(config) as ledger, remote(config, time.sleep, ledger, reader=True) as far:
        yield from account_findings(config, far, ledger, words)


def _flux(config: Config, words: Words) -> Finding:
    """Say what a Factur-X sent as a flow goes without."""
    keys = [f"supplier.{name}" for name in ("service", "bank_account") if getattr(config.supplier, name)]
    return Finding("warn" if keys else "ok", fill(words.check["flux"], {"keys": ", ".join(keys)}), matter="flux")


def _folders(config: Config, words: Words) -> Iterator[Finding]:
    places = config.folders
    for name in ("outbox", "processing", "sent", "failed"):
        folder: Path = getattr(places, name)
        try:
            _try_folder(places.outbox, folder)
        except OSError as e:
            texts = {"name": name, "path": str(folder), "detail": e.strerror or str(e)}
            yield Finding("fail", fill(words.check["folder_bad"], texts), EX_CONFIG, f"folder.{name}")
        else:
            told = fill(words.check["folder"], {"name": name, "path": str(folder)})
            yield Finding("ok", told, matter=f"folder.{name}")


def _try_folder(outbox: Path, folder: Path) -> None:
    """Do what the daemon will do: create in the outbox, move to the folder without overwriting, delete."""
    probe = f".outbox-check-{secrets.token_hex(4)}"
    source, target = outbox / probe, folder / f"{probe}-moved"
    source.write_bytes(b"")
    try:
        rename_noreplace(source, target)
    except OSError as e:
        source.unlink(missing_ok=True)
        if e.errno != 18:  # noqa: PLR2004 - EXDEV: another file system is no fault, files are copied and verified there
            raise
        target.write_bytes(b"")
    os.listdir(folder)  # noqa: PTH208 - only whether it may be read
    target.unlink()


def _page(config: Config, words: Words) -> Finding:
    """Try where the page is written; without it invoices leave all the same, so nothing worse than a warning."""
    if config.dashboard_file is None:
        return Finding("ok", words.check["page_off"])
    texts = {"path": str(config.dashboard_file)}
    try:
        _write_and_remove(config.dashboard_file.parent)
        if config.dashboard_file.is_dir():
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
    except OSError as e:
        return Finding("warn", fill(words.check["page_bad"], {**texts, "detail": e.strerror or str(e)}))
    return Finding("ok", fill(words.check["page"], texts))


def _state(config: Config, words: Words) -> Finding:
    """Try the ledger: private, whole, writable (a running daemon has it locked, which is as good a sign)."""
    texts = {"path": str(config.ledger)}
    try:
        if config.ledger.is_file():
            ledger = SqliteLedger(config.ledger, read_only=True)
            ledger.counts()
            ledger.close()
        else:
            config.ledger.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_and_remove(config.ledger.parent)
        config.spool.mkdir(mode=0o700, parents=True, exist_ok=True)
        _write_and_remove(config.spool)
    except (OSError, OutboxError) as e:
        return Finding("fail", fill(words.check["state_bad"], {**texts, "detail": str(e)}), EX_CONFIG, "state")
    return Finding("ok", fill(words.check["state"], texts), matter="state")


def _metrics(file: Path, words: Words) -> Finding:
    """Try the metrics' folder: no invoice waits for it, so what is wrong with it is only a warning."""
    texts = {"path": str(file)}
    try:
        _write_and_remove(file.parent)
    except OSError as e:
        return Finding(
            "warn", fill(words.check["metrics_bad"], {**texts, "detail": e.strerror or str(e)}), matter="metrics"
        )
    if file.suffix != ".prom":
        return Finding("warn", fill(words.check["metrics_name"], texts), matter="metrics")
    return Finding("ok", fill(words.check["metrics"], texts), matter="metrics")


def _log(file: Path, words: Words) -> Finding:
    """Try the log's file, without making it: it would belong to whoever checks."""
    try:
        if file.exists():
            file.open("ab").close()
        else:
            _write_and_remove(file.parent)
    except OSError as e:
        texts = {"path": str(file), "detail": e.strerror or str(e)}
        return Finding("warn", fill(words.check["log_file_bad"], texts), matter="log")
    return Finding("ok", fill(words.check["log_file"], {"path": str(file)}), matter="log")


def _write_and_remove(folder: Path) -> None:
    probe = folder / f".outbox-check-{secrets.token_hex(4)}"
    probe.write_bytes(b"")
    probe.unlink()
