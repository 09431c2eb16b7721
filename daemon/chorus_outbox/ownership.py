"""Whose outbox and spool these are: the marks that tell when a ledger was lost, restored, or is another daemon's."""

from __future__ import annotations

import secrets
import socket
from datetime import UTC, datetime

import structlog

from .config import Config
from .core.decide import PARIS
from .core.identity import Behind, Foreign, Sound, Witness, judge
from .edge.folders.witness import Witnesses
from .edge.ledger.sqlite import SqliteLedger
from .errors import ConfigurationError

log = structlog.get_logger("chorus_outbox")


def _owner(config: Config) -> str:
    return f"{socket.gethostname()}, {config.path}"


def witness(config: Config, ledger: SqliteLedger) -> Witness:
    """Return the mark that this ledger leaves in spool and outbox."""
    known = ledger.identity()
    assert known is not None  # own_up has named it
    return Witness(known.instance, known.generation, _owner(config))


def own_up(config: Config, ledger: SqliteLedger, witnesses: Witnesses, *, take_over: bool = False) -> None:
    """Compare ledger, spool and outbox; notice a lost or older ledger, refuse another daemon's outbox.

    Raises:
        ConfigurationError: The outbox belongs to another daemon, and ``take_over`` was not asked for.

    """
    spool, outbox = witnesses.read()
    verdict = judge(ledger.identity(), spool, None if take_over else outbox, _owner(config), secrets.token_hex(8))
    today = datetime.now(UTC).astimezone(PARIS).date()
    match verdict:
        case Foreign(owner):
            text = f"folders.outbox: belongs to another chorus-outbox ({owner}); stop that one, then `reconcile --take-over`"
            raise ConfigurationError((text,))
        case Behind(instance, generation):
            log.error("ledger.behind", ask_until=today.isoformat())
            ledger.identify(instance, generation, today)
        case Sound(instance):
            known = ledger.identity()
            ledger.identify(instance, known.generation if known else 0, today if take_over else None)
    witnesses.keep(witness(config, ledger))
    witnesses.mark(witness(config, ledger))
