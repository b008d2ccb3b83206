"""The clips are what they claim to be: read back here by PyAV, and by no code of ours that made them."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import av
import numpy as np
import pytest

from tests.clips import film, make_clips
from tests.clips.font import text_mask
from tests.clips.portrait import portrait_path


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    return make_clips.make_test_clips(tmp_path_factory.mktemp("clips"))


def _frames(path: Path) -> list[av.VideoFrame]:
    with av.open(str(path)) as container:
        return list(container.decode(video=0))


@pytest.mark.parametrize(
    "name",
    ["plain", "silent", "hevc", "avi", "raw_h264", "raw_h265", "many_tracks", "data_track", "long_name"],
)
def test_a_video_holds_48_frames_of_320_by_240(clips: dict[str, Path], name: str) -> None:
    frames = _frames(clips[name])
    assert len(frames) == 48
    assert {(frame.width, frame.height) for frame in frames} == {(320, 240)}


@pytest.mark.parametrize(
    ("name", "codecs"),
    [
        ("plain", ["h264", "aac"]),
        ("silent", ["h264"]),
        ("hevc", ["hevc", "aac"]),
        ("avi", ["mjpeg", "pcm_s16le"]),
        ("wav", ["pcm_s16le"]),
        ("mp3", ["mp3float"]),
    ],
)
def test_codecs_are_those_of_the_name(clips: dict[str, Path], name: str, codecs: list[str]) -> None:
    with av.open(str(clips[name])) as container:
        assert [stream.codec_context.name for stream in container.streams] == codecs


def test_no_two_files_have_the_same_bytes(clips: dict[str, Path]) -> None:
    assert len({path.read_bytes() for path in clips.values()}) == len(clips)


def test_the_picture_moves(clips: dict[str, Path]) -> None:
    first, *_, last = _frames(clips["plain"])
    assert np.abs(first.to_ndarray(format="gray").astype(int) - last.to_ndarray(format="gray")).max() > 60


def test_rotated_says_a_quarter_turn(clips: dict[str, Path]) -> None:
    assert abs(_frames(clips["rotated"])[0].rotation) == 90
    assert _frames(clips["plain"])[0].rotation == 0


def test_variable_rate_has_two_distances(clips: dict[str, Path]) -> None:
    times = [frame.time for frame in _frames(clips["variable_rate"])]
    steps = {
        round(b - a, 3) for a, b in zip(times, times[1:], strict=False) if a is not None and b is not None
    }
    assert steps == {0.02, 0.08}


def test_many_tracks_names_them(clips: dict[str, Path]) -> None:
    with av.open(str(clips["many_tracks"])) as container:
        kinds = [stream.type for stream in container.streams]
        languages = [stream.language for stream in container.streams.audio]
    assert kinds == ["video", "audio", "audio", "subtitle", "attachment"]
    assert languages == ["eng", "spa"]


def test_data_track_carries_positions(clips: dict[str, Path]) -> None:
    with av.open(str(clips["data_track"])) as container:
        data = [bytes(packet) for packet in container.demux() if packet.stream.type == "data" and packet.size]
    assert data == [b"42.3736,-71.1097,0", b"42.3736,-71.1097,1"]


@pytest.mark.parametrize(
    ("name", "created"),
    [
        ("plain", "2026-03-02"),
        ("clock_1970", "1970-01-01"),
        ("clock_2099", "2099-12-31"),
        ("clock_missing", None),
    ],
)
def test_creation_time(clips: dict[str, Path], name: str, created: str | None) -> None:
    with av.open(str(clips[name])) as container:
        found = container.metadata.get("creation_time")
    assert found is None if created is None else str(found).startswith(created)


@pytest.mark.parametrize("name", ["truncated", "random", "empty"])
def test_broken_ones_cannot_be_opened(clips: dict[str, Path], name: str) -> None:
    with pytest.raises(av.error.FFmpegError):
        _frames(clips[name])


def test_the_same_bytes_again(clips: dict[str, Path], tmp_path: Path) -> None:
    again = make_clips.make_test_clips(tmp_path)
    # Matroska draws its segment's identifier by lot.
    differing = [
        name
        for name in clips
        if name != "many_tracks" and clips[name].read_bytes() != again[name].read_bytes()
    ]
    assert differing == []


@pytest.fixture(scope="module")
def facts(tmp_path_factory: pytest.TempPathFactory) -> list[make_clips.ClipFacts]:
    return make_clips.demo_facts(tmp_path_factory.getbasetemp() / "never_made", count=20)


def test_facts_are_spread_over_two_weeks(facts: list[make_clips.ClipFacts]) -> None:
    assert len({fact.path for fact in facts}) == 20
    assert len({fact.started_at.date() for fact in facts}) >= 10
    assert facts[0].started_at >= datetime(2026, 2, 28, tzinfo=UTC)
    assert facts[-1].started_at < datetime(2026, 3, 14, 5, tzinfo=UTC)
    assert {8 <= fact.seconds <= 25 for fact in facts} == {True}
    assert not facts[0].path.parent.exists()


def test_facts_follow_from_the_seed(tmp_path: Path) -> None:
    once, again, other = (make_clips.demo_facts(tmp_path, count=2, seed=seed) for seed in (1, 1, 2))
    assert once == again
    assert [fact.plates for fact in once] != [fact.plates for fact in other]


def test_two_cameras_see_the_same_traffic_stop(facts: list[make_clips.ClipFacts]) -> None:
    by_incident: dict[str, list[make_clips.ClipFacts]] = {}
    for fact in facts:
        by_incident.setdefault(fact.incident, []).append(fact)
    pairs = [pair for pair in by_incident.values() if len(pair) == 2]
    assert [(stop.kind, window.kind) for stop, window in pairs] == [("traffic_stop", "driver")] * 2
    for stop, window in pairs:
        assert stop.camera != window.camera
        assert stop.started_at < window.started_at < stop.started_at + timedelta(seconds=stop.seconds)


@pytest.mark.parametrize("count", [0, 21])
def test_a_count_without_scenes_is_refused(tmp_path: Path, count: int) -> None:
    with pytest.raises(ValueError, match="between 1 and 20"):
        make_clips.demo_facts(tmp_path, count=count)


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> make_clips.ClipFacts:
    if not portrait_path().exists():
        pytest.skip("scikit-image's portrait is missing")
    return make_clips.make_demo_clips(tmp_path_factory.mktemp("demo"), count=1)[0]


@pytest.mark.slow
def test_a_demo_clip_is_small_and_true_to_its_facts(demo: make_clips.ClipFacts) -> None:
    with av.open(str(demo.path)) as container:
        assert [stream.codec_context.name for stream in container.streams] == ["h264", "aac"]
        assert container.metadata["creation_time"] == demo.started_at.strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        assert container.duration is not None
        assert abs(container.duration / 1e6 - demo.seconds) < 0.1
    assert demo.path.stat().st_size < 1_500_000


@pytest.mark.slow
def test_a_demo_clip_is_kept_when_it_is_there(demo: make_clips.ClipFacts) -> None:
    before = demo.path.stat().st_mtime_ns
    make_clips.make_demo_clips(demo.path.parent.parent, count=1)
    assert demo.path.stat().st_mtime_ns == before


@pytest.mark.slow
def test_the_overlay_can_be_read_off_the_picture(demo: make_clips.ClipFacts) -> None:
    """The time code of second two, letter by letter, against the font's own masks."""
    luma = _frames(demo.path)[2 * film.FRAMES_PER_SECOND + 5].to_ndarray(format="gray").astype(float)
    line, serial = film.Stamp(demo.started_at, demo.unit, demo.camera).lines(2)
    for row, text in enumerate((line, serial)):
        found = luma[12 + 20 * row : 26 + 20 * row, 16 : 16 + 12 * len(text)] > 150
        assert (found == (text_mask(text, 2) > 0.5)).mean() > 0.95


@pytest.mark.slow
def test_a_demo_clip_has_sound(demo: make_clips.ClipFacts) -> None:
    with av.open(str(demo.path)) as container:
        level = max(float(np.abs(frame.to_ndarray()).max()) for frame in container.decode(audio=0))
    assert 0.05 < level <= 1.2
