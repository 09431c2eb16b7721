"""Which files of a folder are one invoice: the PDF, its sidecar, its attachments by name and those the sidecar claims.

Names in, groups out: nothing is read here, and no time is known (``settling.py``).
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from .claimed import Claims, spellings
from .names import attachment_of, file_key, kind_of, pair_key, split

NO_CLAIMS: Claims = {}


class Denied(NamedTuple):
    """A file that is there and that its claimant does not get.

    ``why``: ``invoice`` (it has a sidecar or attachments of its own), ``itself`` (the claimant's own PDF), ``shared``
    (``other`` claims it as well), ``double`` (``other`` is there for the same name: one that comes back from failed/).
    """

    name: str
    why: str
    other: str = ""


@dataclass(frozen=True)
class Group:
    """The files of one invoice, names relative to the outbox, all in one folder.

    Args:
        pdf: The invoice itself.
        sidecars: None or one; two or more are a mistake that another rule explains.
        attachments: ``NAME_PJ1.ext``... by rank.
        named: The files that its sidecar claims, in its order.
        denied: What it claims, or would have by its name, and does not get.

    """

    pdf: str
    sidecars: tuple[str, ...] = ()
    attachments: tuple[str, ...] = ()
    named: tuple[str, ...] = ()
    denied: tuple[Denied, ...] = ()

    @property
    def members(self) -> tuple[str, ...]:
        """All its files: the PDF first, the sidecar that claims the others last."""
        return (self.pdf, *self.attachments, *self.named, *self.sidecars)

    @property
    def is_bare(self) -> bool:
        """Whether it is a PDF and nothing else, by its name or by right: a sidecar may claim it."""
        return not (self.sidecars or self.attachments or self.denied)


Grouped = tuple[dict[str, Group], tuple[str, ...], tuple[str, ...]]


def group(names: Iterable[str], claims: Claims = NO_CLAIMS) -> Grouped:
    """Return every PDF's group, then the sidecars and the attachments that belong to none.

    Files belong together when they lie in one folder and their stems are equal after NFC and casefold. Where that fits
    several PDFs (``É.pdf`` written in two ways) the one spelled alike has it, else each of them. A file that a sidecar
    claims is never a group of its own, even while that sidecar's PDF is not there.
    """
    names = list(names)
    pdfs: dict[tuple[str, str], list[str]] = {}
    companions: list[_Companion] = []
    for name in names:
        kind = kind_of(name)
        folder, stem, _ = split(name)
        if kind == "pdf":
            pdfs.setdefault((folder, pair_key(stem)), []).append(name)
        elif kind == "sidecar":
            companions.append(_Companion(name, stem, None))
        elif kind == "attachment-candidate" and (owner := attachment_of(stem)):
            companions.append(_Companion(name, *owner))
    belonging: dict[str, list[_Companion]] = {pdf: [] for found in pdfs.values() for pdf in found}
    lone: list[_Companion] = []
    for companion in companions:
        owners = _owners(pdfs, companion)
        for pdf in owners:
            belonging[pdf].append(companion)
        if not owners:
            lone.append(companion)
    groups = {pdf: Group(pdf, *_apart(found)) if found else Group(pdf) for pdf, found in belonging.items()}
    lone_sidecars, lone_attachments = _apart(lone)
    return _with_claims(groups, lone_sidecars, lone_attachments, _fitting(names, claims) if claims else {})


class _Companion(NamedTuple):
    name: str
    stem: str  # of its invoice
    rank: int | None  # of an attachment; None: a sidecar


def _owners(pdfs: Mapping[tuple[str, str], list[str]], companion: _Companion) -> list[str]:
    fitting = pdfs.get((split(companion.name)[0], pair_key(companion.stem)), [])
    return [pdf for pdf in fitting if split(pdf)[1] == companion.stem] or fitting


def _apart(companions: list[_Companion]) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the sidecars by name, and the attachments by rank."""
    sidecars = sorted(each.name for each in companions if each.rank is None)
    attachments = sorted((each.rank, each.name) for each in companions if each.rank is not None)
    return tuple(sidecars), tuple(name for _, name in attachments)


def _fitting(names: Sequence[str], claims: Claims) -> dict[str, list[list[str]]]:
    """Return for each sidecar and each name that it claims the files that are there for it, the surest first."""
    wanted = {
        (split(sidecar)[0], file_key(spelling))
        for sidecar, typed in claims.items()
        for name in typed
        for spelling in spellings(split(sidecar)[1], name)
    }
    folders = {folder for folder, _ in wanted}
    there: dict[tuple[str, str], list[str]] = {}
    for name in names:
        folder, _, base = name.rpartition("/")
        if folder in folders and (key := (folder, file_key(base))) in wanted:
            there.setdefault(key, []).append(name)
    return {sidecar: [f for n in typed if (f := _found(there, sidecar, n))] for sidecar, typed in claims.items()}


def _found(there: Mapping[tuple[str, str], list[str]], sidecar: str, typed: str) -> list[str]:
    folder, stem, _ = split(sidecar)
    out = []
    for spelling in spellings(stem, typed):
        alike = there.get((folder, file_key(spelling)), ())
        out += sorted(alike, key=lambda name: name.rpartition("/")[2] != spelling)
    return list(dict.fromkeys(out))


def _with_claims(
    groups: dict[str, Group],
    sidecars: tuple[str, ...],
    attachments: tuple[str, ...],
    fitting: Mapping[str, list[list[str]]],
) -> Grouped:
    """Give each claimed file to the invoice whose sidecar claims it; to none where two would have it."""
    by_sidecar = _belonging({pdf: files.sidecars for pdf, files in groups.items()}) if fitting else {}
    by_name = _belonging({pdf: files.attachments for pdf, files in groups.items()}) if fitting else {}
    claimants = _belonging({sidecar: [files[0] for files in found] for sidecar, found in fitting.items()})
    whole = {pdf for pdf, files in groups.items() if not files.is_bare} if fitting else set()
    lone = dict.fromkeys(attachments)
    for name, claiming in claimants.items():
        owners = list(dict.fromkeys(pdf for sidecar in claiming for pdf in by_sidecar.get(sidecar, ())))
        if name in whole:
            for pdf in owners:
                _deny(groups, pdf, Denied(name, "itself" if pdf == name else "invoice"))
            continue
        groups.pop(name, None)
        lone.pop(name, None)
        others = [pdf for pdf in by_name.get(name, ()) if pdf not in owners]
        if others or len({pair_key(split(sidecar)[1]) for sidecar in claiming}) > 1:
            lone[name] = None
            for pdf in (*owners, *others):
                rivals = [sidecar for sidecar in claiming if pdf not in by_sidecar.get(sidecar, ())]
                _deny(groups, pdf, Denied(name, "shared", next(iter([*rivals, *others]))))
        elif not owners:
            lone[name] = None
        else:
            _give(groups, owners, name)
    for name, first, sidecar in _doubles(fitting, {*whole, *by_name, *claimants, *attachments}):
        groups.pop(name, None)
        lone[name] = None
        for pdf in by_sidecar.get(sidecar, ()):
            _deny(groups, pdf, Denied(name, "double", first))
    return groups, sidecars, tuple(lone)


def _give(groups: dict[str, Group], owners: Iterable[str], name: str) -> None:
    for pdf in owners:
        files = groups[pdf]
        if name not in files.attachments:
            groups[pdf] = replace(files, named=(*files.named, name))


def _doubles(fitting: Mapping[str, list[list[str]]], taken: Container[str]) -> list[tuple[str, str, str]]:
    """Return each file that is there for a name besides the one that is taken for it: that one, and whose claim it is.

    A slip that comes back from failed/ as ``FA - bon.pdf``, and a new ``bon.pdf``: which is meant, only people know.
    """
    return [
        (name, first, sidecar)
        for sidecar, found in fitting.items()
        for first, *more in found
        for name in more
        if name not in taken
    ]


def _belonging(files: Mapping[str, Sequence[str]]) -> dict[str, list[str]]:
    """Turn PDF -> its files into file -> the PDFs that it belongs to."""
    out: dict[str, list[str]] = {}
    for pdf, names in files.items():
        for name in names:
            out.setdefault(name, []).append(pdf)
    return out


def _deny(groups: dict[str, Group], pdf: str, denied: Denied) -> None:
    files = groups[pdf]
    left = tuple(name for name in files.attachments if name != denied.name)
    groups[pdf] = replace(files, attachments=left, denied=(*files.denied, denied))
