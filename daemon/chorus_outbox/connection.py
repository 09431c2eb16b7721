"""The connection to Chorus Pro put together from the configuration, for the daemon and for commands. Sends nothing itself."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date

from .config import Config
from .core.account import explained
from .core.decide import PARIS
from .core.problem import Problem
from .edge.chorus import Account, ChorusPro, Directory, Engagements, Flows, FollowUp, Lists, Pace, Wire
from .edge.clock import RealClock
from .edge.ledger.account import password_end
from .edge.ledger.recipients import Recipients
from .edge.ledger.sqlite import SqliteLedger


@dataclass(frozen=True)
class Remote:
    """One account's connection."""

    chorus: ChorusPro
    directory: Directory
    follow: FollowUp
    flows: Flows
    lists: Lists
    wire: Wire


@contextlib.contextmanager
def remote(
    config: Config, sleep: Callable[[float], None], ledger: SqliteLedger | None = None, *, reader: bool = False
) -> Iterator[Remote]:
    """Give the connection to Chorus Pro; nothing is sent before it is used.

    Args:
        config: Whose account.
        sleep: Waits that many seconds.
        ledger: Where what is learned of recipients and of the account is kept; None: nowhere.
        reader: Write nothing into the ledger, and show older answers while Chorus Pro can't be asked.

    """
    clock = RealClock()
    secret, password = config.client_secret.get_secret_value(), config.password.get_secret_value()
    account = Account(config.oauth_url, config.api_url, config.client_id, secret, config.login, password)
    pace = Pace(config.sending.requests_per_second, clock.monotonic, sleep)

    def explain(problem: Problem) -> Problem:
        return explained(problem, known_password_end(config, ledger), clock.now().astimezone(PARIS).date())

    wire = Wire(account, config.sending.timeout_seconds, pace, sleep, explain)
    chorus = ChorusPro(wire, config.supplier.siret, config.supplier.bank_account)
    engagements = Engagements(wire, chorus.supplier_id, clock.monotonic)
    store = Recipients(ledger, write=not reader)
    directory = Directory(chorus.recipient, clock.now, store, engagements.known, lenient=reader)
    try:
        yield Remote(chorus, directory, FollowUp(wire), Flows(wire), Lists(wire), wire)
    finally:
        wire.close()


def known_password_end(config: Config, ledger: SqliteLedger | None) -> date | None:
    """Return the technical account's password's last day, as Chorus Pro said last; None when that is not known."""
    end = password_end(ledger, config.login) if ledger else None
    return end.day if end else None
