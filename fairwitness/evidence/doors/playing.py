"""What browsers play of a recording by themselves, as its reading says."""

from fairwitness.evidence.models import Probe, Recording

# What a browser is told of what it can play by itself, by the container's name.
PLAYED = {
    "mp4": "video/mp4",
    "mov": "video/mp4",
    "matroska": "video/webm",
    "webm": "video/webm",
    "wav": "audio/wav",
    "mp3": "audio/mpeg",
    "flac": "audio/flac",
    "ogg": "audio/ogg",
    "aac": "audio/aac",
}


def played_type(found: Recording) -> str:
    """The media type under which a browser plays the original, or empty where it cannot."""
    probe = Probe.objects.filter(recording=found).first()
    if probe is None or not probe.found["browser_playable"]:
        return ""
    kind = next((PLAYED[name] for name in probe.found["container"] if name in PLAYED), "")
    return kind if probe.found["main_video"] is not None else kind.replace("video/", "audio/")
