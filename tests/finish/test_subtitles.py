"""SubRip files: what they say and when, and every way in which one can be wrong."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama.errors import AssetError, OptionError
from diorama.finish import finish
from diorama.finish.checked import check_finish
from diorama.finish.subrip import Cue, parse_subtitles, read_subtitles
from diorama.finish.text import text_coverage, wrapped
from diorama.scene.schema import Finish

TEXT = """1
00:00:01,000 --> 00:00:02,500
A <i>town</i>,
at last.

2
00:01:00.250 --> 01:00:00,000 X1:10 X2:20
{\\an8}<font color="#ff0000">Home</font>\u00a0\u2014 again

"""
SPAN = "a span '00:00:01,000 --> 00:00:02,500'"


def parsed(text):
    return list(parse_subtitles(text, "a.srt"))


def write(folder, text, encoding="utf-8"):
    (folder / "a.srt").write_bytes(text.encode(encoding))
    return Finish(tone="none", subtitles=folder / "a.srt")


def test_numbers_times_lines_and_styles():
    wanted = [Cue(1.0, 2.5, "A town,\nat last.", 1), Cue(60.25, 3600.0, "Home - again", 6)]
    assert parsed(TEXT) == wanted


@pytest.mark.parametrize("change", [("\n", "\r\n"), ("\n", "\r"), ("\n\n2", "\n\n\n\n2"), ("again\n\n", "again")])
def test_line_ends_and_empty_lines_do_not_matter(change):
    said = [(cue.start, cue.end, cue.text) for cue in parsed(TEXT.replace(*change))]
    assert said == [(cue.start, cue.end, cue.text) for cue in parsed(TEXT)]


@settings(deadline=None, max_examples=100)
@given(st.lists(st.tuples(st.integers(0, 3_000_000), st.integers(1, 100_000), st.sampled_from(["a", "b c", "1"]))))
def test_what_is_written_is_read(cues):
    def clock(ms):
        return f"{ms // 3_600_000:02}:{ms // 60_000 % 60:02}:{ms // 1000 % 60:02},{ms % 1000:03}"

    blocks = [f"{n}\n{clock(start)} --> {clock(start + span)}\n{text}\n" for n, (start, span, text) in enumerate(cues)]
    found = parsed("\n".join(blocks))
    assert [cue.text for cue in found] == [text for _, _, text in cues]
    np.testing.assert_allclose([(cue.start, cue.end) for cue in found], [(s / 1e3, (s + d) / 1e3) for s, d, _ in cues])


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("Hello\n", "a.srt:1: expected the number of a subtitle, got 'Hello'"),
        ("1\nHello", f"a.srt:2: expected {SPAN}, got 'Hello'"),
        ("1\n00:00:01 --> 00:00:02\nx", f"a.srt:2: expected {SPAN}, got '00:00:01 --> 00:00:02'"),
        ("1\n00:61:00,000 --> 00:62:00,000\nx", f"a.srt:2: expected {SPAN}, got '00:61:00,000 --> 00:62:00,000'"),
        (TEXT + "3", f"a.srt:10: expected {SPAN}, got 'the end of the file'"),
        (
            "1\n00:00:02,000 --> 00:00:02,000\nx",
            "a.srt:2: expected a span that ends after it starts, got '00:00:02,000 --> 00:00:02,000'",
        ),
    ],
)
def test_a_wrong_line_is_named(text, message):
    with pytest.raises(AssetError) as caught:
        parsed(text)
    assert str(caught.value) == message


def test_what_is_no_text_is_named_with_its_line(tmp_path):
    write(tmp_path, "1\n00:00:01,000 --> 00:00:02,000\ncaf\xe9\n", "latin-1")
    with pytest.raises(AssetError, match=r"a\.srt:3: expected UTF-8 text, got b'\\xe9'"):
        read_subtitles(str(tmp_path / "a.srt"))
    with pytest.raises(AssetError, match=r"b\.srt: expected a readable file of subtitles: No such file"):
        read_subtitles(str(tmp_path / "b.srt"))


def test_a_character_that_the_font_lacks_is_named_with_its_line(tmp_path):
    made = write(tmp_path, TEXT + "3\n00:00:01,000 --> 00:00:02,000\n日\n")
    with pytest.raises(OptionError, match=r"a\.srt:10: expected characters that the built-in font has, got '日'"):
        check_finish(made)


def test_a_byte_order_mark_is_no_text(tmp_path):
    write(tmp_path, TEXT, "utf-8-sig")
    assert read_subtitles(str(tmp_path / "a.srt"))[0].line == 1


def test_a_file_that_has_changed_is_read_again(tmp_path):
    import os

    write(tmp_path, TEXT)
    before = read_subtitles(str(tmp_path / "a.srt"))
    write(tmp_path, TEXT.replace("Home", "Away"))
    os.utime(tmp_path / "a.srt", (1, 1))
    assert read_subtitles(str(tmp_path / "a.srt")) != before


def test_it_is_shown_from_its_start_until_its_end_white_on_dark(tmp_path):
    made, grey = write(tmp_path, TEXT), np.full((180, 320, 3), 0.2, np.float32)
    plain = finish(grey, made, time=0.99)
    np.testing.assert_array_equal(plain, finish(grey, Finish(tone="none")))
    np.testing.assert_array_equal(plain, finish(grey, made, time=2.5))
    image = finish(grey, made, time=1.0)
    assert image.min() < 20
    assert image.max() > 220
    rows, columns = np.nonzero((image != plain).any(axis=2))
    assert 150 < rows.min() < rows.max() <= 172
    assert abs(columns.min() + columns.max() - 319) <= 4


def test_long_lines_are_broken_between_words():
    text = "one two three four five six seven eight nine ten"
    broken = wrapped(text, 20.0, 150)
    assert broken.replace("\n", " ") == text
    assert broken.count("\n") >= 2
    assert text_coverage(broken, 20.0).shape[1] <= 152
    assert wrapped("Donaudampfschifffahrt", 20.0, 10) == "Donaudampfschifffahrt"
    assert wrapped("a\nb", 20.0, 500) == "a\nb"


def test_an_outline_surrounds_the_letters():
    letters, outlined = text_coverage("Hill", 40.0), text_coverage("Hill", 40.0, 3)
    assert (outlined.shape[0] - letters.shape[0], outlined.shape[1] - letters.shape[1]) == (6, 6)
    assert (outlined[3:-3, 3:-3] >= letters - 0.02).all()
    assert outlined.sum() > 1.5 * letters.sum()
