"""Every odd, cut, corrupt or hostile file at hand ends as readable, or as unreadable with its reason; looked at by hand.

Numbers beside a name: pictures decoded, pieces of sound decoded, faults counted on the way.
"""

import json
import time
from pathlib import Path
from typing import Any

import pytest

from fairwitness.kernel.child import read_media
from tests.conftest import SHARED, shared

DATA = SHARED / "data"
FOLDERS = ("odd_media", "video", "audio", "bwc")

READABLE = """
audio/pyannote_sample.wav 0 469 0
bwc/bodycam-video2.mp4 1644 2578 0
odd_media/androidx/mkv/sample_av1.mkv 30 0 0
odd_media/androidx/mkv/sample_with_vobsub.mkv 30 29 0
odd_media/androidx/mp3/bear-cbr-variable-frame-size-no-seek-table.mp3 0 108 0
odd_media/androidx/mp3/bear-vbr-vbri-header-truncated-toc.mp3 0 117 0
odd_media/androidx/mp4/5p1_iamf_opus.mp4 0 217 0
odd_media/androidx/mp4/fragmented_captions_h265.mp4 61 0 0
odd_media/androidx/mp4/long_edit_list_audioonly.mp4 0 68 0
odd_media/androidx/mp4/sample_12_5fps_720p_1s.mp4 13 45 0
odd_media/androidx/mp4/sample_android_slow_motion.mp4 7 0 0
odd_media/androidx/mp4/sample_fragmented_dts_hd_ma.mp4 0 94 0
odd_media/androidx/mp4/sample_opus.mp4 0 101 0
odd_media/androidx/mp4/sample_with_chapters.mp4 30 44 0
odd_media/androidx/mp4/sowt_pcm_variable_sample_size.mp4 0 10 0
odd_media/androidx/ts/sample.eac3 0 54 0
odd_media/hachoir/08lechat_hq_fr.mp3 0 2 0
odd_media/hachoir/10min.mkv 600 0 0
odd_media/hachoir/breakdance.flv 44 72 0
odd_media/hachoir/firstrun.rm 0 782 0
odd_media/hachoir/marc_kravetz.mp3 0 100 0
odd_media/hachoir/matrix_ping_pong.wmv 44 48 0
odd_media/mp4parse/mp4parse/1x1-black-alpha-50pct-premultiplied.avif 1 0 0
odd_media/mp4parse/mp4parse/alpha_video_fixed.avif 48 0 0
odd_media/mp4parse/mp4parse/amr_nb_1f.3gp 0 1 0
odd_media/mp4parse/mp4parse/av1C-missing-essential.avif 1 0 0
odd_media/mp4parse/mp4parse/avis_with_no_ptim_no_iloc.avif 2 0 0
odd_media/mp4parse/mp4parse/avis_with_pitm_no_iloc.avif 2 0 0
odd_media/mp4parse/mp4parse/bad-ipma-version.avif 1 0 0
odd_media/mp4parse/mp4parse/bbb_sunflower_QCIF_30fps_h263_noaudio_1f.3gp 1 0 0
odd_media/mp4parse/mp4parse/corrupt/alpha_video_moov_is_moop.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/hdlr-not-pict.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/invalid-avif-colr-multiple-nclx.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/invalid-avif-colr-multiple-prof.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/invalid-avif-colr-multiple-rICC.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/no-alpha-av1C.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/no-av1C.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/no-ftyp.avif 1 0 0
odd_media/mp4parse/mp4parse/corrupt/no-pixi-for-alpha.avif 1 0 0
odd_media/mp4parse/mp4parse/hevc_white_frame.mp4 1 0 0
odd_media/mp4parse/mp4parse/invalid-avif-hdlr-name-multiple-nul.avif 1 0 0
odd_media/mp4parse/mp4parse/loop_forever.avif 2 0 0
odd_media/mp4parse/mp4parse/metadata.mp4 1 2 0
odd_media/mp4parse/mp4parse/sine-3s-xhe-aac-44khz-mono.mp4 0 130 0
odd_media/mp4parse/mp4parse/unknown_mdat.avif 1 0 0
odd_media/mp4parse/mp4parse/valid-avif-colr-nclx-and-prof-and-rICC.avif 1 0 0
odd_media/mp4parse/mp4parse/valid-avif-colr-nclx-and-rICC.avif 1 0 0
odd_media/mp4parse/mp4parse/valid-avif-colr-rICC.avif 1 0 0
odd_media/mp4parse/mp4parse/valid_with_garbage_byte.avif 1 0 0
odd_media/mp4parse/mp4parse/video_colr_nclx_two_colr.mp4 3 0 0
odd_media/mp4parse/mp4parse_capi/loop_2.avif 2 0 0
odd_media/mp4parse/mp4parse_capi/loop_forever.avif 2 0 0
odd_media/mp4parse/mp4parse_capi/no_timescale.mp4 170 0 12
odd_media/mp4parse/mp4parse_capi/video_colr_nclx_rgb.mp4 3 0 0
odd_media/mp4parse/mp4parse_capi/video_colr_nclx_two_colr.mp4 3 0 0
odd_media/mp4parse/mp4parse_capi/video_rotation_90.mp4 1 0 0
video/MOT17-13-SDP-raw.h265 750 0 0
video/MOT20-05-raw_even_shorter.mp4 127 0 0
"""

UNREADABLE = {
    # Texts and a list; bytes whose first box, or every box, is broken; a song behind 100 kB of noise.
    "not_media": """
        audio/pyannote_sample.rttm audio/pyannote_sample.stm odd_media/PYAV18_PROBE.jsonl
        odd_media/androidx/mp3/100kB-garbage-prefix.mp3
        odd_media/mp4parse/mp4parse/clusterfuzz-testcase-minimized-mp4-6093954524250112
        odd_media/mp4parse/mp4parse/corrupt/clusterfuzz-testcase-minimized-avif-4914209301856256.avif
        odd_media/mp4parse/mp4parse/corrupt/ipma-invalid-property-index.avif
        odd_media/mp4parse/mp4parse/corrupt/no-hdlr.avif odd_media/mp4parse/mp4parse/wide_box_size_0.avif
    """,
    "cut_short": """
        odd_media/androidx/ogg/four_packets_with_empty_page odd_media/androidx/ogg/invalid_ogg_header
        odd_media/androidx/ogg/packet_with_zero_size_terminator
    """,
    # Dolby AC-4 and MPEG-H: no decoder here.
    "codec_unknown": """
        odd_media/androidx/mp4/sample_ac4_fragmented.mp4
        odd_media/androidx/mp4/sample_mhm1_lcbl_cicp1_fragmented.mp4
    """,
    # One of them decodes, to noise: the index says that it is encrypted, and that is believed.
    "encrypted": """
        odd_media/mp4parse/mp4parse/bipbop_cbcs_audio_init.mp4 odd_media/mp4parse/mp4parse/bipbop_cbcs_video_init.mp4
        odd_media/mp4parse/mp4parse_capi/av1-clearkey-cbcs-video.mp4 odd_media/mp4parse/mp4parse_capi/short-cenc.mp4
    """,
    "only_a_header": """
        odd_media/mp4parse/mp4parse_capi/bipbop_audioinit.mp4
        odd_media/mp4parse/mp4parse_capi/bipbop_nonfragment_header.mp4
    """,
    "no_picture_decodes": """
        odd_media/mp4parse/mp4parse/corrupt/bug-1661347.avif odd_media/mp4parse/mp4parse/corrupt/imir-before-clap.avif
        odd_media/mp4parse/mp4parse/corrupt/invalid-transformation-order.avif
        odd_media/mp4parse/mp4parse/imir-missing-essential.avif odd_media/mp4parse/mp4parse/irot-missing-essential.avif
        odd_media/mp4parse/mp4parse/unknown_mdat_in_oversized_meta.avif
        odd_media/mp4parse/mp4parse_capi/zero_empty_stsc.mp4
    """,
}

COUNTS = {line.split()[0]: tuple(int(n) for n in line.split()[1:]) for line in READABLE.strip().splitlines()}
REASONS = {name: reason for reason, names in UNREADABLE.items() for name in names.split()}


@pytest.fixture(scope="module")
def probes() -> dict[str, dict[str, Any]]:
    """The probe of every file, by its path below ../shared/data; none may hang."""
    found = {}
    for folder in FOLDERS:
        for path in sorted(shared(f"data/{folder}").rglob("*")):
            if path.is_file():
                began = time.monotonic()
                with path.open("rb") as source:
                    found[str(path.relative_to(DATA))] = read_media("probe", source)
                assert time.monotonic() - began < 60, path.name
    return found


def test_every_file_is_expected(probes: dict[str, Any]) -> None:
    assert set(probes) == set(COUNTS) | set(REASONS)


@pytest.mark.parametrize("name", sorted(COUNTS))
def test_readable(probes: dict[str, Any], name: str) -> None:
    found = probes[name]
    assert (found["readable"], found["reason_code"]) == (True, None)
    faults = found["video_faults"] + found["audio_faults"]
    assert (found["frames_decoded"], found["sound_frames_decoded"], faults) == COUNTS[name]
    assert bool(found["first_frame"]) is bool(COUNTS[name][0])


@pytest.mark.parametrize("name", sorted(REASONS))
def test_unreadable_with_a_reason(probes: dict[str, Any], name: str) -> None:
    found = probes[name]
    assert (found["readable"], found["reason_code"]) == (False, REASONS[name])
    assert found["reason"].endswith(".")
    assert not found["browser_playable"]


def test_agrees_with_what_another_program_counted(probes: dict[str, Any]) -> None:
    """PYAV18_PROBE.jsonl: a plain loop that stops at the first fault, at 401 frames, and at the first video stream."""
    lines = shared("data/odd_media/PYAV18_PROBE.jsonl").read_text().splitlines()
    # By their path's end: that program saw them in other folders.
    by_name = {Path(name).name: found for name, found in probes.items()}
    # That loop opened by name, and a name made it take noise for a song; the other failed on a letter in a title.
    seen_otherwise = {"100kB-garbage-prefix.mp3", "firstrun.rm"}
    compared = 0
    for plain in map(json.loads, lines):
        found = by_name.get(Path(plain["f"]).name)
        if found is None or Path(plain["f"]).name in seen_otherwise:
            continue
        compared += 1
        if "err" in plain:
            assert found["streams"] == []
        else:
            assert [stream["kind"] for stream in found["streams"]] == [kind for kind, _ in plain["streams"]]
            assert (found["frames_decoded"] or found["sound_frames_decoded"]) >= plain["n"], plain["f"]
    assert compared > 70


def test_pictures_and_copies_of_the_worst(tmp_path: Path) -> None:
    """Files that loop, lie about their time scale, lack their index or are only a header: nothing hangs or crashes."""
    worst = {
        "mp4parse/mp4parse_capi/loop_forever.avif": True,
        "mp4parse/mp4parse_capi/no_timescale.mp4": True,
        "hachoir/matrix_ping_pong.wmv": True,
        "mp4parse/mp4parse_capi/zero_empty_stsc.mp4": False,
        "mp4parse/mp4parse_capi/bipbop_nonfragment_header.mp4": False,
        "mp4parse/mp4parse/corrupt/bug-1661347.avif": False,
        "androidx/ogg/invalid_ogg_header": False,
    }
    for number, (name, makes_pictures) in enumerate(worst.items()):
        for verb, output in (("filmstrip", "picture"), ("still", "picture"), ("viewing_copy", "copy")):
            path = tmp_path / f"{verb}{number}"
            with shared(f"data/odd_media/{name}").open("rb") as source:
                answer = read_media(verb, source, {output: path})
            assert answer["made"] is makes_pictures, (name, verb)
            assert path.exists() is makes_pictures
            assert answer["made"] or answer["reason"]
