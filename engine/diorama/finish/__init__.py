"""What happens to a picture last: exposure, lens, sensor, grade, tone curve, quantisation, overlays, titles."""

from diorama.finish.picture import finish

__all__ = ["finish"]
