"""The Markdown files of the repository, taken apart: links, code in lines, code in blocks, headings. It judges nothing."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
NOT_OURS = {".venv", "node_modules", "demo", "build", "dist"}
_FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[[^\][]*\]\(([^)\s]+)\)")
_INLINE = re.compile(r"(?<!`)`([^`\n]+)`(?!`)")
_HEADING = re.compile(r"^(#+) (.*)$", re.MULTILINE)


@dataclass(frozen=True)
class Block:
    """A fenced block: its language and its text."""

    language: str
    text: str


@dataclass(frozen=True)
class Page:
    """A Markdown file."""

    path: Path
    text: str

    @property
    def name(self) -> str:
        """Its path in the repository."""
        return self.path.relative_to(ROOT).as_posix()

    @property
    def prose(self) -> str:
        """Its text without fenced blocks."""
        return _FENCE.sub("", self.text)

    def blocks(self, language: str = "") -> list[Block]:
        """Return its fenced blocks, of one language or all."""
        found = [Block(m[2], re.sub(rf"^{m[1]}", "", m[3], flags=re.MULTILINE)) for m in _FENCE.finditer(self.text)]
        return [block for block in found if language in ("", block.language)]

    def links(self) -> list[str]:
        """Return the targets of links and pictures that lie in the repository, with their anchors."""
        return [target for target in _LINK.findall(self.prose) if not re.match(r"[a-z]+:", target)]

    def inline(self) -> list[str]:
        """Return what stands between backticks."""
        return _INLINE.findall(self.prose)

    def headings(self) -> list[tuple[int, str]]:
        """Return level and text of each heading."""
        return [(len(marks), text) for marks, text in _HEADING.findall(self.prose)]

    def tables(self) -> list[int]:
        """Return how many rows each table has, heads included."""
        return [part.count("\n|") for part in re.findall(r"(?:^|\n)((?:\n\|[^\n]*)+)", "\n" + self.prose)]


def pages() -> Iterator[Page]:
    """Yield every Markdown file of the repository."""
    for path in sorted(ROOT.rglob("*.md")):
        if NOT_OURS.isdisjoint(path.relative_to(ROOT).parts) and not path.relative_to(ROOT).parts[0].startswith("."):
            yield Page(path, path.read_text("utf-8"))


def page(name: str) -> Page:
    """Return one file below ``docs``."""
    return Page(DOCS / name, (DOCS / name).read_text("utf-8"))
