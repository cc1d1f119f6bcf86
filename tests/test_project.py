"""The rules that hold the project together: names, imports, floors, file lengths, what a wheel carries."""

import ast
import os
import re
import subprocess
import sys
import tomllib
import zipfile
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest

import diorama
from diorama import resources
from diorama.gl import bindings
from diorama.gl.egl import CURE

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "engine" / "diorama"
SOURCES = sorted(PACKAGE.rglob("*.py"))
HEAVY = ("moderngl", "glcontext", "av", "torch", "onnxruntime", "OpenGL", "pyrender", "mujoco", "mitsuba", "ray")
LONGEST_FILE = 400


def fresh(code: str) -> str:
    """Run Python code in a process of its own; return what it prints."""
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout


def heavy_after(code: str) -> str:
    return fresh(f"{code}\nimport sys; print(sorted(set({HEAVY!r}) & set(sys.modules)))").strip()


def module_name(file: Path) -> str:
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def test_importing_the_package_imports_nothing_else() -> None:
    code = "import sys; before = set(sys.modules); import diorama; print(sorted(set(sys.modules) - before))"
    loaded = ast.literal_eval(fresh(code))
    assert [name for name in loaded if name.split(".")[0] not in sys.stdlib_module_names] == ["diorama"]


@pytest.mark.parametrize(
    "code", ["import diorama", "from diorama import load_scene, Scene, Camera, Sphere", "import diorama.cli"]
)
def test_no_heavy_import(code: str) -> None:
    assert heavy_after(code) == "[]"


def test_public_names_are_sorted_and_told_to_type_checkers() -> None:
    stub = ast.parse((PACKAGE / "__init__.pyi").read_text("utf-8"))
    imports = [node for node in stub.body if isinstance(node, ast.ImportFrom)]
    told = {name.asname: node.module for node in imports for name in node.names}
    assert diorama.__all__ == sorted(diorama.__all__)
    assert told == diorama._HOMES


def test_public_names_survive_the_import_of_every_submodule() -> None:
    modules = [name for name in map(module_name, SOURCES) if not name.endswith("__main__")]
    code = f"""
from importlib import import_module
from diorama.errors import DioramaError
for name in {modules!r}:
    try:
        import_module(name)
    except ModuleNotFoundError as error:
        assert error.name in ("onnx", "torch", "safetensors"), error  # the extra for training
    except DioramaError as error:
        assert name.startswith("diorama.oracle.") and error.place == "oracle", error  # the extra for tracing
import diorama
for name in diorama.__all__:
    value = getattr(diorama, name)
    assert type(value).__name__ != "module", name
    assert getattr(value, "__name__", name) == name, name
"""
    fresh(code)


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"^module 'diorama' has no attribute 'rendr'$"):
        _ = diorama.rendr
    assert set(dir(diorama)) == set(diorama.__all__)


def test_floors() -> None:
    command = [Path(sys.executable).with_name("lint-imports"), "--no-cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-3000:]


def lines_of(*patterns: str) -> list[tuple[str, int]]:
    files = sorted(file for pattern in patterns for file in ROOT.glob(pattern))
    return [(str(file.relative_to(ROOT)), len(file.read_text("utf-8").splitlines())) for file in files]


def test_no_file_is_too_long() -> None:
    folders = ("engine", "tests", "benchmarks", "examples", "shaders")
    lengths = lines_of(
        *(f"{folder}/**/*.{kind}" for folder in folders for kind in ("py", "glsl", "comp", "vert", "frag"))
    )
    assert [(file, lines) for file, lines in lengths if lines > LONGEST_FILE] == []


def test_examples_are_short() -> None:
    assert [(file, lines) for file, lines in lines_of("examples/*.py") if lines > 60] == []


def nodes_of(kind: type[ast.AST]) -> list[tuple[str, Any]]:
    """Return all nodes of a kind in the package, with their places."""
    trees = [(file.relative_to(ROOT), ast.parse(file.read_text("utf-8"))) for file in SOURCES]
    return [(str(file), node) for file, tree in trees for node in ast.walk(tree) if isinstance(node, kind)]


def test_no_function_is_too_long() -> None:
    functions = nodes_of(ast.FunctionDef)
    assert [f"{file}: {node.name}" for file, node in functions if node.end_lineno - node.lineno >= 60] == []


def test_every_source_file_opens_with_a_docstring() -> None:
    texts = {file: file.read_text("utf-8") for file in SOURCES}
    assert [str(file) for file, text in texts.items() if text.strip() and not ast.get_docstring(ast.parse(text))] == []


def test_no_file_is_a_drawer() -> None:
    names = {"utils", "util", "helpers", "helper", "common", "misc", "manager"}
    assert [str(file) for file in SOURCES if names & {file.stem, file.parent.name}] == []


def test_no_shader_source_in_python() -> None:
    glsl = re.compile(r"#version \d+\n|\bvoid\s+main\s*\(|\bgl_(Position|FragCoord|GlobalInvocationID)\b")
    strings = [(file, node) for file, node in nodes_of(ast.Constant) if isinstance(node.value, str)]
    assert [f"{file}:{node.lineno}" for file, node in strings if glsl.search(node.value)] == []


def test_shader_includes_open_with_what_they_give_and_hold_no_main() -> None:
    includes = sorted((ROOT / "shaders" / "lib").glob("*.glsl"))
    assert includes
    for file in includes:
        text = file.read_text("utf-8")
        assert text.startswith("// "), file
        assert not re.search(r"\bvoid\s+main\s*\(", text), file


def test_bindings_are_the_same_in_python_and_in_glsl() -> None:
    text = (ROOT / "shaders" / "lib" / "bindings.glsl").read_text("utf-8")
    shaders = {name: int(value) for name, value in re.findall(r"^#define (\w+) (\d+)", text, re.MULTILINE)}
    python = {name: value for name, value in vars(bindings).items() if name.isupper()}
    assert shaders == python


def test_the_readme_shows_the_real_scene_and_script() -> None:
    readme = (ROOT / "README.md").read_text("utf-8")
    blocks = dict(re.findall(r"```(yaml|python)\n(.*?)```", readme, re.DOTALL))
    assert blocks["yaml"] == (ROOT / "scenes" / "hello.yaml").read_text("utf-8")
    assert blocks["python"] == (ROOT / "examples" / "hello.py").read_text("utf-8")


def test_links_in_the_documents_lead_somewhere() -> None:
    documents = [*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")]
    links = [
        (file, link)
        for file in documents
        for link in re.findall(r"\]\((?!https?://|#)([^)#]+)", file.read_text("utf-8"))
    ]
    assert links
    assert [f"{file.name}: {link}" for file, link in links if not (file.parent / link).exists()] == []


def test_one_apt_line_everywhere() -> None:
    """What the engine itself asks for is part of it; the lists come first where an image may lack them."""
    setup = (ROOT / ".ci" / "setup").read_text("utf-8")
    packages = re.search(r'^packages="(.*)"$', setup, re.MULTILINE)
    assert packages
    for name in ("README.md", "docs/install.md"):
        assert f"sudo apt install {packages[1]}" in (ROOT / name).read_text("utf-8"), name
    assert set(CURE.removeprefix("sudo apt install ").split()) < set(packages[1].split())
    assert "sudo apt update && sudo apt install $packages" in setup
    assert f"sudo apt update && sudo apt install {packages[1]}" in (ROOT / "docs/install.md").read_text("utf-8")


def test_constraints_pin_every_dependency() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    wanted = [
        *project["dependencies"],
        *(name for extra in project["optional-dependencies"].values() for name in extra),
    ]
    lines = (ROOT / "constraints.txt").read_text("utf-8").splitlines()
    pinned = [line.split("==")[0].lower() for line in lines if not line.startswith("#")]
    names = {re.split(r"[\[<>=]", name)[0].lower() for name in wanted} - {"diorama"}
    assert names - set(pinned) == set()
    assert all(first < second for first, second in pairwise(pinned)), "sorted, each once"


@pytest.mark.slow
def test_a_wheel_carries_shaders_and_scenes_and_nothing_strange(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "pip", "wheel", "--quiet", "--no-deps", "--wheel-dir", str(tmp_path), str(ROOT)]
    subprocess.run(command, check=True, env={**os.environ, "PIP_DISABLE_PIP_VERSION_CHECK": "1"})
    (wheel,) = tmp_path.glob("*.whl")
    names = {name for name in zipfile.ZipFile(wheel).namelist() if "/__pycache__/" not in name}
    for folder in ("shaders", "scenes"):
        here = ROOT / folder
        assert {f"diorama/{file.relative_to(ROOT)}" for file in here.rglob("*") if file.is_file()} <= names
    assert {f"diorama/{file.relative_to(PACKAGE)}" for file in SOURCES} <= names
    assert "diorama/py.typed" in names
    assert {name.split("/")[0] for name in names} == {"diorama", f"diorama-{wheel.name.split('-')[1]}.dist-info"}


def test_resources_are_found_beside_the_checkout() -> None:
    assert resources.shaders() == ROOT / "shaders"
    assert resources.scenes() == ROOT / "scenes"
