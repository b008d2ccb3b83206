"""Which recordings every current browser plays as they are; all others get a viewing copy."""

from typing import Any

# From the "Media container formats" and "codec guide" tables of MDN, kept to what Chromium, Firefox and Safari share.
_MP4_VIDEO, _MP4_SOUND = {"h264", "vp9", "av1"}, {"aac", "mp3", "opus", "flac"}
# What stands behind a sample entry of another name (Dolby, IAMF, encrypted tracks) is not the plain codec.
_MP4_TAGS = {"avc1", "avc3", "vp09", "av01", "mp4a", "Opus", "fLaC", ".mp3"}
_WEBM_VIDEO, _WEBM_SOUND = {"vp8", "vp9", "av1"}, {"vorbis", "opus"}
_SOUND_ALONE = {
    "wav": {"pcm_u8", "pcm_s16le", "pcm_s24le", "pcm_f32le"},
    "mp3": {"mp3"},
    "flac": {"flac"},
    "ogg": {"vorbis", "opus", "flac"},
}
_PICTURES = {"jpeg_pipe", "png_pipe", "webp_pipe", "gif"}
_EIGHT_BIT_420 = {"yuv420p", "yuvj420p"}
# QuickTime's own brand and those of still pictures are not MP4 to a browser's <video>.
_NOT_MP4_BRANDS = {"qt", "avif", "avis", "mif1", "msf1", "heic", "heix", "hevc"}
_AAC_PROFILES = {None, "LC", "HE-AAC", "HE-AACv2"}


def browser_plays(
    formats: list[str],
    brand: str | None,
    head: bytes,
    video: dict[str, Any] | None,
    sound: dict[str, Any] | None,
) -> bool:
    """Whether a browser plays this; `head` is the beginning of the bytes, the rest are facts as the probe gives them."""
    if "mp4" in formats:
        plain = all(stream["codec_tag"] in _MP4_TAGS for stream in (video, sound) if stream is not None)
        return (
            plain and brand not in _NOT_MP4_BRANDS and _suits(video, _MP4_VIDEO) and _suits(sound, _MP4_SOUND)
        )
    if "matroska" in formats:
        # EBML DocType (RFC 8794, 11.2.10): the same container is WebM only where it says so itself.
        return b"webm" in head[:64] and _suits(video, _WEBM_VIDEO) and _suits(sound, _WEBM_SOUND)
    if video is not None:
        return formats[0] in _PICTURES
    return any(_suits(sound, _SOUND_ALONE[name]) for name in formats if name in _SOUND_ALONE)


def _suits(stream: dict[str, Any] | None, codecs: set[str]) -> bool:
    if stream is None:
        return True
    if stream["codec"] not in codecs:
        return False
    if stream["kind"] == "audio":
        return stream["codec"] != "aac" or stream["profile"] in _AAC_PROFILES
    return stream["pixel_format"] in _EIGHT_BIT_420
