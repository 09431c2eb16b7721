"""`recipient` and `directory`: what a recipient requires, in words; and the directory of all of them on this machine.

They write nothing into the ledger: what the daemon remembers is its own.
"""

from __future__ import annotations

import tempfile
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click

from chorus_outbox.config import Config
from chorus_outbox.connection import remote
from chorus_outbox.core import book
from chorus_outbox.core.invoice import check_siret
from chorus_outbox.core.preflight import EMITTING_SERVICE, Recipient, Service
from chorus_outbox.core.words import Words, catalogue, fill, message, plain, time_text
from chorus_outbox.edge.offline import UnreadableError, build, look_up
from chorus_outbox.errors import RemoteError, UnavailableError

from .looking import ledger_to_read
from .terminal import Cell, Paper, paper, print_json

EX_USAGE, EX_UNAVAILABLE, EX_CONFIG = 2, 69, 78
PASSING = ("outage.unreachable", "outage.maintenance", "outage.quota")  # else the configuration is to be put right


@dataclass(frozen=True)
class Answer:
    """What is known of a recipient (None: unknown), since when, and from whom (``asked``, ``copied``)."""

    recipient: Recipient | None
    at: datetime
    source: str


def show_recipient(config: Config, name: str, *, offline: bool, services: bool, as_json: bool) -> int:
    """Print what is known of a recipient; return 0 when it can receive invoices, else 1, 2, 69 or 78."""
    words = catalogue(config.language)
    siret = _siret(config, name)
    if siret is None:
        click.echo(fill(words.recipient["no_siret"], {"value": plain(name)}), err=True)
        return EX_USAGE
    try:
        answer = _copied(config, siret) if offline else _asked(config, siret, services=services)
    except RemoteError as e:
        click.echo(message(words, e.problem), err=True)
        return EX_UNAVAILABLE if e.problem.code in PASSING or not isinstance(e, UnavailableError) else EX_CONFIG
    if answer is None:
        click.echo(words.recipient["no_copy"], err=True)
        return EX_UNAVAILABLE
    if as_json:
        print_json(_as_json(siret, answer, config))
    else:
        _show(paper(), siret, answer, config, words)
    return 0 if answer.recipient and answer.recipient.active else 1


def download(config: Config, *, as_json: bool) -> int:
    """Download the directory and make it ready to be looked into; return 0, or 69 when it can't be had."""
    words = catalogue(config.language)
    target = config.directory
    target.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=target.parent, prefix=".directory-", suffix=".zip") as archive:
        try:
            with remote(config, time.sleep) as far:
                far.chorus.download_directory(archive)
            archive.flush()
            count = build(Path(archive.name), target, datetime.now(UTC))
        except RemoteError as e:
            click.echo(message(words, e.problem), err=True)
            return EX_UNAVAILABLE
        except UnreadableError as e:
            click.echo(f"chorus-outbox: the directory of Chorus Pro can't be read: {e}", err=True)
            return EX_UNAVAILABLE
    if as_json:
        print_json({"path": str(target), "structures": count})
    else:
        paper().line(fill(words.recipient["downloaded"], {"count": str(count), "path": str(target)}), "ok")
    return 0


def _siret(config: Config, name: str) -> str | None:
    """Return the SIRET that somebody typed, or meant by a name of the recipient book."""
    if entry := book.find(config.recipients, name):
        return entry.siret
    digits = name.replace(" ", "")
    return None if check_siret(digits) else digits


def _copied(config: Config, siret: str) -> Answer | None:
    copy = look_up(config.directory, siret)
    return Answer(copy.recipient, copy.made_at, "copied") if copy else None


def _asked(config: Config, siret: str, *, services: bool) -> Answer:
    """Ask Chorus Pro, unless it has said it today; `services` always asks."""
    with ledger_to_read(config) as ledger, remote(config, time.sleep, ledger, reader=True) as far:
        if services:
            return Answer(far.chorus.recipient_with_rules(siret), datetime.now(UTC), "asked")
        known = far.directory.known(siret, None)
        return Answer(known.recipient if known else None, known.asked_at if known else datetime.now(UTC), "asked")


def _show(out: Paper, siret: str, answer: Answer, config: Config, words: Words) -> None:
    told, recipient = words.recipient, answer.recipient
    when = {"when": time_text(words, answer.at)}
    if recipient is None:
        key = "unknown" if answer.source == "asked" else "unknown_copy"
        out.line(fill(told[key], {"siret": siret, **when}), "fail")
    else:
        _show_known(out, siret, recipient, words, asked=answer.source == "asked")
    if aliases := _aliases(siret, config):
        out.line(fill(told["book"], {"aliases": ", ".join(aliases)}))
    out.line(fill(told[answer.source], when), "dim")


def _show_known(out: Paper, siret: str, recipient: Recipient, words: Words, *, asked: bool) -> None:
    told = words.recipient
    out.line(fill(told["title"], {"name": plain(recipient.name), "siret": siret}), "strong")
    out.line(told["active"], "ok") if recipient.active else out.line(told["inactive"], "fail")
    for rule in _rules(recipient):
        out.line(told[rule])
    if asked:  # the download's names say nothing of it
        out.line(told["payment_silent" if recipient.payment_not_reported else "payment"])
    services = _services(recipient)
    out.line(told["services" if services else "no_services"])
    headings = [f"  {words.terminal['code']}", words.terminal["name"], words.terminal["rule"]]
    rows = [[Cell(f"  {plain(s.code)}"), Cell(plain(s.name) or "-"), Cell(_notes(s, words), "dim")] for s in services]

    def line(code: str, name: str, notes: str) -> str:
        return fill(told["service"], {"code": code.strip(), "name": name, "notes": notes})

    out.pairs(rows, line, headings)


def _rules(recipient: Recipient) -> tuple[str, ...]:
    """Return what it requires, by api.md 4.2: the first rule counts alone."""
    if recipient.needs_either:
        return ("needs_either",)
    found = tuple(name for name in ("needs_service", "needs_engagement") if getattr(recipient, name))
    return found or ("needs_nothing",)


def _services(recipient: Recipient) -> tuple[Service, ...]:
    return tuple(s for s in recipient.services if s.code.upper() != EMITTING_SERVICE)


def _notes(service: Service, words: Words) -> str:
    rule = {True: "service_engagement", False: "service_free", None: ""}[service.needs_engagement]
    keys = [rule] if service.active else ["service_inactive"]
    return ", ".join(words.recipient[key] for key in keys if key)


def _aliases(siret: str, config: Config) -> list[str]:
    return sorted(plain(alias) for alias, entry in config.recipients.items() if entry.siret == siret)


def _as_json(siret: str, answer: Answer, config: Config) -> dict[str, Any]:
    """Return the answer for programs; what is not known is null."""
    recipient = answer.recipient
    about: dict[str, Any] = {"siret": siret, "found": recipient is not None, "source": answer.source}
    about |= {"as_of": answer.at.isoformat(timespec="seconds"), "aliases": _aliases(siret, config)}
    if recipient is None:
        return about
    services = [
        {"code": s.code, "name": s.name, "active": s.active, "needs_engagement": s.needs_engagement}
        for s in _services(recipient)
    ]
    return {
        **about,
        "name": recipient.name,
        "active": recipient.active,
        "needs_service": recipient.needs_service,
        "needs_engagement": recipient.needs_engagement,
        "needs_service_or_engagement": recipient.needs_either,
        "reports_payments": None if answer.source == "copied" else not recipient.payment_not_reported,
        "services": services,
    }
