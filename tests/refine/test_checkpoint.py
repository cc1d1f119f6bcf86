"""Damaged and foreign checkpoints: one clear error that names file, expectation and value."""

import json
import shutil
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import pytest

from diorama.errors import CheckpointError, OutputError
from diorama.refine import checkpoint as room
from diorama.refine.checkpoint import CONFIG, MODEL, WEIGHTS, advice, load, load_config, shader_hash


@pytest.fixture
def folder(checkpoint: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(checkpoint, tmp_path / "tiny"))


def rewrite(**changes: object) -> Callable[[Path], None]:
    """Change fields of the config: ``hidden=9``, ``training__seed=-1``; None takes one away."""

    def change(folder: Path) -> None:
        config = json.loads((folder / CONFIG).read_text("utf-8"))
        for path, value in changes.items():
            *parents, name = path.split("__")
            place = config
            for parent in parents:
                place = place[parent]
            place.pop(name) if value is None else place.update({name: value})
        (folder / CONFIG).write_text(json.dumps(config), "utf-8")

    return change


def cut(name: str) -> Callable[[Path], None]:
    return lambda folder: (folder / name).write_bytes((folder / name).read_bytes()[:-100])


def grow(name: str, size: int) -> Callable[[Path], None]:
    def change(folder: Path) -> None:
        with (folder / name).open("r+b") as file:
            file.truncate(size)

    return change


def replace(name: str, content: bytes) -> Callable[[Path], None]:
    """Put a foreign file in, and its hash into the config."""

    def change(folder: Path) -> None:
        (folder / name).write_bytes(content)
        key = {MODEL: "files__model", WEIGHTS: "files__weights"}[name]
        rewrite(**{key: sha256(content).hexdigest()})(folder)

    return change


def test_a_whole_checkpoint_is_small(folder: Path) -> None:
    found = load(folder)
    assert (found.config.tier, found.config.channels, found.config.hidden) == ("tiny", (24, 32, 48), 8)
    assert found.model == (folder / MODEL).read_bytes()
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1e6
    assert sorted(path.name for path in folder.iterdir()) == [CONFIG, MODEL, WEIGHTS]


@pytest.mark.parametrize(
    ("damage", "place", "message"),
    [
        (lambda folder: shutil.rmtree(folder), CONFIG, "expected a readable file of a refiner, got: No such file"),
        (lambda folder: (folder / MODEL).unlink(), MODEL, "expected a readable file of a refiner, got: No such file"),
        (lambda folder: (folder / CONFIG).write_text("{"), CONFIG, "expected valid JSON: EOF .*, got '{'"),
        (lambda folder: (folder / CONFIG).write_bytes(b"\xff"), CONFIG, "expected valid JSON"),
        (lambda folder: (folder / CONFIG).write_text("[]"), CONFIG, "expected an object, got \\[\\]"),
        (rewrite(hidden=9), f"{CONFIG}: hidden", "expected a multiple of 4, got 9"),
        (rewrite(hidden="8"), f"{CONFIG}: hidden", "expected a valid integer, got '8'"),
        (rewrite(channels=[24, 32]), f"{CONFIG}: channels.2", "expected this field, got none"),
        (rewrite(channels=[24, 32, 4096]), f"{CONFIG}: channels.2", "expected less than or equal to 1024, got 4096"),
        (rewrite(shaders="abc"), f"{CONFIG}: shaders", "got 'abc'"),
        (rewrite(preset=None), f"{CONFIG}: preset", "expected this field, got none"),
        (rewrite(pickle="x"), f"{CONFIG}: pickle", "expected no field of this name"),
        (rewrite(training__seed=-1), f"{CONFIG}: training.seed", "expected greater than or equal to 0, got -1"),
        (rewrite(format="x"), f"{CONFIG}: format", "expected 'diorama refiner 1', got 'x'"),
        (cut(MODEL), MODEL, "expected the content with SHA-256 [0-9a-f]{64} that config.json names, got "),
        (grow(MODEL, 33 << 20), MODEL, "expected at most 33554432 bytes, got 34603008"),
        (grow(CONFIG, 65 << 10), CONFIG, "expected at most 65536 bytes, got 66560"),
    ],
)  # fmt: skip
def test_damage_is_named(folder: Path, damage: Callable[[Path], None], place: str, message: str) -> None:
    damage(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        load(folder)
    assert caught.value.place == f"{folder}/{place}"


@pytest.mark.parametrize(
    ("damage", "message"),
    [
        (cut(WEIGHTS), "expected the content with SHA-256"),
        (replace(WEIGHTS, b"\x80\x04K\x01."), "expected a safetensors file, got: "),
        (replace(WEIGHTS, b""), "expected a safetensors file, got: "),
        (
            rewrite(channels=[16, 24, 32]),
            r"expected .* of shape \(16, \d+, 3, 3\), torch.float32, got .*\(24, \d+, 3, 3\)",
        ),
    ],
)
def test_damaged_weights_are_named(folder: Path, damage: Callable[[Path], None], message: str) -> None:
    from diorama.refine.export import load_network

    damage(folder)
    with pytest.raises(CheckpointError, match=message) as caught:
        load_network(folder)
    assert caught.value.place == str(folder / WEIGHTS)


def test_foreign_weights_are_named(folder: Path) -> None:
    import torch
    from safetensors.torch import save

    from diorama.refine.export import load_network

    replace(WEIGHTS, save({"heads.weight": torch.zeros(1)}))(folder)
    with pytest.raises(CheckpointError, match=r"expected the tensors encode_fine.*, got 'heads.weight'"):
        load_network(folder)


def test_a_checkpoint_is_replaced_when_asked_for(folder: Path, tmp_path: Path) -> None:
    from refine.random_refiner import random_network

    from diorama.refine.checkpoint import Training
    from diorama.refine.export import save_checkpoint

    def write(to: Path, **options: object) -> None:
        training = Training(seed=5, steps=1, recipes=2)
        save_checkpoint(to, random_network(5), tier="tiny", preset="standard", training=training, **options)

    with pytest.raises(OutputError, match="exists already"):
        write(folder)
    write(folder, overwrite=True, report="# Report", strip=b"png")
    assert load_config(folder).training.seed == 5
    assert (folder / "report.md").read_text("utf-8") == "# Report"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match="it is not what this writer makes"):
        write(tmp_path / "other", overwrite=True)


def test_advice(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    config = load_config(folder)
    assert advice(config, "draft") == ""
    assert advice(config, "standard") == (
        "the refiner was trained on preset draft, this is standard; to train it anew: diorama train"
    )
    monkeypatch.setattr(room, "shader_hash", lambda: "0" * 64)
    assert "trained on other shaders than these; to train it anew" in advice(config, "draft")


def test_comments_and_spaces_do_not_change_the_shader_hash(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from diorama import resources

    shaders = Path(shutil.copytree(resources.shaders(), tmp_path / "shaders"))
    ours = shader_hash()
    monkeypatch.setattr(resources, "shaders", lambda: shaders)
    assert shader_hash() == ours
    file = shaders / "lib" / "brdf.glsl"
    file.write_text("// new words\n" + file.read_text("utf-8").replace("    ", "\t"), "utf-8")
    assert shader_hash() == ours
    file.write_text(file.read_text("utf-8") + "float twice(float x) { return 2.0 * x; }\n", "utf-8")
    assert shader_hash() != ours


def test_the_refiner_that_ships_loads(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    shipped = room.default_checkpoint()
    if shipped is not None:
        assert load(shipped).config.tier == "tiny"
        assert sum(path.stat().st_size for path in shipped.iterdir()) < 1e6
    monkeypatch.setattr(room, "DEFAULT", tmp_path / "none")
    assert room.default_checkpoint() is None
    chosen = [room.chosen_checkpoint(refine, "standard") for refine in (True, False, "x")]
    assert chosen == [None, None, Path("x")]


def test_the_refiner_that_ships_leaves_presets_alone_that_it_does_not_know(
    monkeypatch: pytest.MonkeyPatch, checkpoint: Path
) -> None:
    monkeypatch.setattr(room, "DEFAULT", checkpoint)
    assert room.chosen_checkpoint(True, "draft") == checkpoint  # the preset that this one says it was trained on
    assert room.chosen_checkpoint(True, "standard") is None
    assert room.chosen_checkpoint(checkpoint, "standard") == checkpoint
