"""The part of `check` that asks PISTE and Chorus Pro: credentials, rights, attachment, bank account, password.

Goes the way of a deposit until a step that fails for everything; what only one API or one setting concerns does not
keep the rest from being looked at. Reads only.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Literal

from chorus_outbox.config import Config
from chorus_outbox.connection import Remote, known_password_end
from chorus_outbox.core.account import password_problem
from chorus_outbox.core.decide import PARIS
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.words import Words, date_text, fill, message
from chorus_outbox.edge.ledger.sqlite import SqliteLedger
from chorus_outbox.errors import FaultyError, RefusedError, RemoteError

EX_UNAVAILABLE, EX_CONFIG = 69, 78
NO_NUMBER = "CHORUS-OUTBOX-CHECK"  # of an invoice that nobody has: only whether the search is allowed counts
PASSING = ("outage.unreachable", "outage.maintenance", "outage.quota")  # nothing to put right here


@dataclass(frozen=True)
class Finding:
    """One line.

    Args:
        mark: ``ok``, ``warn`` or ``fail``.
        text: What is so, and what to do about it.
        code: The exit code that a failure calls for.
        matter: What it is about, for programs: a key of ``words.check``, or the code of a problem.

    """

    mark: Literal["ok", "warn", "fail"]
    text: str
    code: int = 0
    matter: str = ""


def account_findings(config: Config, far: Remote, ledger: SqliteLedger | None, words: Words) -> Iterator[Finding]:
    """Yield what is found, in the order of a deposit."""
    account = _Asked(config, far, words)
    steps: tuple[Callable[[], Iterator[Finding]], ...] = (
        account.health,
        account.suppliers,
        account.rights,
        account.directory,
        account.invoices,
        account.own_service,
        account.bank_account,
        account.password,
    )
    forbidden: set[Problem | str] = set()
    for step in steps:
        try:
            yield from step()
        except RemoteError as e:
            if e.problem.code == "outage.forbidden":
                api = e.problem.params.get("api", "")
                if api not in forbidden:
                    yield Finding("fail", message(words, e.problem), EX_CONFIG, e.problem.code)
                forbidden.add(api)
                continue
            code = EX_UNAVAILABLE if e.problem.code in PASSING else EX_CONFIG
            told = _elsewhere(config, far, e.problem)
            yield Finding("fail", message(words, told), code, told.code)
            if not isinstance(e, RefusedError | FaultyError):
                yield from _password(known_password_end(config, ledger), words, asked=False)
                return


def _elsewhere(config: Config, far: Remote, problem: Problem) -> Problem:
    """Say that refused credentials are those of the other environment, if it takes them: it is asked once."""
    url = config.other_oauth_url
    if problem.code != "outage.piste_credentials" or url is None or not far.wire.credentials_accepted_by(url):
        return problem
    return Problem("outage.credentials_of_production" if config.sandbox else "outage.credentials_of_sandbox")


def _password(ends: date | None, words: Words, *, asked: bool) -> Iterator[Finding]:
    today = datetime.now(UTC).astimezone(PARIS).date()
    problem = password_problem(ends, today)
    if ends is None:
        if asked:
            yield Finding("warn", words.check["password_unknown"], matter="password_unknown")
    elif problem is None:
        texts = {"when": date_text(ends), "days": str((ends - today).days)}
        if asked:
            yield Finding("ok", fill(words.check["password"], texts), matter="password")
    elif problem.code == "password.soon":
        yield Finding("warn", message(words, problem), matter=problem.code)
    elif asked or problem.code == "password.urgent":
        yield Finding("fail", message(words, problem), EX_CONFIG, problem.code)


class _Asked:
    """One account's questions; each yields what it found, and lets ``RemoteError`` through."""

    def __init__(self, config: Config, far: Remote, words: Words) -> None:
        self._config = config
        self._far = far
        self._account = far.chorus.account
        self._words = words

    def _ok(self, key: str, **texts: str) -> Finding:
        return Finding("ok", fill(self._words.check[key], texts), matter=key)

    def health(self) -> Iterator[Finding]:
        """Try the token, the technical account, the API *Transverses*."""
        yield self._ok("health", answer=self._account.health())

    def suppliers(self) -> Iterator[Finding]:
        """List the configured structure, the account's others, and those that the recipient book names."""
        own = self._config.supplier.siret
        self._account.supplier_id()
        known = self._account.suppliers()
        yield self._ok("attached", siret=own, answer=known[own][1])
        for siret, (_, name) in known.items():
            if siret != own:
                yield self._ok("attached_other", siret=siret, answer=name)
        for alias, entry in self._config.recipients.items():
            if entry.supplier and entry.supplier not in known:
                texts = {"alias": alias, "siret": entry.supplier}
                yield Finding("fail", fill(self._words.check["book_supplier"], texts), EX_CONFIG, "book_supplier")

    def rights(self) -> Iterator[Finding]:
        """Try the API *Utilisateurs*: only a refusal of access counts, as nothing is sent by it."""
        try:
            self._account.attachments()
        except RemoteError as e:
            if e.problem.code == "outage.forbidden":
                raise
        else:
            yield self._ok("rights")

    def directory(self) -> Iterator[Finding]:
        """Try the API *Structures*: the supplier is looked up as any recipient would be."""
        self._far.chorus.recipient(self._config.supplier.siret, None)
        yield self._ok("directory")

    def invoices(self) -> Iterator[Finding]:
        """Try the API *Factures*."""
        self._far.chorus.search(NO_NUMBER, self._config.supplier.siret)
        yield self._ok("invoices")

    def own_service(self) -> Iterator[Finding]:
        """See that the configured service is one of the supplier's."""
        if code := self._config.supplier.service:
            self._account.service_id(self._account.supplier_id(), code)
            yield self._ok("own_service", value=code)

    def bank_account(self) -> Iterator[Finding]:
        """See that the configured bank account is one of the supplier's."""
        if wanted := self._config.supplier.bank_account:
            found = self._account.bank_account_id(self._account.supplier_id(), wanted)
            yield self._ok("bank_account", value=wanted, answer=str(found))

    def password(self) -> Iterator[Finding]:
        """Ask when the technical account's password ends."""
        yield from _password(self._account.password_ends(), self._words, asked=True)
