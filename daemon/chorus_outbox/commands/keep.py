"""`put`, `backup`, `check --ledger`: a race-free drop, a copy of the ledger, and whether ledger and folders agree."""

from __future__ import annotations

import hashlib
import os
import sqlite3
from collections.abc import Iterator, Sequence
from pathlib import Path

import click

from chorus_outbox.config import Config
from chorus_outbox.core.entry import Entry
from chorus_outbox.core.lifecycle import OPEN, State
from chorus_outbox.core.names import display
from chorus_outbox.core.words import catalogue, fill, plain, size_text
from chorus_outbox.edge.folders.moves import rename_noreplace, sync_folder
from chorus_outbox.edge.folders.putting import put as put_files
from chorus_outbox.edge.ledger.sqlite import SqliteLedger

from .terminal import paper, print_json

FILED = {State.SENT, State.PAID, State.FAILED}


def backup(config: Config, target: Path, *, as_json: bool = False) -> int:
    """Copy the ledger while the daemon works; never overwrite. Copying the file alone could miss its journal."""
    if not config.ledger.is_file():
        raise click.ClickException(f"{config.ledger}: no such ledger")
    temporary = target.absolute().with_name(f".outbox-{target.name}.tmp")
    os.close(os.open(temporary, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600))
    ledger = SqliteLedger(config.ledger, read_only=True)
    try:
        ledger.copy_to(temporary)
        fd = os.open(temporary, os.O_RDONLY)
        os.fsync(fd)
        os.close(fd)
        rename_noreplace(temporary, target.absolute())
        sync_folder(target.absolute().parent)
    except FileExistsError:
        raise click.ClickException(f"{target}: exists, left as it is") from None
    except (OSError, sqlite3.Error) as e:
        raise click.ClickException(f"{target}: {e}") from e
    finally:
        temporary.unlink(missing_ok=True)
        ledger.close()
    size = target.stat().st_size
    if as_json:
        print_json({"path": display(str(target.absolute())), "size": size})
    else:
        words = catalogue(config.language)
        texts = {"path": plain(display(str(target))), "size": size_text(words, size)}
        paper().line(fill(words.terminal["copied"], texts), "ok")
    return 0


def put(config: Config, files: Sequence[Path], *, as_json: bool) -> int:
    """Copy the files of one invoice into the outbox, race-free; nothing is overwritten."""
    try:
        done = put_files(files, config.folders.outbox)
    except FileExistsError as e:
        raise click.ClickException(f"{e.filename}: already in the outbox; nothing was overwritten") from e
    except (OSError, ValueError) as e:
        raise click.ClickException(str(e)) from e
    places = [display(str(path)) for path in done]
    if as_json:
        print_json({"files": places})
    else:
        for place in places:
            paper().line(place)
    return 0


def disagreements(config: Config) -> Iterator[str]:
    """Yield, in English, where the ledger is damaged, or says something else than the folders (read only)."""
    if not config.ledger.is_file():
        return
    ledger = SqliteLedger(config.ledger, read_only=True)
    try:
        yield from ledger.faults()
        entries = ledger.entries()
    finally:
        ledger.close()
    for entry in entries:
        if entry.state in FILED:
            yield from _misfiled(config, entry)
    inside = [(e.stem, e) for e in entries if e.folder == "processing"]
    inside += [(e.to_stem, e) for e in entries if e.state in OPEN]
    known = {stem + suffix for stem, e in inside for suffix in (".pdf", *(m.suffix for m in e.attachments))}
    for path in sorted(config.folders.processing.glob("*.pdf")):
        if path.name not in known:
            yield f"processing/{display(path.name)}: no invoice of the ledger"


def _misfiled(config: Config, entry: Entry) -> Iterator[str]:
    first, _, rest = entry.folder.partition("/")
    folder = {"sent": config.folders.sent, "failed": config.folders.failed}[first] / rest
    for suffix, sha256 in ((".pdf", entry.sha256), *((m.suffix, m.sha256) for m in entry.attachments)):
        name = entry.stem + suffix
        try:
            data = (folder / name).read_bytes()
        except OSError as e:
            yield f"{display(f'{entry.folder}/{name}')}: {entry.state.value} in the ledger, but {e.strerror}"
            continue
        if sha256 and hashlib.sha256(data).hexdigest() != sha256:
            yield f"{display(f'{entry.folder}/{name}')}: not the bytes that the ledger knows"
