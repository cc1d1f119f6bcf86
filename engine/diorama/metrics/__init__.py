"""How far pictures and clips are from a reference: plain numpy functions of display values in 0..1."""

from diorama.metrics.flip import flip, flip_map
from diorama.metrics.quality import mse, psnr, psnr_of_mse, ssim
from diorama.metrics.temporal import temporal_residual, tpsnr, warp, warp_error

__all__ = ["flip", "flip_map", "mse", "psnr", "psnr_of_mse", "ssim", "temporal_residual", "tpsnr", "warp", "warp_error"]
