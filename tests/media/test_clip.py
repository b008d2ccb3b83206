"""Clips: the very interval, its pictures and sound each at its time, copied where that can be and encoded where not."""

from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fairwitness.kernel.child import read_media
from tests.media.recordings import frame_times_ms, tone, turned, video


def cut(path: Path, to: Path, begins_ms: int, ends_ms: int, *, exact: int = 0) -> dict[str, Any]:
    with path.open("rb") as source:
        options = {"begins_ms": begins_ms, "ends_ms": ends_ms, "exact": exact}
        return read_media("clip", source, {"clip": to}, options=options)


def probe(path: Path) -> dict[str, Any]:
    with path.open("rb") as source:
        return read_media("probe", source)


def brightest(path: Path) -> list[int]:
    """For each picture, where its bright column stands: it moves four pixels a picture."""
    with av.open(str(path)) as container:
        return [
            int(np.argmax(frame.to_ndarray(format="gray")[90].astype(int))) // 4
            for frame in container.decode(video=0)
        ]


@pytest.fixture
def minute(tmp_path: Path) -> Path:
    """Ten seconds, 25 pictures in each; key frames also where the column jumps back, such as at 3.2 s."""
    return video(tmp_path / "long.mp4", range(0, 10_000, 40), gop=50)


def test_it_works(minute: Path, tmp_path: Path) -> None:
    """From the key frame before: packets as they were sealed, so every picture is the very same."""
    made = cut(minute, tmp_path / "clip.mp4", 5000, 6000)
    assert (made["made"], made["how"], made["cut_begins_ms"]) == (True, "copied", 3200)
    assert 6000 <= made["cut_ends_ms"] <= 6160
    assert made["size"] == (tmp_path / "clip.mp4").stat().st_size
    assert probe(tmp_path / "clip.mp4")["browser_playable"]
    assert frame_times_ms(tmp_path / "clip.mp4")[:3] == [0, 40, 80]
    with av.open(str(minute)) as before, av.open(str(tmp_path / "clip.mp4")) as after:
        old = [frame.to_ndarray() for frame in before.decode(video=0)][80:130]
        new = [frame.to_ndarray() for frame in after.decode(video=0)][:50]
    assert all(np.array_equal(a, b) for a, b in zip(old, new, strict=True))


def test_from_the_very_frame(minute: Path, tmp_path: Path) -> None:
    made = cut(minute, tmp_path / "clip.mp4", 5000, 6000, exact=1)
    assert (made["how"], made["cut_begins_ms"], made["cut_ends_ms"]) == ("encoded", 5000, 6000)
    assert (made["frames"], frame_times_ms(tmp_path / "clip.mp4")) == (25, list(range(0, 1000, 40)))
    places = brightest(tmp_path / "clip.mp4")
    assert abs(places[0] - 125 % 80) <= 2, "the picture at five seconds, and no other"
    assert probe(tmp_path / "clip.mp4")["browser_playable"]


@pytest.mark.parametrize(("begins", "ends"), [(0, 40), (0, 10_000), (9960, 10_000), (1, 9999), (3999, 4001)])
def test_at_the_edges(minute: Path, tmp_path: Path, begins: int, ends: int) -> None:
    for exact in (0, 1):
        to = tmp_path / f"clip{exact}.mp4"
        made = cut(minute, to, begins, ends, exact=exact)
        if not made["made"]:
            assert (exact, begins, ends) == (1, 3999, 4001) or made["reason_code"] == "nothing_decodes"
            continue
        assert made["cut_begins_ms"] <= begins
        assert made["cut_ends_ms"] <= 10_000
        assert made["frames"] == len(frame_times_ms(to))


@pytest.mark.parametrize(
    ("name", "codec"), [("clip.mkv", "libx265"), ("clip.avi", "mpeg4"), ("clip.ts", "libx264")]
)
def test_what_cannot_be_copied_is_encoded(tmp_path: Path, name: str, codec: str) -> None:
    source = video(tmp_path / name, range(0, 4000, 40), codec=codec)
    made = cut(source, tmp_path / "made.mp4", 1000, 2000)
    assert (made["how"], made["frames"], made["cut_begins_ms"]) == ("encoded", 25, 1000)
    assert probe(tmp_path / "made.mp4")["browser_playable"]


def test_a_raw_stream_counts_its_pictures(tmp_path: Path) -> None:
    source = video(tmp_path / "clip.h265", range(0, 2000, 40), codec="libx265", container="hevc")
    made = cut(source, tmp_path / "made.mp4", 1000, 1400)
    assert (made["how"], made["frames"]) == ("encoded", 10)


def test_sound_is_cut_with_the_picture(tmp_path: Path) -> None:
    """A beep from second 5 to 6 of ten stands from second 1 to 2 of a clip that begins at second 4."""
    path = with_beep(tmp_path / "beep.mp4")
    for exact in (0, 1):
        to = tmp_path / f"made{exact}.mp4"
        made = cut(path, to, 4000, 8000, exact=exact)
        assert made["has_sound"]
        loud = loudness(to)
        assert loud[1.5] > 10 * max(loud[0.5], loud[2.5], 1e-6), (exact, loud)


def test_sound_alone(tmp_path: Path) -> None:
    source = tone(tmp_path / "tone.wav", 4)
    made = cut(source, tmp_path / "made.mp4", 1000, 3000)
    assert (made["how"], made["frames"], made["has_sound"]) == ("encoded", 0, True)
    loud = loudness(tmp_path / "made.mp4")
    assert loud[0.5] > 10 * loud[1.5], "the second half of the tone is silent"


def test_what_is_turned_stays_upright(tmp_path: Path) -> None:
    source = turned(video(tmp_path / "clip.mp4", range(0, 2000, 40)))
    for exact in (0, 1):
        to = tmp_path / f"made{exact}.mp4"
        cut(source, to, 0, 1000, exact=exact)
        found = probe(to)
        lying = (found["frame_width"], found["frame_height"], found["rotation"])
        assert lying in {(320, 180, 90), (180, 320, 0)}


@pytest.mark.parametrize("content", [b"", b"not media at all", bytes(5000)])
def test_what_is_no_recording_is_refused_and_nothing_remains(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "bytes"
    path.write_bytes(content)
    assert not cut(path, tmp_path / "made.mp4", 0, 1000)["made"]
    assert not (tmp_path / "made.mp4").exists()


def with_beep(path: Path) -> Path:
    with av.open(str(path), "w") as output:
        picture: Any = output.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        picture.codec_context.gop_size = 50
        sound: Any = output.add_stream("aac", rate=16_000, layout="mono")
        for number in range(250):
            frame = av.VideoFrame.from_ndarray(np.full((64, 64, 3), number, np.uint8), format="rgb24")
            frame.pts = number
            output.mux(picture.encode(frame))
        for tenth in range(100):
            loud = np.sin(np.arange(1600) * 0.2) * (20_000 if 50 <= tenth < 60 else 0)
            part = av.AudioFrame.from_ndarray(loud.astype(np.int16)[None, :], format="s16", layout="mono")
            part.sample_rate, part.pts, part.time_base = 16_000, tenth * 1600, Fraction(1, 16_000)
            output.mux(sound.encode(part))
        output.mux(picture.encode(None))
        output.mux(sound.encode(None))
    return path


def loudness(path: Path) -> dict[float, float]:
    """How loud it is around each half second."""
    heard: dict[float, float] = {0.5: 0, 1.5: 0, 2.5: 0}
    with av.open(str(path)) as container:
        for frame in container.decode(audio=0):
            at = float((frame.pts or 0) * Fraction(frame.time_base or 0))
            for around in heard:
                if abs(at - around) < 0.2:
                    level = float(np.abs(frame.to_ndarray().astype(float)).mean())
                    heard[around] = max(heard[around], level)
    return heard
