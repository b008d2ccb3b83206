"""What is said of where a sign-in came from: the device in words, the place coarsely."""

import ipaddress
import uuid
from dataclasses import dataclass

_BROWSERS = (
    ("Edg", "Edge"),
    ("OPR", "Opera"),
    ("Firefox", "Firefox"),
    ("Chrome", "Chrome"),
    ("Safari", "Safari"),
)
_SYSTEMS = (
    ("Windows", "Windows"),
    ("Android", "Android"),
    ("iPhone", "iPhone"),
    ("iPad", "iPad"),
    ("Mac OS", "Mac"),
    ("CrOS", "Chromebook"),
    ("Linux", "Linux"),
)


@dataclass(frozen=True)
class Source:
    """Where something was asked from (CJIS AU-3): the address, the device in words, the session if there is one."""

    address: str | None = None
    device: str = ""
    session_id: uuid.UUID | None = None


NOWHERE = Source()


def device_words(user_agent: str) -> str:
    """Such as “Firefox on Windows”: what a browser says of itself, cut down to what tells one's own from another's."""
    browser = next((word for mark, word in _BROWSERS if mark in user_agent), "")
    system = next((word for mark, word in _SYSTEMS if mark in user_agent), "")
    return " on ".join(filter(None, (browser, system))) or "Unknown device"


def coarse(address: str | None) -> str:
    """The network that an address lies in: /24 of IPv4, /48 of IPv6; a dash for what is no address."""
    try:
        found = ipaddress.ip_address(address or "")
    except ValueError:
        return "–"
    return str(ipaddress.ip_network((found, 24 if found.version == 4 else 48), strict=False))
