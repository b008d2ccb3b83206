"""Which scenes the demo shows, in which light, and which of them belong to the same event."""

from collections.abc import Callable
from typing import Final

from tests.clips.indoors import corridor, doorstep, driver_window, lobby
from tests.clips.outdoors import flashlight, night_lights, patrol, street_walk, traffic_stop
from tests.clips.scene import Cast, Scene
from tests.clips.space import DAY, DUSK, NIGHT, OVERCAST, Light

# The order in which the demo's clips come: every kind once before any comes again in another light.
SCENES: Final[tuple[tuple[Callable[[Cast, Light], Scene], Light], ...]] = (
    (street_walk, DAY),
    (traffic_stop, OVERCAST),
    (doorstep, DAY),
    (night_lights, NIGHT),
    (corridor, DAY),
    (driver_window, OVERCAST),
    (lobby, DAY),
    (patrol, DAY),
    (flashlight, NIGHT),
    (street_walk, DUSK),
    (traffic_stop, DUSK),
    (doorstep, DUSK),
    (street_walk, OVERCAST),
    (night_lights, NIGHT),
    (driver_window, DUSK),
    (patrol, DUSK),
    (corridor, OVERCAST),
    (lobby, OVERCAST),
    (doorstep, OVERCAST),
    (traffic_stop, DAY),
)

# The driver's window is filmed by a second camera at the same traffic stop, so that some recordings overlap in time.
SAME_EVENT: Final = {5: 1, 14: 10}
