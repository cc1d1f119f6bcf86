"""What happens to a picture last: exposure, tone curve, quantisation, titles."""

from diorama.finish.picture import finish

__all__ = ["finish"]
