"""What the probe finds in recordings whose every property is known."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest

from fairwitness.kernel.child import read_media
from fairwitness.media.clock import recorded_at
from fairwitness.media.decode import frame_digest
from fairwitness.media.protection import is_encrypted
from fairwitness.media.source import HandedFile, SourceBytes
from tests.conftest import shared
from tests.media.recordings import tone, turned, video


def probe(path: Path) -> dict[str, Any]:
    with path.open("rb") as source:
        return read_media("probe", source)


def test_it_works() -> None:
    """A body-worn recording as a department published it."""
    untrusted = probe(shared("data/bwc/bodycam-video2.mp4"))
    assert untrusted["readable"]
    assert untrusted["browser_playable"]
    assert untrusted["reason_code"] is None
    assert (untrusted["declared_ms"], untrusted["found_ms"]) == (54997, 54997)
    assert (untrusted["frames_decoded"], untrusted["video_faults"], untrusted["decoded"]) == (1644, 0, "all")
    assert (untrusted["main_video"], untrusted["main_audio"]) == (0, 1)
    picture, sound = untrusted["streams"]
    assert (picture["codec"], picture["width"], picture["height"]) == ("h264", 578, 424)
    assert picture["frame_rate"] == [30000, 1001]
    assert (sound["codec"], sound["sample_rate"], sound["channels"]) == ("aac", 48000, 2)
    assert untrusted["recorded_at"] == {
        "text": "2015-12-02T20:16:22.000000Z",
        "tag": "creation_time",
        "utc": "2015-12-02T20:16:22.000000Z",
        "zone": "Z",
        "clock": "device_utc",
        "why": "utc_in_file",
    }


def test_constant_rate(tmp_path: Path) -> None:
    untrusted = probe(video(tmp_path / "clip.mp4", range(0, 2000, 40)))
    stream = untrusted["streams"][0]
    assert (stream["variable"], stream["gap_count"], stream["backward"]) == (False, 0, 0)
    assert stream["packets"] == untrusted["frames_decoded"] == 50
    assert untrusted["found_ms"] == 2000
    assert untrusted["timing"] == "in_file"


def test_variable_rate(tmp_path: Path) -> None:
    times = [number * 40 + (number % 3) * 11 for number in range(50)]
    assert probe(video(tmp_path / "clip.mkv", times))["streams"][0]["variable"]


def test_gap(tmp_path: Path) -> None:
    times = [*range(0, 1000, 40), *range(6000, 7000, 40)]
    stream = probe(video(tmp_path / "clip.mkv", times))["streams"][0]
    assert stream["gap_count"] == 1
    assert stream["gaps"] == [{"at_ms": 1000, "length_ms": 5000}]
    assert not stream["variable"]


def test_rotation(tmp_path: Path) -> None:
    straight = video(tmp_path / "clip.mp4", range(0, 400, 40))
    assert probe(straight)["rotation"] == 0
    assert probe(turned(straight))["rotation"] == 90


def test_raw_stream_has_no_times(tmp_path: Path) -> None:
    untrusted = probe(video(tmp_path / "clip.h264", range(0, 1000, 40), container="h264"))
    assert untrusted["readable"]
    assert untrusted["timing"] == "assumed_25_fps"
    assert untrusted["found_ms"] == 1000
    assert not untrusted["browser_playable"]


def test_sound_alone(tmp_path: Path) -> None:
    untrusted = probe(tone(tmp_path / "tone.wav", 2))
    assert untrusted["readable"]
    assert untrusted["browser_playable"]
    assert (untrusted["main_video"], untrusted["main_audio"]) == (None, 0)
    assert untrusted["found_ms"] == 2000
    assert untrusted["first_frame"] is None


def test_second_tracks_are_named(tmp_path: Path) -> None:
    path = tmp_path / "two.mkv"
    with av.open(str(path), "w") as output:
        for width, name in ((64, "small"), (320, "large")):
            stream = output.add_stream("libx264", rate=25)
            stream.width, stream.height, stream.pix_fmt = width, 64, "yuv420p"
            stream.metadata["title"] = name
        for number in range(10):
            for stream in output.streams.video:
                frame = av.VideoFrame(stream.width, 64, "yuv420p")
                frame.pts = number
                output.mux(stream.encode(frame))
        for stream in output.streams.video:
            output.mux(stream.encode(None))
    untrusted = probe(path)
    assert [stream["name"] for stream in untrusted["streams"]] == ["small", "large"]
    assert untrusted["main_video"] == 1


def test_data_track_is_named() -> None:
    untrusted = probe(shared("data/odd_media/androidx/mp4/sample_with_chapters.mp4"))
    assert [stream["kind"] for stream in untrusted["streams"]] == ["video", "audio", "data"]
    assert untrusted["streams"][2]["name"] == "SubtitleHandler"


def test_digest_of_the_first_picture(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", range(0, 400, 40))
    with av.open(str(path)) as container:
        frame = next(container.decode(video=0))
        pixels = frame.to_ndarray(format="yuv420p")
    assert frame.planes[0].line_size > 0
    assert probe(path)["first_frame"] == "sha256:" + hashlib.sha256(pixels.tobytes()).hexdigest()


@pytest.mark.parametrize(
    "pixel_format", ["gray", "rgb24", "rgba", "yuv444p", "nv12", "yuyv422", "gray16le", "yuv420p10le"]
)
def test_digest_leaves_out_what_pads_the_rows(pixel_format: str) -> None:
    rng = np.random.default_rng(7)
    rgb = rng.integers(0, 255, (34, 46, 3), dtype=np.uint8)
    frame = av.VideoFrame.from_ndarray(rgb, format="rgb24").reformat(format=pixel_format)
    # Such a width is padded to 64 bytes and more; to_ndarray packs rows.
    assert any(plane.line_size % 46 for plane in frame.planes)
    packed = np.ascontiguousarray(frame.to_ndarray()).tobytes()
    assert frame_digest(frame) == "sha256:" + hashlib.sha256(packed).hexdigest()


def test_cut_recording_is_read_as_far_as_it_goes(tmp_path: Path) -> None:
    whole = video(tmp_path / "clip.mkv", range(0, 4000, 40))
    cut = tmp_path / "cut.mkv"
    cut.write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    untrusted = probe(cut)
    assert untrusted["readable"]
    assert 10 < untrusted["frames_decoded"] < 100
    assert untrusted["found_ms"] < untrusted["declared_ms"] == 4000


def test_mp4_without_its_index_says_why(tmp_path: Path) -> None:
    whole = video(tmp_path / "clip.mp4", range(0, 4000, 40))
    (tmp_path / "cut.mp4").write_bytes(whole.read_bytes()[: whole.stat().st_size // 2])
    untrusted = probe(tmp_path / "cut.mp4")
    assert not untrusted["readable"]
    assert untrusted["reason"]


def test_faults_in_between_are_counted(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", range(0, 4000, 40))
    content = bytearray(path.read_bytes())
    middle = content.index(b"mdat") + 2000
    content[middle : middle + 1500] = bytes(1500)
    path.write_bytes(content)
    untrusted = probe(path)
    assert untrusted["readable"]
    assert untrusted["video_faults"] > 0
    assert untrusted["frames_decoded"] > 50
    assert not untrusted["browser_playable"]


@pytest.mark.parametrize(
    ("content", "reason"),
    [(b"", "empty"), (b"a letter to the mayor " * 500, "not_media"), (bytes(100_000), "not_media")],
)
def test_what_is_no_recording(tmp_path: Path, content: bytes, reason: str) -> None:
    (tmp_path / "file").write_bytes(content)
    untrusted = probe(tmp_path / "file")
    assert (untrusted["readable"], untrusted["reason_code"]) == (False, reason)


def test_a_playlist_leads_nowhere(tmp_path: Path) -> None:
    video(tmp_path / "secret.mp4", range(0, 400, 40))
    (tmp_path / "list.m3u8").write_text(f"#EXTM3U\n#EXTINF:1,\n{tmp_path}/secret.mp4\n#EXT-X-ENDLIST\n")
    (tmp_path / "list.txt").write_text(f"ffconcat version 1.0\nfile {tmp_path}/secret.mp4\n")
    for name in ("list.m3u8", "list.txt"):
        untrusted = probe(tmp_path / name)
        assert not untrusted["readable"]
        assert untrusted["frames_decoded"] == 0


def test_protection_is_read_from_the_index_alone(tmp_path: Path) -> None:
    path = tmp_path / "file"
    scheme = b"schm\0\0\0\0cenc"
    box = (8 + len(scheme)).to_bytes(4, "big")
    for content, encrypted in (
        (box + b"moov" + scheme, True),
        (box + b"mdat" + scheme, False),
        (box + b"mdat" + scheme + box + b"moov" + scheme, True),
        (b"\0\0\0\1moov" + bytes(8) + scheme, True),
        (b"\xff\xff\xff\xffmoov" + scheme, True),
        (b"\0\0\0\1mdat" + b"\xff" * 8 + scheme, False),
        (b"", False),
    ):
        path.write_bytes(content)
        with path.open("rb") as source:
            assert is_encrypted(SourceBytes(HandedFile(source.fileno()))) is encrypted, content


NOW = datetime(2024, 6, 1, tzinfo=UTC)


APPLE = "com.apple.quicktime.creationdate"


@pytest.mark.parametrize(
    ("tag", "text", "utc", "zone", "clock", "why"),
    [
        (
            "creation_time",
            "2024-05-01T12:00:00.000000Z",
            "2024-05-01T12:00:00",
            "Z",
            "device_utc",
            "utc_in_file",
        ),
        (
            "creation_time",
            "1904-01-01T00:00:00Z",
            "1904-01-01T00:00:00",
            "Z",
            "container_default",
            "time_never_set",
        ),
        (
            "creation_time",
            "1970-01-01T00:00:05Z",
            "1970-01-01T00:00:05",
            "Z",
            "container_default",
            "time_never_set",
        ),
        (
            "creation_time",
            "1985-03-03T09:46:40Z",
            "1985-03-03T09:46:40",
            "Z",
            "implausible",
            "before_body_worn_video",
        ),
        ("creation_time", "2036-02-07T06:28:16Z", "2036-02-07T06:28:16", "Z", "implausible", "in_the_future"),
        (APPLE, "2024-05-01T14:00:00+0200", "2024-05-01T12:00:00", "+02:00", "device_local", "zone_in_file"),
        ("DATE", "2024-05-01 14:00:00", None, None, "device_local", "zone_unknown"),
        ("date", "2024", None, None, "device_local", "not_a_full_time"),
        ("Creation Date", "6/14/2000 10:03:18", None, None, "device_local", "not_a_full_time"),
        ("creation_time", "2024-13-01T12:00:00Z", None, None, "device_local", "not_a_full_time"),
        ("title", "2024-05-01T12:00:00Z", None, None, "absent", "no_time_in_file"),
    ],
)
def test_clock(tag: str, text: str, utc: str | None, zone: str | None, clock: str, why: str) -> None:
    found = recorded_at([{tag: text}], NOW)
    assert found == {
        "text": None if clock == "absent" else text,
        "tag": None if clock == "absent" else tag.lower(),
        "utc": utc and f"{utc}.000000Z",
        "zone": zone,
        "clock": clock,
        "why": why,
    }


def test_clock_prefers_the_device_and_the_container() -> None:
    apple = {"com.apple.quicktime.creationdate": "2024-05-01T14:00:00+0200"}
    container = {"creation_time": "2024-05-01T12:00:01Z"}
    stream = {"creation_time": "2024-05-01T12:00:02Z"}
    assert recorded_at([container, stream], NOW)["text"] == container["creation_time"]
    assert recorded_at([container, stream, apple], NOW)["zone"] == "+02:00"


def test_clock_of_a_real_file(tmp_path: Path) -> None:
    path = video(tmp_path / "clip.mp4", range(0, 400, 40), tags={"creation_time": "2024-05-01T12:00:00Z"})
    found = probe(path)["recorded_at"]
    assert (found["utc"], found["clock"]) == ("2024-05-01T12:00:00.000000Z", "device_utc")


@pytest.mark.parametrize(
    ("name", "codec", "plays"),
    [
        ("clip.mp4", "libx264", True),
        ("clip.mp4", "libx265", False),
        ("clip.mov", "libx264", False),
        ("clip.mkv", "libx264", False),
        ("clip.webm", "libvpx", True),
        ("clip.avi", "mpeg4", False),
        ("clip.ts", "libx264", False),
    ],
)
def test_what_a_browser_plays(tmp_path: Path, name: str, codec: str, plays: bool) -> None:
    untrusted = probe(video(tmp_path / name, range(0, 400, 40), codec=codec))
    assert untrusted["readable"]
    assert untrusted["browser_playable"] is plays
