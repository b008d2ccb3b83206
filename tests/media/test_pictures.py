"""Filmstrips, stills and waveforms: the right moment, the right way up, the right loudness."""

from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fairwitness.kernel.child import MediaRefused, read_media
from fairwitness.media import frames
from fairwitness.media.filmstrip import filmstrip
from fairwitness.media.source import HandedFile
from tests.media.recordings import tone, turned, video


def make(verb: str, path: Path, picture: Path, **options: int) -> dict[str, Any]:
    with path.open("rb") as source:
        return read_media(verb, source, {"picture": picture}, options=options)


def pixels(path: Path, pixel_format: str = "rgb24") -> "np.ndarray[Any, Any]":
    with av.open(str(path)) as container:
        return np.asarray(next(container.decode(video=0)).to_ndarray(format=pixel_format))


def column_of(tile: "np.ndarray[Any, Any]") -> int:
    """Where the bright column of `recordings.picture` begins, in pixels of the clip."""
    bright = tile[:, :, 0].astype(int).mean(axis=0)
    return int(round(float(np.flatnonzero(bright > 110).mean()) / tile.shape[1] * 320)) - 4


def test_filmstrip_shows_each_moment(tmp_path: Path) -> None:
    clip = video(tmp_path / "clip.mp4", range(0, 2800, 40))
    found = make("filmstrip", clip, tmp_path / "strip.jpg", tiles=7)
    assert (found["tile_width"], found["tile_height"]) == (160, 90)
    assert found["times_ms"] == [200, 600, 1000, 1400, 1800, 2200, 2600]
    strip = pixels(tmp_path / "strip.jpg")
    assert strip.shape == (90, 7 * 160, 3)
    for tile, at in enumerate(found["times_ms"]):
        assert abs(column_of(strip[:, tile * 160 : (tile + 1) * 160]) - at // 40 * 4) <= 3


def test_filmstrip_of_few_frames_has_few_tiles(tmp_path: Path) -> None:
    found = make("filmstrip", video(tmp_path / "clip.mp4", [0, 40, 80]), tmp_path / "strip.jpg")
    assert found["times_ms"] == [0, 40, 80]
    assert pixels(tmp_path / "strip.jpg").shape == (90, 3 * 160, 3)


def test_filmstrip_of_a_long_recording_seeks_key_frames(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(frames, "_SEQUENTIAL_BUDGET", 0)
    clip = video(tmp_path / "clip.mp4", range(0, 8000, 40), gop=25)
    with clip.open("rb") as source, (tmp_path / "strip.jpg").open("w+b") as strip:
        found = filmstrip(HandedFile(source.fileno()), strip.fileno(), tiles=4)
    with av.open(str(clip)) as container:
        keys = [
            round((packet.pts or 0) * packet.time_base * 1000)
            for packet in container.demux(video=0)
            if packet.is_keyframe and packet.size
        ]
    assert len(keys) < 20
    assert found["times_ms"] == [max(key for key in keys if key <= at) for at in (1000, 3000, 5000, 7000)]
    shown = pixels(tmp_path / "strip.jpg")
    for tile, at in enumerate(found["times_ms"]):
        assert abs(column_of(shown[:, tile * 160 : (tile + 1) * 160]) - at // 40 * 4 % 320) <= 3


def test_turned_recording_stands_upright(tmp_path: Path) -> None:
    clip = turned(video(tmp_path / "clip.mp4", range(0, 400, 40)))
    found = make("filmstrip", clip, tmp_path / "strip.jpg", tiles=1)
    assert (found["tile_width"], found["tile_height"]) == (90, 160)
    # Turned clockwise, the column at the left edge of frame 0 becomes a bar at the top.
    found = make("still", clip, tmp_path / "still.jpg", at_ms=0)
    assert (found["width"], found["height"]) == (180, 320)
    still = pixels(tmp_path / "still.jpg").astype(int)
    assert still[:6].mean() > still[20:].mean() + 50


def test_still_is_the_frame_shown_then(tmp_path: Path) -> None:
    clip = video(tmp_path / "clip.mp4", range(0, 2000, 40))
    for asked, shown in ((0, 0), (390, 360), (400, 400), (10**9, 1960)):
        picture = tmp_path / f"{asked}.jpg"
        found = make("still", clip, picture, at_ms=asked)
        assert found["at_ms"] == shown
        assert abs(column_of(pixels(picture)) - shown // 40 * 4) <= 3


def test_still_is_at_most_640_wide(tmp_path: Path) -> None:
    clip = video(tmp_path / "clip.mp4", range(0, 120, 40), size=(1280, 720))
    found = make("still", clip, tmp_path / "still.jpg")
    assert (found["width"], found["height"]) == (640, 360)
    assert pixels(tmp_path / "still.jpg").shape == (360, 640, 3)


def test_no_picture_of_sound_alone(tmp_path: Path) -> None:
    for verb in ("filmstrip", "still"):
        found = make(verb, tone(tmp_path / "tone.wav", 1), tmp_path / "picture.jpg")
        assert (found["made"], found["reason_code"]) == (False, "no_picture")


def test_waveform_follows_the_loudness(tmp_path: Path) -> None:
    found = make("waveform", tone(tmp_path / "tone.wav", 4, loud=0.5), tmp_path / "wave.png", columns=100)
    assert (found["sound"], found["length_ms"], len(found["peaks"])) == ("heard", 4000, 100)
    assert all(126 <= peak <= 128 for peak in found["peaks"][:49])
    assert found["peaks"][51:] == [0] * 49
    drawn = pixels(tmp_path / "wave.png", "rgba")
    assert drawn.shape == (120, 1600, 4)
    heights = (drawn[:, :, 3] > 0).sum(axis=0)
    assert heights[400] in range(57, 62)
    assert heights[1500] == 1
    assert (drawn[::-1][:-1, 400, 3] == drawn[1:, 400, 3]).all()


def test_waveform_lasts_as_long_as_the_picture(tmp_path: Path) -> None:
    path = tmp_path / "both.mkv"
    with av.open(str(path), "w") as output:
        picture = output.add_stream("libx264", rate=25)
        picture.width, picture.height, picture.pix_fmt = 64, 64, "yuv420p"
        sound = output.add_stream("pcm_s16le", rate=8000, layout="mono")
        for number in range(100):
            frame = av.VideoFrame(64, 64, "yuv420p")
            frame.pts = number
            output.mux(picture.encode(frame))
        output.mux(picture.encode(None))
        part = av.AudioFrame.from_ndarray(np.full((1, 8000), 20000, np.int16), format="s16", layout="mono")
        part.sample_rate, part.pts = 8000, 0
        output.mux(sound.encode(part))
    found = make("waveform", path, tmp_path / "wave.png", columns=40)
    assert found["length_ms"] == 4000
    assert [peak > 0 for peak in found["peaks"]] == [True] * 10 + [False] * 30


def test_silence_is_said(tmp_path: Path) -> None:
    found = make("waveform", tone(tmp_path / "tone.wav", 1, loud=0.0), tmp_path / "wave.png")
    assert (found["made"], found["sound"]) == (True, "silent")


def test_no_sound_is_said(tmp_path: Path) -> None:
    found = make("waveform", video(tmp_path / "clip.mp4", [0, 40]), tmp_path / "wave.png")
    assert (found["made"], found["reason_code"]) == (False, "no_sound")
    assert not (tmp_path / "wave.png").exists()


def test_absurd_number_of_tiles_is_refused(tmp_path: Path) -> None:
    clip = video(tmp_path / "clip.mp4", range(0, 16_000, 40))
    with pytest.raises(MediaRefused) as refusal:
        make("filmstrip", clip, tmp_path / "strip.jpg", tiles=300)
    assert refusal.value.reason_code == "malformed"
    assert not (tmp_path / "strip.jpg").exists()
