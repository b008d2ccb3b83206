"""Viewing copies: playable, upright, and each picture and sound at its own time."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fairwitness.kernel.child import read_media
from tests.conftest import shared
from tests.media.recordings import frame_times_ms, tone, turned, video


def copy(path: Path, to: Path) -> dict[str, Any]:
    with path.open("rb") as source:
        return read_media("viewing_copy", source, {"copy": to})


def probe(path: Path) -> dict[str, Any]:
    with path.open("rb") as source:
        return read_media("probe", source)


@pytest.mark.parametrize(
    ("name", "codec"),
    [
        ("clip.mkv", "libx265"),
        ("clip.avi", "mpeg4"),
        ("clip.mov", "mjpeg"),
        ("clip.mkv", "ffv1"),
        ("clip.ts", "libx264"),
    ],
)
def test_it_works(tmp_path: Path, name: str, codec: str) -> None:
    source = video(tmp_path / name, range(0, 2000, 40), codec=codec)
    assert not probe(source)["browser_playable"]
    made = copy(source, tmp_path / "copy.mp4")
    assert (made["frames"], made["dropped"], made["faults"], made["timing"]) == (50, 0, 0, "in_file")
    assert made["size"] == (tmp_path / "copy.mp4").stat().st_size
    found = probe(tmp_path / "copy.mp4")
    assert found["browser_playable"]
    assert found["streams"][0]["codec_tag"] == "avc1"
    assert found["frame_format"] == "yuv420p"
    assert frame_times_ms(tmp_path / "copy.mp4") == list(range(0, 2000, 40))


def test_plain_mp4_and_not_in_fragments(tmp_path: Path) -> None:
    copy(video(tmp_path / "clip.mkv", range(0, 400, 40)), tmp_path / "copy.mp4")
    content = (tmp_path / "copy.mp4").read_bytes()
    assert b"moov" in content
    assert b"moof" not in content


def test_variable_times_are_kept(tmp_path: Path) -> None:
    times = [0, 40, 95, 120, 700, 701, 760, 3000, 3040]
    source = video(tmp_path / "clip.mkv", times, codec="libx265")
    made = copy(source, tmp_path / "copy.mp4")
    assert made["dropped"] == 0
    assert frame_times_ms(tmp_path / "copy.mp4") == times


def test_each_picture_keeps_its_place(tmp_path: Path) -> None:
    source = video(tmp_path / "clip.mkv", range(0, 1000, 40), codec="libx265")
    copy(source, tmp_path / "copy.mp4")
    with av.open(str(source)) as before, av.open(str(tmp_path / "copy.mp4")) as after:
        for old, new in zip(before.decode(video=0), after.decode(video=0), strict=True):
            difference = old.to_ndarray(format="gray").astype(int) - new.to_ndarray(format="gray").astype(int)
            assert np.abs(difference).mean() < 4


def test_raw_stream_is_shown_at_25_a_second(tmp_path: Path) -> None:
    source = video(tmp_path / "clip.h265", range(0, 1000, 33), codec="libx265", container="hevc")
    made = copy(source, tmp_path / "copy.mp4")
    assert (made["timing"], made["frames"]) == ("assumed_25_fps", 31)
    assert frame_times_ms(tmp_path / "copy.mp4") == list(range(0, 31 * 40, 40))


def test_turned_recording_stands_upright(tmp_path: Path) -> None:
    source = turned(video(tmp_path / "clip.mp4", range(0, 400, 40), codec="libx265"))
    made = copy(source, tmp_path / "copy.mp4")
    assert (made["width"], made["height"]) == (180, 320)
    with av.open(str(tmp_path / "copy.mp4")) as container:
        frame = next(container.decode(video=0))
        assert frame.rotation == 0
        shown = frame.to_ndarray(format="gray").astype(int)
    assert shown[:6].mean() > shown[20:].mean() + 50


def test_large_picture_is_made_smaller(tmp_path: Path) -> None:
    source = video(tmp_path / "clip.mkv", [0, 40], codec="libx265", size=(3840, 2160))
    made = copy(source, tmp_path / "copy.mp4")
    assert (made["width"], made["height"]) == (1920, 1080)


def test_odd_sides_become_even(tmp_path: Path) -> None:
    source = video(tmp_path / "clip.mkv", [0, 40, 80], codec="mpeg4", size=(321, 181))
    made = copy(source, tmp_path / "copy.mp4")
    assert (made["width"], made["height"]) == (320, 180)
    assert probe(tmp_path / "copy.mp4")["browser_playable"]


def test_sound_keeps_its_time_and_a_hole_is_silent(tmp_path: Path) -> None:
    """Sound from second 1 to 2 and from 4 to 5, as when a microphone was muted; the copy has both where they were."""
    path = tmp_path / "clip.mkv"
    with av.open(str(path), "w") as output:
        picture = output.add_stream("mpeg4", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = output.add_stream("pcm_s16le", rate=16_000, layout="mono")
        loud = np.resize(np.array([12_000, -12_000], np.int16), (1, 1600))
        for number in range(150):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts = number
            output.mux(picture.encode(frame))
        for tenth in (*range(10, 20), *range(40, 50)):
            part = av.AudioFrame.from_ndarray(loud, format="s16", layout="mono")
            part.sample_rate, part.pts = 16_000, tenth * 1600
            output.mux(sound.encode(part))
        output.mux(picture.encode(None))
    made = copy(path, tmp_path / "copy.mp4")
    assert made["has_sound"]
    with (tmp_path / "copy.mp4").open("rb") as source:
        wave = read_media("waveform", source, {"picture": tmp_path / "w.png"}, options={"columns": 60})
    assert wave["length_ms"] in range(5900, 6200)
    heard = [index for index, peak in enumerate(wave["peaks"]) if peak > 40]
    # Half a tenth of a second is less than one picture and the coder's own spread.
    assert set(range(11, 19)) <= set(heard) <= set(range(9, 21)) | set(range(39, 51))
    assert set(range(41, 49)) <= set(heard)


def test_sound_alone(tmp_path: Path) -> None:
    made = copy(tone(tmp_path / "tone.aiff", 2), tmp_path / "copy.mp4")
    assert (made["frames"], made["has_sound"]) == (0, True)
    found = probe(tmp_path / "copy.mp4")
    assert found["browser_playable"]
    assert abs(found["found_ms"] - 2000) <= 40


def test_real_raw_hevc(tmp_path: Path) -> None:
    made = copy(shared("data/video/MOT17-13-SDP-raw.h265"), tmp_path / "copy.mp4")
    assert (made["frames"], made["timing"], made["length_ms"]) == (750, "assumed_25_fps", 30_000)
    assert probe(tmp_path / "copy.mp4")["browser_playable"]


def test_nothing_to_copy(tmp_path: Path) -> None:
    made = copy(shared("data/odd_media/mp4parse/mp4parse_capi/short-cenc.mp4"), tmp_path / "copy.mp4")
    assert (made["made"], made["reason_code"]) == (False, "nothing_decodes")
    assert not (tmp_path / "copy.mp4").exists()
