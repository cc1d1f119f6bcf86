"""Which of the encoders that the codecs need this build of PyAV lacks."""

from __future__ import annotations

import av.codec

from diorama.video.codecs import CODECS


def missing_encoders() -> tuple[str, ...]:
    """Return FFmpeg's names of the encoders that are not there."""
    wanted = {spec.encoder for spec in CODECS.values() if spec.encoder}
    return tuple(sorted(wanted - av.codec.codecs_available))
