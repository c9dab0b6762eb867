"""Reads SPEC.md as data: its requirements, in the order of the text.

A requirement starts a line, and its text runs to the end of the paragraph:

    **UC-SEAL-7** (MUST, both) A receiver MUST drop …
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal, cast

Level = Literal["MUST", "SHOULD", "MAY"]
Role = Literal["client", "server", "both", "store", "application"]

SPEC: Final = Path(__file__).parents[1] / "SPEC.md"
ID: Final = re.compile(r"UC-[A-Z]+-[0-9]+")

_REQUIREMENT: Final = re.compile(
    rf"\*\*(?P<id>{ID.pattern})\*\* "
    r"\((?P<level>MUST|SHOULD|MAY), (?P<role>client|server|both|store|application)\) (?P<text>\S.*)"
)
_HEADING: Final = re.compile(r"#+ +(?P<title>.+)")
_ENDS_A_PARAGRAPH: Final = ("**UC-", "#", "|", "```")


@dataclass(frozen=True, slots=True)
class Requirement:
    """One claim of SPEC.md; `line` counts from 1, `chapter` is the title of the nearest heading above."""

    id: str
    level: Level
    role: Role
    text: str
    line: int
    chapter: str


class SpecError(Exception):
    """A line of SPEC.md that starts like a requirement and is none."""

    def __init__(self, line: int, found: str) -> None:
        super().__init__(f"SPEC.md:{line}: not a requirement: {found!r}")
        self.line = line
        self.found = found


def parse_spec(text: str) -> list[Requirement]:
    """All requirements of `text`; raises SpecError. What stands in a fenced block is an example."""
    lines = text.splitlines()
    requirements: list[Requirement] = []
    chapter = ""
    fenced = False
    for index, line in enumerate(lines):
        if line.startswith("```"):
            fenced = not fenced
        elif fenced:
            continue
        elif heading := _HEADING.fullmatch(line):
            chapter = heading["title"]
        elif line.startswith("**UC-"):
            requirements.append(_requirement(lines, index, chapter))
    return requirements


def _requirement(lines: list[str], index: int, chapter: str) -> Requirement:
    match = _REQUIREMENT.fullmatch(lines[index].rstrip())
    if match is None:
        raise SpecError(index + 1, lines[index])
    paragraph = [match["text"]]
    for line in lines[index + 1 :]:
        if not line.strip() or line.startswith(_ENDS_A_PARAGRAPH):
            break
        paragraph.append(line.strip())
    level, role = cast("Level", match["level"]), cast("Role", match["role"])
    return Requirement(match["id"], level, role, " ".join(paragraph), index + 1, chapter)


def read_spec(path: Path = SPEC) -> list[Requirement]:
    """The requirements of the SPEC.md at `path`; raises SpecError, or OSError where there is none."""
    return parse_spec(path.read_text(encoding="utf-8"))
