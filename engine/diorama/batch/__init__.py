"""Many clips of one scene file, one for each seed, by several processes."""

from diorama.batch.run import BatchReport, render_batch
from diorama.batch.workers import Failure

__all__ = ["BatchReport", "Failure", "render_batch"]
