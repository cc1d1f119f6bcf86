"""``doctor``: what this system can do, and cause and cure of what it cannot."""

from __future__ import annotations

from pathlib import Path

from rich.console import Console
from rich.text import Text

from diorama.cli.arguments import Gl
from diorama.cli.checks import Finding, examine
from diorama.gl.egl import check_choice

_STYLES = {"ok": "green", "note": "bold yellow", "missing": "bold red"}


def doctor(gl: Gl = "auto") -> int:
    """Check this system: OpenGL, codecs, output; exit with 1 where something needed is missing."""
    check_choice(gl)
    console = Console(soft_wrap=True, highlight=False)
    missing = 0
    for finding in examine(gl, Path.cwd()):
        console.print(_line(finding))
        missing += finding.state == "missing"
    console.print(f"{missing} missing: diorama cannot render here." if missing else "Ready to render.")
    return 1 if missing else 0


def _line(finding: Finding) -> Text:
    text = Text.assemble((f"{finding.state:8}", _STYLES[finding.state]), f"{finding.subject:16}", finding.text)
    if finding.cure:
        text.append(f"\n{'':24}cure: {finding.cure}")
    return text
