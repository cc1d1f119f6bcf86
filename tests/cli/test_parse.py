"""Option texts: what they give, and the one error for each that is wrong."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.cli import parse
from diorama.errors import OptionError


def test_size() -> None:
    assert parse.size("1280x720") == (1280, 720)
    assert parse.size("1X16384") == (1, 16384)


@given(st.integers(1, 16384), st.integers(1, 16384))
@settings(deadline=None, max_examples=30)
def test_size_reads_what_is_written(width: int, height: int) -> None:
    assert parse.size(f"{width}x{height}") == (width, height)


WRONG_SIZES = ["", "640", "640x", "x480", "0x480", "640x0", "-1x2", "640*480", "16385x1", "6 4x4", "\u0661x2"]


@pytest.mark.parametrize("text", WRONG_SIZES)
def test_wrong_size(text: str) -> None:
    with pytest.raises(OptionError) as error:
        parse.size(text)
    wanted = "WIDTHxHEIGHT in pixels, each from 1 to 16384, as 1280x720"
    assert str(error.value) == f"--size: expected {wanted}, got {text!r}"


@pytest.mark.parametrize(
    ("text", "wanted"),
    [("10:20", range(10, 20)), ("0:48", range(48)), (":", range(48)), ("40:", range(40, 48)), (":1", range(1))],
)
def test_frames(text: str, wanted: range) -> None:
    assert parse.frames(text, 48) == wanted


@pytest.mark.parametrize("text", ["", "10", "20:10", "10:10", "0:49", "48:", "-1:4", "1:2:3", "a:b", "1.5:2"])
def test_wrong_frames(text: str) -> None:
    with pytest.raises(OptionError) as error:
        parse.frames(text, 48)
    wanted = "A:B with 0 <= A < B <= 48, the clip's frame count, as 0:48"
    assert str(error.value) == f"--frames: expected {wanted}, got {text!r}"


@pytest.mark.parametrize(
    ("text", "seconds"), [("2.5s", 2.5), ("0s", 0.0), (".5s", 0.5), ("3.s", 3.0), ("60", 2.5), ("60f", 2.5), ("0", 0.0)]
)
def test_moment_at_24_frames_a_second(text: str, seconds: float) -> None:
    assert parse.moment(text).at(24) == seconds


@pytest.mark.parametrize("text", ["", "s", "f", "2.5", "-1s", "1e3s", "nan", "2 s", "60ff", "infs"])
def test_wrong_moment(text: str) -> None:
    with pytest.raises(OptionError) as error:
        parse.moment(text)
    assert str(error.value) == f"--at: expected seconds as 2.5s, or a frame number as 60, got {text!r}"


def test_settings_split_at_the_first_equals_sign() -> None:
    given_texts = ["params.hue=0.3", "nodes.sign.text=a=b", "nodes.ball.material="]
    assert parse.settings(given_texts) == {"params.hue": "0.3", "nodes.sign.text": "a=b", "nodes.ball.material": ""}


@pytest.mark.parametrize("text", ["", "hue", "=1", "hu e=1"])
def test_wrong_setting(text: str) -> None:
    with pytest.raises(OptionError) as error:
        parse.settings([text])
    assert str(error.value) == f"--set: expected path=value, as params.hue=0.3, got {text!r}"


def test_a_path_is_set_once() -> None:
    with pytest.raises(OptionError, match=r"^--set: expected each path once, got 'a' twice$"):
        parse.settings(["a=1", "b=2", "a=3"])


def test_passes_come_in_table_order() -> None:
    assert parse.passes("normal, depth,normal") == ("depth", "normal")


@pytest.mark.parametrize("text", ["depht", "", "depth,,normal"])
def test_wrong_passes(text: str) -> None:
    with pytest.raises(OptionError, match=r"^--passes: expected one of color, refined, .*, got '(depht)?'$"):
        parse.passes(text)


@pytest.mark.parametrize("text", ["", "-1", "52", "1.0", "x", "1_0", "\uff19"])
def test_wrong_whole_number(text: str) -> None:
    with pytest.raises(OptionError) as error:
        parse.whole("--crf", text, 0, 51)
    assert str(error.value) == f"--crf: expected a whole number from 0 to 51, got {text!r}"


def test_whole_number_keeps_both_ends() -> None:
    assert [parse.whole("--crf", text, 0, 51) for text in ("0", "51")] == [0, 51]


def test_wrong_choice() -> None:
    with pytest.raises(OptionError, match=r"^--preset: expected one of draft, standard, got 'fast'$"):
        parse.one_of("--preset", "fast", ("draft", "standard"))
