"""Models and scenes that other libraries hold, as assets; none of these libraries is imported before it is needed."""

from diorama.interop.pyrender import PyrenderScene, from_pyrender, import_pyrender
from diorama.interop.trimesh import from_trimesh

__all__ = ["PyrenderScene", "from_pyrender", "from_trimesh", "import_pyrender"]
