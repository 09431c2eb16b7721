"""A draft: what one source says of an invoice, each value knowing where it stands.

Every reader (sidecar, file name, folder, configuration, Factur-X, text of the PDF) returns one ``Draft``;
``merge.py`` puts them together. A draft judges nothing but whether its own text could be read.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import Enum

from .fields import FieldValue
from .problem import Problem


class Source(Enum):
    """Where a value comes from, in order of precedence (the first wins)."""

    SIDECAR = "sidecar"
    FILENAME = "file name"
    FOLDER = "folder"
    CONFIG = "configuration"
    FACTURX = "Factur-X"
    PDF_TEXT = "PDF text"
    CHORUS = "Chorus Pro"


@dataclass(frozen=True)
class Draft:
    """What one source says.

    Args:
        source: The source.
        values: Canonical field name (``fields.FIELDS``) -> value.
        problems: What in the source could not be read.
        lines: Field name -> line number in the source (sidecars only, from 1).

    """

    source: Source
    values: Mapping[str, FieldValue] = field(default_factory=dict)
    problems: tuple[Problem, ...] = ()
    lines: Mapping[str, int] = field(default_factory=dict)
