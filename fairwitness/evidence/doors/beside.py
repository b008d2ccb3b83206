"""What higher rooms show beside a recording, such as the cases that hold it; narrowed to who asks."""

from collections.abc import Callable

from fairwitness.evidence.models import Recording
from fairwitness.incidents.doors import Beside
from fairwitness.kernel.actors import Actor

# Filled by site/naming.py, which alone knows every room; whoever has nothing to show to who asks answers None.
BESIDE: list[Callable[[Actor, Recording], Beside | None]] = []


def beside(actor: Actor, found: Recording) -> list[Beside]:
    """What higher rooms show to the actor beside a recording."""
    return [each for ask in BESIDE if (each := ask(actor, found))]
