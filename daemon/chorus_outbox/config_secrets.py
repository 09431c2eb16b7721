"""Where secrets come from: a file of their own, systemd's credentials, or the environment; never the YAML.

A secret leaves this module only inside pydantic's ``SecretStr``; no message quotes one.
"""

from __future__ import annotations

import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pydantic import SecretStr

BYTES_MAX = 4096
SECRET_KEYS = frozenset({"client_secret", "password", "secret", "passwd", "mot_de_passe", "token", "api_key"})


@dataclass(frozen=True)
class Place:
    """One secret and the three ways to give it."""

    what: str
    section: str
    key: str
    credential: str  # file name below $CREDENTIALS_DIRECTORY
    variable: str

    @property
    def ways(self) -> str:
        """How to give it, in words."""
        return (
            f"put it into a file and name that file in {self.section}.{self.key}_file, or give the systemd credential "
            f"{self.credential}, or the environment variable {self.variable}"
        )


CLIENT_SECRET = Place(
    "the secret of the PISTE application",
    "piste",
    "client_secret",
    "piste-client-secret",
    "CHORUS_OUTBOX_CLIENT_SECRET",
)
PASSWORD = Place(
    "the password of the technical account", "account", "password", "account-password", "CHORUS_OUTBOX_PASSWORD"
)


@dataclass(frozen=True)
class Found:
    """A secret, or why there is none, and what an administrator should know of where it lies."""

    secret: SecretStr | None = None
    problem: str = ""
    warning: str = ""
    given: bool = True


def find(place: Place, file: Path | None, environ: Mapping[str, str], *, lines: bool = False) -> Found:
    """Find one secret; ``file`` is the absolute path that the configuration names, or None; ``lines``: it has several."""
    if file is not None:
        return _from_file(file, f"{place.section}.{place.key}_file", shared=True, lines=lines)
    if directory := environ.get("CREDENTIALS_DIRECTORY"):
        credential = Path(directory) / place.credential
        if credential.exists():
            return _from_file(credential, f"credential {place.credential}", shared=False, lines=lines)
    if text := environ.get(place.variable, "").strip():
        return Found(SecretStr(text))
    return Found(problem=f"{place.section}: {place.what} is missing; {place.ways}", given=False)


def _from_file(path: Path, name: str, *, shared: bool, lines: bool) -> Found:
    """Read a secret; ``shared`` tells whether the file may lie where others can read it."""
    limit = BYTES_MAX * (4 if lines else 1)
    try:
        with path.open("rb") as file:
            data = file.read(limit + 1)
        mode = path.stat().st_mode
    except OSError as error:
        return Found(problem=f"{name}: can't read {path}: {error.strerror}")
    try:
        text = data.decode("utf-8-sig").rstrip("\r\n")
    except UnicodeDecodeError:
        return Found(problem=f"{name}: {path} is not text in UTF-8")
    if not text.strip():
        return Found(problem=f"{name}: {path} is empty")
    if len(data) > limit or ("\n" in text and not lines) or "\0" in text:
        what = f"at most {limit} bytes of text" if lines else "one line, the secret itself"
        return Found(problem=f"{name}: {path} must hold {what}")
    open_to_all = shared and mode & stat.S_IROTH
    warning = f"{name}: every user of this machine can read {path}; chmod 640 would stop that" if open_to_all else ""
    return Found(SecretStr(text), warning=warning)


def take_out(tree: dict[str, Any]) -> tuple[str, ...]:
    """Remove secrets that stand in the configuration itself, and say of each where to put it instead."""
    return tuple(_taken(tree, ""))


def _taken(tree: dict[str, Any], prefix: str) -> Iterator[str]:
    places = {f"{p.section}.{p.key}": p for p in (CLIENT_SECRET, PASSWORD)}
    for key in list(tree):
        where = f"{prefix}{key}"
        if key.lower() in SECRET_KEYS:
            del tree[key]
            place = places.get(where)
            ways = place.ways if place else "name a file that holds it instead (…_file)"
            yield f"{where}: a secret must not stand in this file; {ways}"
        elif isinstance(tree[key], dict):
            yield from _taken(tree[key], f"{where}.")
