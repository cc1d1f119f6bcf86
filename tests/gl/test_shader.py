from __future__ import annotations

import re
from pathlib import Path

import pytest

from diorama import resources
from diorama.errors import ShaderError
from diorama.gl import bindings
from diorama.gl.device import Device
from diorama.gl.shader import ShaderSource, load_shader


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        path = folder / name.replace("__", "/").replace("_dot_", ".")
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    return folder


def test_an_include_is_put_in_once_wherever_it_is_asked_for(tmp_path: Path) -> None:
    write(
        tmp_path,
        a_dot_comp='#include "lib/b.glsl"\n#include "lib/c.glsl"\nvoid main() {}\n',
        lib__b_dot_glsl='#include "lib/c.glsl"\nint b;\n',
        lib__c_dot_glsl="int c;\n",
    )
    source = load_shader(tmp_path, "a.comp")
    assert source.files == ("a.comp", "lib/b.glsl", "lib/c.glsl")
    assert source.text.count("int c;") == 1
    assert source.text.index("int c;") < source.text.index("int b;") < source.text.index("void main")
    lines = source.text.splitlines()
    assert lines[lines.index("int b;") - 1] == "#line 100002"
    assert lines[lines.index("void main() {}") - 1] == "#line 3"


def test_a_circle_of_includes_ends(tmp_path: Path) -> None:
    write(tmp_path, a_dot_comp='#include "a.comp"\nint a;\n')
    assert load_shader(tmp_path, "a.comp").text.count("int a;") == 1


def test_defines_come_first_in_a_fixed_order(tmp_path: Path) -> None:
    write(tmp_path, a_dot_comp="int a = X;\n")
    text = load_shader(tmp_path, "a.comp", {"Y": 2, "X": 1}).text
    assert text.startswith("#version 450 core\n#define X 1\n#define Y 2\n#line 1\n")


def test_a_missing_include_names_who_asked(tmp_path: Path) -> None:
    write(tmp_path, a_dot_comp='int a;\n#include "lib/none.glsl"\n')
    with pytest.raises(ShaderError, match=re.escape("a.comp:2: no shader file 'lib/none.glsl'")):
        load_shader(tmp_path, "a.comp")


@pytest.mark.parametrize(
    "line",
    [
        "ERROR: 0:100007: 'x' : undeclared",
        "0:100007(12): error: `x' undeclared",
        "0(100007) : error C1503: undefined x",
    ],
)
def test_messages_of_three_drivers_lead_to_file_and_line(line: str) -> None:
    assert ShaderSource("", ("main.comp", "lib/x.glsl")).explain(line).startswith("lib/x.glsl:7: ")


def test_a_wrong_shader_names_its_file_and_line(tmp_path: Path, device: Device) -> None:
    folder = write(
        tmp_path,
        bad_dot_comp='layout(local_size_x = 1) in;\n#include "lib/x.glsl"\nvoid main() { f(); }\n',
        lib__x_dot_glsl="// one\n// two\nvoid f() { undeclared = 1; }\n",
        late_dot_comp='#include "lib/fine.glsl"\n\nlayout(local_size_x = 1) in;\nvoid main() { undeclared = 1; }\n',
        lib__fine_dot_glsl="int fine;\n",
        pair_dot_vert="void main() { gl_Position = vec4(0); }\n",
        pair_dot_frag="out vec4 c;\nvoid main() { c = undeclared; }\n",
        turned_dot_vert="void main() {\n  gl_Position = undeclared;\n}\n",
        turned_dot_frag="out vec4 c;\nvoid main() { c = vec4(0); }\n",
    )
    with Device("software", shaders=folder) as own:
        for call, place in (
            (lambda: own.compute("bad"), "lib/x.glsl:3:"),
            (lambda: own.compute("late"), "late.comp:4:"),
            (lambda: own.raster("pair"), "pair.frag:2:"),
            (lambda: own.raster("turned"), "turned.vert:2:"),
        ):
            with pytest.raises(ShaderError, match=re.escape(place)) as caught:
                call()
            assert "undeclared" in str(caught.value)


def test_both_binding_tables_say_the_same() -> None:
    text = (resources.shaders() / "lib/bindings.glsl").read_text("utf-8")
    glsl = {name: int(value) for name, value in re.findall(r"^#define (\w+) (\d+)$", text, re.MULTILINE)}
    python = {name: value for name, value in vars(bindings).items() if name.isupper()}
    assert glsl == python
    assert bindings.MATERIAL_IMAGES + bindings.MATERIAL_BUCKETS <= 16


def test_every_library_file_says_what_it_provides() -> None:
    for path in (resources.shaders() / "lib").glob("*.glsl"):
        text = path.read_text("utf-8")
        assert text.startswith("// "), path.name
        assert "void main(" not in text, path.name
