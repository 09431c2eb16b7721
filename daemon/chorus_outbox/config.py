"""Reads the configuration and refuses it kindly: every problem at once, with its place and what is allowed.

One file is one supplier account. Which keys there are stands in ``config_model.py``, where secrets come from in
``config_secrets.py``, how a refusal is worded in ``config_refusals.py``, the commented example in ``config_text.py``.
Whether the folders exist and can be used is asked by ``check``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

from . import config_secrets
from .config_addresses import ENDPOINTS, other_tokens, wrong_environment
from .config_defaults import defaults_of
from .config_layout import Places, layout_of, overlaps, text_at
from .config_model import FollowUp, Log, Pickup, Recipient, Sending, Settings, Supplier
from .config_notify import Notify, Reached, reached
from .config_refusals import Lines, validated
from .core.book import BookEntry
from .core.fields import FieldValue
from .core.problem import Problem
from .core.words import catalogue, render
from .core.yamltext import Node, YamlProblem, read_yaml
from .errors import ConfigurationError


@dataclass(frozen=True)
class Config:
    """A configuration that can be used. Paths are absolute, times in seconds; secrets show as asterisks.

    Args:
        path: The file it came from.
        oauth_url: Where tokens come from.
        api_url: Base address of the API, without a final slash.
        other_oauth_url: Where the other environment's tokens come from, for a look at refused credentials; or None.
        folders: The four shared folders.
        spool: Where private copies of what is sent are kept.
        defaults: Canonical field name -> value that holds for every invoice.
        dashboard_file: The page, with ``suivi.csv`` beside it; None: not wanted.
        notify: What people are told by message; ``reached``: who, and how.
        warnings: What an administrator should look at, in English.

    """

    path: Path
    environment: str
    oauth_url: str
    api_url: str
    other_oauth_url: str | None
    client_id: str
    client_secret: SecretStr
    login: str
    password: SecretStr
    supplier: Supplier
    folders: Places
    ledger: Path
    spool: Path
    language: str
    defaults: Mapping[str, FieldValue]
    filename_patterns: tuple[str, ...]
    recipients: Mapping[str, BookEntry]
    pickup: Pickup
    sending: Sending
    follow_up: FollowUp
    notify: Notify
    reached: Reached
    dashboard_file: Path | None
    metrics_file: Path | None
    log: Log
    warnings: tuple[str, ...] = ()

    @property
    def supplier_siret(self) -> str:
        """The supplier's 14 digits."""
        return self.supplier.siret

    @property
    def directory(self) -> Path:
        """Where the downloaded directory of public bodies is kept: private, beside the ledger."""
        return self.ledger.with_name("directory.db")

    @property
    def sandbox(self) -> bool:
        """Whether nothing is real."""
        return self.environment == "sandbox"

    def secrets(self) -> tuple[str, ...]:
        """Return all secrets in clear, for what must mask them in logs."""
        return tuple(s.get_secret_value() for s in (self.client_secret, self.password, *self.reached.secrets))


def load(path: Path, environ: Mapping[str, str], *, offline: bool = False) -> Config:
    """Read a configuration.

    Args:
        path: The YAML file; relative paths in it are relative to its folder.
        environ: The environment variables.
        offline: Nobody is asked or told anything: secrets are not looked for, and empty.

    Raises:
        ConfigurationError: With every problem found.

    """
    path = path.absolute()
    tree, lines, odd = _read(path)
    problems = list(config_secrets.take_out(tree))
    settings, wrong = validated(tree, lines)
    found = NOBODY if offline else _found(tree, settings, path.parent, environ)
    defaults, unfit = defaults_of(tree.get("defaults"), lines)
    layout = layout_of(tree, path.parent)
    problems += list(wrong_environment(settings, lines)) if settings else []
    problems += [*wrong, *unfit, *overlaps(layout), *found.problems]
    if problems or settings is None:
        raise ConfigurationError(tuple(problems))
    return _config(path, settings, layout, defaults=defaults, found=found, odd=odd)


def _config(
    path: Path,
    settings: Settings,
    layout: Mapping[str, Path],
    *,
    defaults: Mapping[str, FieldValue],
    found: _Found,
    odd: tuple[str, ...],
) -> Config:
    """Put together what was found to be good."""
    oauth_url, api_url = ENDPOINTS[settings.environment]
    log_file = _absolute(path.parent, settings.log.file)
    return Config(
        path=path,
        environment=settings.environment,
        oauth_url=settings.endpoints.oauth or oauth_url,
        api_url=settings.endpoints.api or api_url,
        other_oauth_url=other_tokens(settings),
        client_id=settings.piste.client_id,
        client_secret=found.client_secret.secret or NONE,
        login=settings.account.login,
        password=found.password.secret or NONE,
        supplier=settings.supplier,
        folders=Places(*(layout[f"folders.{name}"] for name in ("outbox", "processing", "sent", "failed"))),
        ledger=layout["ledger"],
        spool=layout["spool"],
        language=settings.language,
        defaults=defaults,
        filename_patterns=settings.filename_patterns,
        recipients={alias: _entry(recipient) for alias, recipient in settings.recipients.items()},
        pickup=settings.pickup,
        sending=settings.sending,
        follow_up=settings.follow_up,
        notify=settings.notify,
        reached=found.reached,
        dashboard_file=layout["dashboard.file"] if settings.dashboard.enabled else None,
        metrics_file=_absolute(path.parent, settings.metrics_file),
        log=settings.log.model_copy(update={"file": log_file}),
        warnings=(*odd, *found.warnings),
    )


def _read(path: Path) -> tuple[dict[str, Any], Lines, tuple[str, ...]]:
    """Return the file as plain texts, lists and mappings, the line of each key, and warnings."""
    try:
        nodes, encoding = read_yaml(path.read_bytes())
    except OSError as error:
        raise ConfigurationError((f"can't read {path}: {error.strerror}",)) from None
    except YamlProblem as error:
        said = {name: text for name, text in error.problem.params.items() if name not in ("text", "fixed")}  # a secret?
        about = Problem(error.problem.code, {**said, "file": path.name})
        raise ConfigurationError((render(catalogue("en"), about)[0],)) from None
    lines: Lines = {}
    tree = _plain(nodes, (), lines)
    for section in ("piste", "account", "supplier", "folders"):
        tree.setdefault(section, {})  # so that what is missing inside is named
    odd = (f"{path.name} is not UTF-8 but {encoding}: check its accents",) if encoding == "cp1252" else ()
    return tree, lines, odd


def _plain(nodes: Mapping[str, Node], at: tuple[str, ...], lines: Lines) -> dict[str, Any]:
    """Return nodes as plain values; a key without a value counts as not given."""
    out: dict[str, Any] = {}
    for key, node in nodes.items():
        lines[(*at, key)] = node.line
        value = _value(node, (*at, key), lines)
        if value is not None:
            out[key] = value
    return out


def _value(node: Node, at: tuple[str, ...], lines: Lines) -> Any:
    match node.value:
        case dict(nodes):
            return _plain(nodes, at, lines)
        case list(items):
            return [_value(item, at, lines) for item in items]
        case text:
            return text


def _entry(recipient: Recipient) -> BookEntry:
    return BookEntry(**recipient.model_dump())


def _absolute(base: Path, path: Path | None) -> Path | None:
    return None if path is None else base / path


@dataclass(frozen=True)
class _Found:
    """The secrets, and who is told by message."""

    client_secret: config_secrets.Found
    password: config_secrets.Found
    reached: Reached

    @property
    def problems(self) -> Iterator[str]:
        """What is wrong with them."""
        yield from (f.problem for f in (self.client_secret, self.password) if f.problem)
        yield from self.reached.problems

    @property
    def warnings(self) -> Iterator[str]:
        """What an administrator should know of them."""
        yield from (f.warning for f in (self.client_secret, self.password) if f.warning)
        yield from self.reached.warnings


NONE = SecretStr("")  # of what needs no secret
NOBODY = _Found(config_secrets.Found(NONE), config_secrets.Found(NONE), Reached())


def _found(tree: dict[str, Any], settings: Settings | None, base: Path, environ: Mapping[str, str]) -> _Found:
    def one(place: config_secrets.Place) -> config_secrets.Found:
        file = text_at(tree, place.section, f"{place.key}_file")
        return config_secrets.find(place, base / file if file else None, environ)

    told = reached(settings.notify if settings else Notify(), base, environ)
    return _Found(one(config_secrets.CLIENT_SECRET), one(config_secrets.PASSWORD), told)


__all__ = ["ENDPOINTS", "Config", "Places", "load"]
