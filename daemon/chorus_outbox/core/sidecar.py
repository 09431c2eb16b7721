"""A sidecar (``NAME.yaml``) or a folder's ``_defaults.yaml``: which keys exist and how their values are written.

All problems are found at once, each with the file and the line. Whether the values are right together, or agree with
the other sources, is not asked here (``merge.py``); the YAML itself is ``yamltext.py``.
"""

from __future__ import annotations

import difflib
import re
import unicodedata
from collections.abc import Iterable, Mapping
from decimal import Decimal

from .draft import Draft, Source
from .fields import (
    BY_NAME,
    FIELDS,
    SIDECAR_ONLY,
    Enclosure,
    FieldValue,
    Shape,
    VatLine,
    clean,
    parse_amount,
    read,
)
from .names import file_key
from .problem import Problem
from .yamltext import Node, YamlProblem, read_yaml

_SMALL_WORDS = re.compile(r"(?<=_)(?:de|du|d|la|l)_")
_VAT_KEYS: Mapping[str, str] = {
    "taux": "rate",
    "rate": "rate",
    "taux_tva": "rate",
    "base": "base",
    "base_ht": "base",
    "ht": "base",
    "net": "base",
    "montant": "tax",
    "amount": "tax",
    "montant_tva": "tax",
    "tva": "tax",
    "vat": "tax",
    "tax": "tax",
}
_ENCLOSURE_KEYS: Mapping[str, str] = {
    "fichier": "file",
    "file": "file",
    "nom": "file",
    "name": "file",
    "type": "type",
    "designation": "designation",
    "libelle": "designation",
    "label": "designation",
}
_RATE_MAX = 100  # per cent
FREE_TEXTS = ("commentaire", "motif_remise", "motif_exoneration")
"""Where people may mean the quotes that they write."""
_CURLY = re.compile("[“„«‘]([^“”„«»‘’]*)[”“»’]")  # those of Word, around a whole value
_GLUED = re.compile(r"([^:]+):(\S.*)")


def read_sidecar(data: bytes, file: str, source: Source = Source.SIDECAR) -> Draft:
    """Read a sidecar.

    Args:
        data: The file's bytes.
        file: Its name, for the problems (param ``file``).
        source: What the values are to count as.

    Returns:
        A draft, whatever the bytes: what can't be read stands among its problems. A key without a value counts as
        not given.

    """
    try:
        entries, encoding = read_yaml(data)
    except YamlProblem as error:
        return Draft(source, problems=(Problem(error.problem.code, {**error.problem.params, "file": file}),))
    reader = _Reader(file, source)
    if encoding == "cp1252":
        reader.say("sidecar.cp1252")
    if not entries:
        reader.say("sidecar.empty")
    for key, node in entries.items():
        reader.entry(key, node)
    return Draft(source, reader.values, tuple(reader.problems), reader.lines)


def read_defaults(data: bytes, file: str) -> Draft:
    """Read a folder's ``_defaults.yaml``: same keys, but the values are those of the folder."""
    return read_sidecar(data, file, Source.FOLDER)


def canonical_key(typed: str) -> str:
    """Return a key in the form of ``fields.BY_NAME``: ``Numéro d'engagement`` -> ``numero_engagement``."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", clean(typed)) if not unicodedata.combining(c))
    return _SMALL_WORDS.sub("", re.sub(r"[^a-z0-9]+", "_", bare.casefold()).strip("_"))


class _Reader:
    """Gathers values and problems while the entries are read one by one."""

    def __init__(self, file: str, source: Source) -> None:
        self._file = file
        only = () if source is Source.SIDECAR else SIDECAR_ONLY
        self._names_known = {key: name for key, name in BY_NAME.items() if name not in only}
        self.values: dict[str, FieldValue] = {}
        self.lines: dict[str, int] = {}
        self.problems: list[Problem] = []

    def say(self, code: str, **params: str) -> None:
        self.problems.append(Problem(code, {**params, "file": self._file}))

    def entry(self, typed: str, node: Node) -> None:
        name = self._known(typed, self._names_known, node.line)
        if name is None or _is_blank(node):
            return
        if name in self.lines:
            self.say("sidecar.duplicate_key", line=str(node.line), key=typed, field=name)
            return
        self.lines[name] = node.line
        value = self._value(name, typed, node)
        if value is not None:
            self.values[name] = value

    def _known(self, typed: str, names: Mapping[str, str], line: int) -> str | None:
        key = canonical_key(typed)
        glued = _GLUED.fullmatch(typed)
        if key not in names and glued and canonical_key(glued[1]) in names:  # `{taux:20}`: all of it is the name
            self.say("sidecar.no_space", line=str(line), text=typed, fixed=f"{glued[1]}: {glued[2]}")
        elif key not in names:
            nearest = "".join(difflib.get_close_matches(key, names, n=1))
            self.say("sidecar.unknown_key", line=str(line), key=typed, nearest=nearest)
        return names.get(key)

    def _value(self, name: str, typed: str, node: Node) -> FieldValue | None:
        shape = FIELDS[name].shape
        if shape is Shape.VAT_LINES:
            return self._vat_lines(node)
        if shape is Shape.NAMES and not isinstance(node.value, str):
            return self._enclosures(node.value if isinstance(node.value, list) else [node])
        if not isinstance(node.value, str):
            self.say("sidecar.not_text", line=str(node.line), key=typed, field=name)
            return None
        if shape is not Shape.TEXT or name not in FREE_TEXTS:
            curly = None if node.quoted else _CURLY.fullmatch(node.value.strip())
            if curly:
                texts = {"text": f"{typed}: {node.value}", "fixed": f'{typed}: "{curly[1].strip()}"'}
                self.say("sidecar.curly_quotes", line=str(node.line), field=name, **texts)
                return None
        value = read(name, node.value, line=str(node.line), file=self._file)
        if isinstance(value, Problem):
            self.problems.append(value)
            return None
        return value

    def _enclosures(self, nodes: Iterable[Node]) -> tuple[Enclosure, ...] | None:
        found: dict[str, Enclosure] = {}
        for node in nodes:
            if _is_blank(node) or (one := self._enclosure(node)) is None:
                continue
            if file_key(one.file) in found:
                self.say("sidecar.duplicate_key", line=str(node.line), key=one.file, field="pieces_jointes")
            found.setdefault(file_key(one.file), one)
        return tuple(found.values()) or None

    def _enclosure(self, node: Node) -> Enclosure | None:
        """Read a name, or ``{fichier: bon.pdf, type: RIB, designation: Bon}``; None, with the problem said, else."""
        if isinstance(node.value, str):
            return Enclosure(clean(node.value))
        texts: dict[str, str] = {}
        for typed, part in node.value.items() if isinstance(node.value, dict) else ():
            name = self._known(typed, _ENCLOSURE_KEYS, part.line)
            if name in texts:
                self.say("sidecar.duplicate_key", line=str(part.line), key=typed, field="pieces_jointes")
            elif name and not _is_blank(part):
                texts[name] = _typed(part)
        if not texts.get("file"):
            self.say("attachment.unnamed", line=str(node.line), field="pieces_jointes", value=_typed(node))
            return None
        return Enclosure(**texts)

    def _vat_lines(self, node: Node) -> tuple[VatLine, ...] | None:
        nodes = node.value if isinstance(node.value, list) else [node]
        lines = [self._vat_line(one) for one in nodes if not _is_blank(one)]
        return tuple(line for line in lines if line) or None

    def _vat_line(self, node: Node) -> VatLine | None:
        """Read ``{taux: 20, base: 1000, montant: 200}``; None, with the problem said, when it is not that."""
        if not isinstance(node.value, dict):
            self._bad_vat_line(node)
            return None
        amounts: dict[str, Decimal | None] = {}
        for typed, part in node.value.items():
            name = self._known(typed, _VAT_KEYS, part.line)
            if name in amounts:
                self.say("sidecar.duplicate_key", line=str(part.line), key=typed, field="lignes_tva")
            elif name:
                text = part.value if isinstance(part.value, str) else ""
                amounts[name] = parse_amount(text.replace("%", "") if name == "rate" else text)
        rate, base, tax = (amounts.get(name) for name in ("rate", "base", "tax"))
        if rate is None or base is None or tax is None or not 0 <= rate <= _RATE_MAX:
            self._bad_vat_line(node)
            return None
        return VatLine(rate, base, tax)

    def _bad_vat_line(self, node: Node) -> None:
        self.say("field.vat_lines", field="lignes_tva", line=str(node.line), value=_typed(node))


def _is_blank(node: Node) -> bool:
    return not (clean(node.value) if isinstance(node.value, str) else node.value)


def _typed(node: Node) -> str:
    """Return what was typed, on one line."""
    match node.value:
        case None:
            return ""
        case str(text):
            return clean(text)
        case list(nodes):
            return "[" + ", ".join(map(_typed, nodes)) + "]"
        case mapping:
            return "{" + ", ".join(f"{clean(key)}: {_typed(part)}" for key, part in mapping.items()) + "}"
