"""What can be wrong with a finish beyond its values, found before anything is drawn."""

from __future__ import annotations

from diorama.finish.overlay import read_overlay
from diorama.finish.subrip import read_subtitles
from diorama.finish.text import check_characters
from diorama.scene.schema import Finish


def check_finish(settings: Finish) -> None:
    """Read all that a finish lays over the picture, whether or not a frame shows it.

    ``OptionError`` where the font lacks a character of a title or a subtitle, ``AssetError`` where a
    file is not what it should be.
    """
    for title in settings.titles:
        check_characters(title.text)
    for overlay in settings.overlays:
        read_overlay(overlay)
    if settings.subtitles is not None:
        for cue in read_subtitles(settings.subtitles):
            check_characters(cue.text, f"{settings.subtitles}:{cue.line}")
