import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from diorama.labels import boxes, masks

coco = pytest.importorskip("pycocotools.mask")

PICTURES = hnp.arrays(np.uint32, st.tuples(st.integers(1, 9), st.integers(1, 9)), elements=st.integers(0, 4))


@pytest.mark.filterwarnings("ignore:__array__ implementation:DeprecationWarning")
@settings(deadline=None, max_examples=200)
@given(PICTURES)
def test_masks_are_read_by_pycocotools(instance):
    height, width = instance.shape
    seen = boxes(instance)
    for row, (number, mask) in enumerate(masks(instance).items()):
        compressed = coco.frPyObjects(mask.to_coco(), height, width)
        np.testing.assert_array_equal(coco.decode(compressed), instance == number)
        np.testing.assert_array_equal(coco.toBbox(compressed), seen.boxes[row])
        assert coco.area(compressed) == seen.pixels[row]
        canonical = coco.encode(np.asfortranarray(instance == number).astype(np.uint8))
        assert compressed["counts"] == canonical["counts"]
