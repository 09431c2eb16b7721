"""The directory of public bodies on this machine: Chorus Pro's weekly export, read once when it is downloaded.

The export is a ZIP with an XML file whose exact layout no public source shows (api.md 2.19, 4.1): only some names are
known, in two spellings. So elements are told by their local names without regard to case, wherever they stand: an
element with a service code is a service, what surrounds exactly one SIRET is a structure. It is read in one pass with
bounded memory into an SQLite file beside the ledger, in which a SIRET is found at once. What is not understood makes
the download fail, and an earlier one stays.
"""

from __future__ import annotations

import contextlib
import functools
import json
import os
import re
import sqlite3
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from datetime import datetime
from pathlib import Path
from typing import IO
from xml.parsers import expat

from chorus_outbox.core.directory import recipient_from
from chorus_outbox.core.preflight import Recipient, Service
from chorus_outbox.errors import StorageError

XML_MAX = 2_000_000_000  # bytes unpacked: several times what all public bodies of France can need
DEPTH_MAX = 50  # elements within one another
TEXT_MAX = 2000  # characters of one value
STRUCTURE_MAX = 20_000  # values and services of one structure
CHUNK = 1 << 20  # bytes

_SIRET = ("identifiantstructure", "identifiant", "siret", "siretstructure")
_NAME = ("designationstructure", "designation", "raisonsocialestructure", "raisonsociale", "libellestructure", "nom")
_CODE = ("codeservice", "code")
_SERVICE_NAME = ("libelleservice", "nomservice", "libelle", "nom")
_ENGAGEMENT = ("numeroej", "numeroengagement")  # of a service
_TRUE = ("true", "1", "oui", "o", "vrai")
_INACTIVE = ("inactive", "inactif", "ferme", "fermee")


class UnreadableError(Exception):
    """What was downloaded is no directory that this program can read."""


@dataclass(slots=True)
class _Element:
    """An element that is being read: its simple values, its services, and the structure found in it, if one only."""

    name: str
    text: str = ""
    values: dict[str, str] = field(default_factory=dict)
    services: list[Service] = field(default_factory=list)
    found: _Element | None = None  # the first structure below, as long as there is no second one
    many: bool = False


class _Reader:
    """Turns the events of an XML parser into recipients."""

    def __init__(self) -> None:
        self.ready: list[Recipient] = []
        self._open: list[_Element] = []
        self.parser = expat.ParserCreate(namespace_separator="}")
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text
        self.parser.StartDoctypeDeclHandler = self._refuse  # no entity, no outside reference: nothing needs them here
        self.parser.EntityDeclHandler = self._refuse

    def _refuse(self, *_: object) -> None:
        raise UnreadableError("the XML declares a document type")

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        if len(self._open) >= DEPTH_MAX:
            raise UnreadableError("the XML is nested too deeply")
        element = _Element(_local(name))
        for key, value in attributes.items():
            _put(element, _local(key), value[:TEXT_MAX])
        self._open.append(element)

    def _text(self, text: str) -> None:
        if self._open and len(self._open[-1].text) < TEXT_MAX:
            self._open[-1].text += text

    def _end(self, _name: str) -> None:
        element = self._open.pop()
        parent = self._open[-1] if self._open else None
        if parent is None:
            self._emit(element if "siret" in element.values else element.found)
            return
        if len(parent.values) + len(parent.services) > STRUCTURE_MAX:
            raise UnreadableError("one structure is too large")
        if text := element.text.strip():
            _put(parent, element.name, text)
        if not (element.values or element.services or element.found or element.many):
            return  # a simple value, as most are
        if element.many:
            parent.many = True
            return
        if (service := _service(element)) is not None:
            parent.services.append(service)
            return
        whole = _merged(element)
        if "siret" in whole.values:
            self._place(parent, whole)
        else:
            _take(parent, whole)

    def _place(self, parent: _Element, structure: _Element) -> None:
        """Keep the first structure of an element; a second one shows that the element is a list of them."""
        if "siret" in parent.values:
            return  # of a structure, another one that it names
        if parent.many:
            self._emit(structure)
        elif parent.found is None:
            parent.found = structure
        else:
            self._emit(parent.found)
            self._emit(structure)
            parent.found, parent.many = None, True
            parent.values, parent.services = {}, []

    def _emit(self, structure: _Element | None) -> None:
        if structure is not None and (recipient := _recipient(structure)) is not None:
            self.ready.append(recipient)


@functools.lru_cache(maxsize=1000)  # the same few names, millions of times
def _local(name: str) -> str:
    return name.rpartition("}")[2].rpartition(":")[2].casefold()


def _put(element: _Element, name: str, text: str) -> None:
    """Note a value; an element's own comes before what stands deeper."""
    element.values.setdefault(name, text)
    if name in _SIRET and re.fullmatch(r"[0-9]{14}", text):
        element.values.setdefault("siret", text)


def _take(into: _Element, other: _Element) -> None:
    for name, text in other.values.items():
        into.values.setdefault(name, text)
    into.services.extend(other.services)


def _merged(element: _Element) -> _Element:
    """Return an element with the one structure that was found below it."""
    if element.found is not None:
        _take(element, element.found)
    return element


def _service(element: _Element) -> Service | None:
    code = _first(element, _CODE) if element.name.startswith("service") else ""
    if not code:
        return None
    engagement = any(_true(element, name) for name in _ENGAGEMENT)
    return Service(code, _first(element, _SERVICE_NAME), _active(element), 0, engagement)


def _recipient(element: _Element) -> Recipient | None:
    siret = element.values.get("siret", "")
    if not re.fullmatch(r"[0-9]{14}", siret):
        return None
    return Recipient(
        siret=siret,
        name=_first(element, _NAME) or siret,
        active=_active(element),
        structure_id=0,
        needs_service=_true(element, "codeservicedoitetrerenseigne"),
        needs_engagement=_true(element, "numeroejdoitetrerenseigne"),
        needs_either=_true(element, "gestionnumeroejoucodeservice"),
        services=tuple(element.services),
        payment_not_reported=_true(element, "statutmiseenpaiementnestpasremonte"),
    )


def _first(element: _Element, names: tuple[str, ...]) -> str:
    return next((element.values[name] for name in names if name in element.values), "")


def _true(element: _Element, name: str) -> bool:
    return element.values.get(name, "").casefold() in _TRUE


def _active(element: _Element) -> bool:
    if (said := _first(element, ("estactif", "actif"))) and said.casefold() not in _TRUE:
        return False
    return _first(element, ("statutservice", "statutstructure", "statut")).casefold() not in _INACTIVE


def read_export(file: IO[bytes], limit: int = XML_MAX) -> Iterator[Recipient]:
    """Read an unpacked export, one structure after the other.

    Raises:
        UnreadableError: It is no XML, declares entities, or is beyond every bound.

    """
    reader, size = _Reader(), 0
    try:
        while chunk := file.read(CHUNK):
            size += len(chunk)
            if size > limit:
                raise UnreadableError("unpacked, it is too large")
            reader.parser.Parse(chunk, False)
            yield from reader.ready
            reader.ready.clear()
        reader.parser.Parse(b"", True)
    except expat.ExpatError as e:
        raise UnreadableError(str(e)) from None
    yield from reader.ready


def build(archive: Path, target: Path, now: datetime) -> int:
    """Make a directory of a downloaded ZIP, in place of an earlier one; return how many structures it has.

    Raises:
        UnreadableError: There is no structure in it that can be read.
        StorageError: It could not be written.

    """
    fresh = target.with_name(target.name + ".new")
    fresh.unlink(missing_ok=True)
    try:
        with zipfile.ZipFile(archive) as packed:
            xml = [i for i in packed.infolist() if i.filename.lower().endswith(".xml")]
            if len(xml) != 1:
                raise UnreadableError(f"it holds {len(xml)} XML files, not one")
            with packed.open(xml[0]) as file:
                count = _write(fresh, read_export(file), now)
        if not count:
            raise UnreadableError("no structure was recognised in it")
        fresh.replace(target)
    # NotImplementedError is zipfile's word for a compression that it can't read, RuntimeError for a password.
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError) as e:
        raise UnreadableError(str(e)) from None
    except (OSError, sqlite3.Error) as e:
        raise StorageError(f"{target}: {e}") from e
    finally:
        fresh.unlink(missing_ok=True)
    return count


def _write(path: Path, recipients: Iterator[Recipient], now: datetime) -> int:
    os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    with contextlib.closing(sqlite3.connect(path)) as db:
        db.execute("PRAGMA journal_mode = OFF")  # a file that is not whole is thrown away
        db.execute("CREATE TABLE about (made_at TEXT NOT NULL)")
        db.execute("CREATE TABLE structure (siret TEXT PRIMARY KEY, data TEXT NOT NULL) WITHOUT ROWID")
        db.execute("INSERT INTO about VALUES (?)", (now.isoformat(timespec="seconds"),))
        rows = ((r.siret, json.dumps(asdict(r))) for r in recipients)
        db.executemany("INSERT OR REPLACE INTO structure VALUES (?, ?)", rows)
        db.commit()
        return int(db.execute("SELECT count(*) FROM structure").fetchone()[0])


@dataclass(frozen=True)
class Copy:
    """What the downloaded directory says of a recipient (None: not in it), and when it was downloaded."""

    recipient: Recipient | None
    made_at: datetime


def look_up(path: Path, siret: str) -> Copy | None:
    """Return what the directory says; None when there is none, or none that can be read."""
    if not path.is_file():
        return None
    try:
        with contextlib.closing(sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)) as db:
            (made_at,) = db.execute("SELECT made_at FROM about").fetchone()
            row = db.execute("SELECT data FROM structure WHERE siret = ?", (siret,)).fetchone()
        return Copy(recipient_from(json.loads(row[0])) if row else None, datetime.fromisoformat(made_at))
    except (sqlite3.Error, ValueError, TypeError, KeyError):
        return None
