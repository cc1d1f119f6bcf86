"""The one room that knows every stage: scene, shot, picture, labels, files."""

from diorama.pipeline.one_scene import render, synthesize
from diorama.pipeline.studio import Studio
from diorama.pipeline.writing import Progress, Report

__all__ = ["Progress", "Report", "Studio", "render", "synthesize"]
