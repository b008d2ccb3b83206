"""What reading found, in words: every stream by name, lengths compared, nothing said of bytes that are no recording."""

from typing import Any

import pytest

from fairwitness.evidence.pages import found

STREAM: dict[str, Any] = {
    "kind": "video",
    "codec": "h264",
    "name": None,
    "width": 854,
    "height": 480,
    "frame_rate": [24, 1],
    "variable": False,
    "sample_rate": None,
    "channels": None,
    "meaning": None,
}
SAID: dict[str, Any] = {
    "container": ["mov", "mp4", "m4a"],
    "streams": [{**STREAM, "index": 0}],
    "stream_count": 1,
    "main_video": 0,
    "main_audio": None,
    "declared_ms": 8000,
    "found_ms": 8000,
    "timing": "in_file",
    "rotation": 0,
    "recorded_at": {"text": None},
    "packet_faults": 0,
    "video_faults": 0,
    "audio_faults": 0,
    "first_frame": None,
}


def words(**changed: Any) -> dict[str, str]:
    """The facts as they are shown: by label, with the hint behind the value."""
    rows = found.rows({**SAID, **changed})
    return {row["label"]: f"{row.get('value')} {row.get('hint') or ''}".strip() for row in rows}


def test_it_works() -> None:
    assert words() == {
        "File": "MP4",
        "Picture": "H.264, 854 × 480, 24 frames a second",
        "Length": "8.000 s",
        "Soundness": "Read without a fault",
    }


def test_nothing_is_said_of_what_is_no_recording() -> None:
    assert found.rows({**SAID, "container": [], "streams": [], "stream_count": 0}) == []


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"frame_rate": [30000, 1001]}, "H.264, 854 × 480, 29.97 frames a second"),
        ({"frame_rate": [20, 1], "variable": True}, "H.264, 854 × 480, about 20 frames a second, varying"),
        ({"codec": None, "width": None, "frame_rate": None}, "not recognised"),
    ],
)
def test_a_picture(changed: dict[str, Any], said: str) -> None:
    assert words(streams=[{**STREAM, "index": 0, **changed}])["Picture"] == said


def test_second_tracks_and_data_are_named() -> None:
    sound = {**STREAM, "kind": "audio", "codec": "aac", "sample_rate": 48000, "channels": 2}
    streams = [
        {**STREAM, "index": 0},
        {**sound, "index": 1},
        {**sound, "index": 2, "codec": "opus", "channels": 1, "name": "driver"},
        {**STREAM, "index": 3, "kind": "data", "codec": "klv", "meaning": "telemetry"},
    ]
    said = words(streams=streams, stream_count=4, main_audio=1)
    assert said["Sound"] == "AAC, two channels, 48 kHz"
    assert said["Second sound"] == "Opus, one channel, 48 kHz driver · kept, not shown in the player"
    assert said["Data"] == "klv, position and movement of the camera kept, not shown in the player"


def test_lengths_that_differ_are_both_told() -> None:
    assert words(declared_ms=61_000, found_ms=59_500)["Length"] == "59.500 s the file states 1 min 1.000 s"
    assert words(declared_ms=8010)["Length"] == "8.000 s"
    assert words(found_ms=None)["Length"] == "8.000 s, as the file states"


def test_faults_turns_and_assumed_times_are_told() -> None:
    said = words(packet_faults=1, video_faults=2, rotation=90, timing="assumed_25_fps")
    assert said["Soundness"] == "3 faults while reading"
    assert said["Picture"].endswith("turned by 90°")
    assert "25 frames a second are assumed" in said["Timing"]
