"""Writing and reading of video files."""

from diorama.video.codecs import CODECS
from diorama.video.reader import read_video
from diorama.video.writer import VideoWriter

__all__ = ["CODECS", "VideoWriter", "read_video"]
