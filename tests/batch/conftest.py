from pathlib import Path

import pytest
from small_scenes import write_toys


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A scene file with four small frames."""
    return write_toys(tmp_path_factory.mktemp("scene"), frames=4)
