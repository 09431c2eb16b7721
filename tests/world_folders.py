"""The shared folders and the spool in memory, and the people who use them."""

from __future__ import annotations

import base64
import errno
import hashlib
import itertools
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.names import free_name, kind_of
from chorus_outbox.core.problem import Problem
from chorus_outbox.core.settling import ChangedError, Signature
from chorus_outbox.errors import OutboxUnavailableError
from chorus_outbox.ports import BusyError, Scan, Taken, TooBigError
from world_effects import Effects, Faults

MARK = b"FACTURX "


def sha(data: bytes) -> str:
    return hashlib.sha256(data).hexdigest()


class MemoryFolders:
    """Folder -> name -> bytes; ``spool``: name of a private copy -> bytes.

    ``faults.plan("move", "before")`` makes the next move raise ``OSError`` without effect, ``"after"`` with it: a sick
    share reports errors of what it has done. ``busy`` holds names that somebody is still writing.

    What people do (``drop``, ``edit``, ``take_away``, ``carry``) is booked in ``owned``: how often each content must
    lie somewhere; what the program adds on purpose (a restored copy, a prefilled sidecar) in ``added``. How often people
    made a content disappear stands in ``removed``, how often the program put it back in ``restored``; the places in
    which they touched something, in ``touched``.
    """

    def __init__(self, effects: Effects) -> None:
        self.effects = effects
        self.faults: Faults[str] = Faults()
        self.files: dict[str, dict[str, bytes]] = {"outbox": {}, "processing": {}, "failed": {}}
        self.spool: dict[str, bytes] = {}
        self.busy: set[str] = set()
        self.away = False
        self.owned: Counter[str] = Counter()
        self.added: Counter[str] = Counter()
        self.removed: Counter[str] = Counter()
        self.restored: Counter[str] = Counter()
        self.touched: set[tuple[str, str]] = set()
        self._signatures: dict[str, Signature] = {}
        self._ticks = itertools.count(1)

    # --- people --------------------------------------------------------------------------------------------------

    def drop(self, name: str, data: bytes) -> None:
        assert name not in self.files["outbox"]
        self.files["outbox"][name] = data
        self._sign(name)
        self.owned[sha(data)] += 1

    def edit(self, folder: str, name: str, data: bytes) -> None:
        self.touched.add((folder, name))
        old = sha(self.files[folder][name])
        self.owned[old] -= 1
        self.removed[old] += 1
        self.owned[sha(data)] += 1
        self.files[folder][name] = data
        if folder == "outbox":
            self._sign(name)

    def take_away(self, folder: str, name: str) -> bytes:
        self.touched.add((folder, name))
        data = self.files[folder].pop(name)
        self.owned[sha(data)] -= 1
        self.removed[sha(data)] += 1
        return data

    def carry(self, folder: str, name: str, to_name: str) -> None:
        """Move a file back to the outbox by hand."""
        self.drop(to_name, self.take_away(folder, name))

    def everything(self) -> Counter[str]:
        """Return how often each content that is no log of ours lies in the folders."""
        return Counter(sha(d) for files in self.files.values() for n, d in files.items() if not n.endswith(".log"))

    def where(self, data: bytes) -> list[str]:
        """Return the places of a content, as ``folder/name``."""
        return [f"{folder}/{name}" for folder, files in self.files.items() for name, d in files.items() if d == data]

    # --- the port ------------------------------------------------------------------------------------------------

    def scan(self) -> Scan:
        self._fault("scan")
        if self.away:
            raise OutboxUnavailableError("away")
        ours = ("pdf", "sidecar", "attachment-candidate")
        present = {n: self._signatures[n] for n in self.files["outbox"] if kind_of(n) in ours}
        foreign = {n: self._signatures[n] for n in self.files["outbox"] if kind_of(n) == "other"}
        return Scan(present, {}, foreign, {})

    def take(self, name: str, signature: Signature, limit: int, suffix: str = ".pdf") -> Taken:
        self._fault("take")
        self._check(name, signature)
        data = self.files["outbox"][name]
        if name in self.busy:
            raise BusyError(name)
        if len(data) > limit:
            raise TooBigError(len(data))
        with self.effects.one("folders.take"):
            self.spool[sha(data) + suffix] = data
        return Taken(Path(sha(data) + suffix), sha(data), len(data))

    def read(self, name: str, limit: int, signature: Signature) -> bytes:
        self._fault("read")
        self._check(name, signature)
        return self.files["outbox"][name][: limit + 1]

    def spooled(self, sha256: str, suffix: str) -> Path:
        return Path(sha256 + suffix)

    def bytes_of(self, path: Path) -> bytes:
        """Return a private copy's bytes."""
        if path.name not in self.spool:
            raise FileNotFoundError(errno.ENOENT, "no such copy", path.name)
        return self.spool[path.name]

    def derive(self, source: Path, change: Callable[[Path, Path], Problem | None]) -> str | Problem:
        target = Path(".take")
        if problem := change(source, target):
            return problem
        data = self.spool.pop(target.name)
        with self.effects.one("folders.derive"):
            self.spool[f"{sha(data)}.pdf"] = data
        return sha(data)

    def forget(self, sha256s: Sequence[str]) -> None:
        with self.effects.one("folders.forget"):
            for name in [n for n in self.spool if n.partition(".")[0] in sha256s]:
                del self.spool[name]

    def free_stem(self, folder: str, stem: str, suffixes: Sequence[str]) -> str:
        return free_name(stem, suffixes, lambda name: name in self._folder(folder))

    def present(self, folder: str, name: str) -> bool:
        self._fault("present")
        return name in self._folder(folder)

    def move(self, folder: str, name: str, to_folder: str, to_name: str, sha256: str) -> bool:
        planned = self._fault("move")
        source, target = self._folder(folder), self._folder(to_folder)
        if name not in source:
            return to_name in target and (not sha256 or sha(target[to_name]) == sha256)
        if to_name in target:
            raise FileExistsError(errno.EEXIST, "exists", to_name)
        with self.effects.one("folders.move"):
            target[to_name] = source.pop(name)
            if to_folder == "outbox":
                self._sign(to_name)
        self._fail(planned)
        return True

    def digest(self, folder: str, name: str) -> str | None:
        self._fault("digest")
        data = self._folder(folder).get(name)
        return None if data is None else sha(data)

    def restore(self, sha256: str, suffix: str, folder: str, name: str) -> None:
        target, data = self._folder(folder), self.bytes_of(self.spooled(sha256, suffix))
        if name in target:
            raise FileExistsError(errno.EEXIST, "exists", name)
        with self.effects.one("folders.restore"):
            target[name] = data
            self.added[sha(data)] += 1
            self.restored[sha(data)] += 1

    def write(self, folder: str, name: str, data: bytes) -> None:
        planned = self._fault("write")
        assert name.endswith(".log"), "only our own logs are ever replaced"
        with self.effects.one("folders.write"):
            self._folder(folder)[name] = data
        self._fail(planned)

    def write_new(self, folder: str, name: str, data: bytes) -> None:
        if name in self._folder(folder):
            return
        with self.effects.one("folders.write_new"):
            self._folder(folder)[name] = data
            self.added[sha(data)] += 1

    def remove_log(self, folder: str, name: str) -> None:
        assert name.endswith(".log")
        with self.effects.one("folders.remove_log"):
            self._folder(folder).pop(name, None)

    # --- inside --------------------------------------------------------------------------------------------------

    def _folder(self, folder: str) -> dict[str, bytes]:
        return self.files.setdefault(folder, {})

    def _check(self, name: str, signature: Signature) -> None:
        if name not in self.files["outbox"]:
            raise FileNotFoundError(errno.ENOENT, "gone", name)
        if self._signatures[name] != signature:
            raise ChangedError(name)

    def _sign(self, name: str) -> None:
        tick = next(self._ticks)
        self._signatures[name] = Signature(1, tick, len(self.files["outbox"][name]), tick, tick)

    def _fault(self, call: str) -> str | None:
        planned = self.faults.take(call)
        if planned == "before":
            self._fail("after")
        return planned

    def _fail(self, planned: str | None) -> None:
        if planned == "after":
            raise OSError(errno.EIO, "the share is sick")


def pdf(text: str, *, embedded: bool = False, signed: bool = False, xml: bytes = b"") -> bytes:
    """Return what ``MemoryPdf`` takes for a PDF with that text, and with that Factur-X if any."""
    inside = b"EMBEDDED\n" * embedded + b"SIGNED\n" * signed
    facturx = MARK + base64.b64encode(xml) + b"\n" if xml else b""
    return b"%PDF-1.7\n" + inside + facturx + text.encode() + b"\n%%EOF\n"


def xml_in(data: bytes) -> bytes | None:
    """Return the Factur-X of what ``pdf`` made."""
    lines = [line for line in data.splitlines() if line.startswith(MARK)]
    return base64.b64decode(lines[0].removeprefix(MARK)) if lines else None


class MemoryPdf:
    """Reads the "PDFs" that ``pdf`` makes, from the spool in memory."""

    def __init__(self, spool: Mapping[str, bytes]) -> None:
        self._spool = spool

    def read(self, path: Path) -> PdfFacts | Problem:
        data = self._spool[path.name]
        if not data.startswith(b"%PDF-"):
            return Problem("file.not_pdf")
        if not data.endswith(b"%%EOF\n"):
            return Problem("file.truncated")
        xml = xml_in(data)
        embedded = (*("notes.txt",) * (b"EMBEDDED\n" in data), *("factur-x.xml",) * (xml is not None))
        return PdfFacts(1, signed=b"SIGNED\n" in data, facturx=xml, embedded=embedded, text=data.decode())

    def strip(self, source: Path, target: Path) -> Problem | None:
        assert isinstance(self._spool, dict)
        kept = [n for n in self._spool[source.name].splitlines(keepends=True) if not n.startswith(MARK)]
        self._spool[target.name] = b"".join(kept).replace(b"EMBEDDED\n", b"")
        return None
