"""The files of one invoice in the outbox, settled; and what was read of them. Values only."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from chorus_outbox.core.facts import PdfFacts
from chorus_outbox.core.grouping import Group
from chorus_outbox.core.merge import Understood
from chorus_outbox.core.settling import Signature
from chorus_outbox.ports import Taken


@dataclass(frozen=True)
class Candidate:
    """A group of files that nobody writes any more, with what identified them in that look."""

    group: Group
    present: Mapping[str, Signature]
    defaults: Sequence[str]  # the _defaults.yaml on its way, outermost first
    strange: Mapping[str, str] = field(default_factory=dict)  # what lies there and is no regular file

    @property
    def signature(self) -> str:
        """One text that changes when any of its files does."""
        return ";".join(",".join(map(str, self.present[m])) for m in self.group.members)


@dataclass(frozen=True)
class Read:
    """What was read of a candidate, before Chorus Pro is asked.

    Args:
        taken: The private copy.
        facts: What the PDF is.
        understood: What its sources say.

    """

    taken: Taken
    facts: PdfFacts
    understood: Understood
