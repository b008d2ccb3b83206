"""Who acts: one type for a person, a device, the public and the system itself, made once at the edge."""

import uuid
from dataclasses import dataclass, field

from django.http import HttpRequest

from fairwitness.kernel.refusals import Forbidden
from fairwitness.kernel.roles import Role


@dataclass(frozen=True)
class Actor:
    """Made once: in the middleware, by a command, or by the worker. `key` is what an entry says."""

    kind: str
    name: str
    roles: frozenset[Role] = field(default=frozenset())
    # What a token lets its device or program do; a person has roles instead.
    scopes: frozenset[str] = field(default=frozenset())

    @property
    def key(self) -> str:
        return f"{self.kind}:{self.name}" if self.name else self.kind

    @property
    def member_id(self) -> uuid.UUID | None:
        """The member behind this actor, or None when no person is."""
        return uuid.UUID(self.name) if self.kind == "member" else None

    @property
    def person(self) -> uuid.UUID:
        """The member behind this actor. Raises Forbidden where none is: somebody must answer for an act."""
        if self.member_id is None:
            raise Forbidden("Only a member of the agency can do this.")
        return self.member_id

    def holds(self, *roles: Role) -> bool:
        return not self.roles.isdisjoint(roles)

    @property
    def token_id(self) -> uuid.UUID | None:
        """The token that a device or program showed, or None for everyone else."""
        return uuid.UUID(self.name) if self.kind == "device" else None

    @property
    def guest_id(self) -> uuid.UUID | None:
        """The guest behind this actor, such as a prosecutor; None for everyone else."""
        return uuid.UUID(self.name) if self.kind == "guest" else None


PUBLIC = Actor("public", "")


def member(pk: uuid.UUID, roles: frozenset[Role] = frozenset()) -> Actor:
    """A member of the agency, with the roles held at the asking."""
    return Actor("member", str(pk), roles)


def device(token: uuid.UUID, scopes: frozenset[str] = frozenset()) -> Actor:
    """A dock, camera or program that showed a token; named by the token's key, never by its secret."""
    return Actor("device", str(token), scopes=scopes)


def guest(pk: uuid.UUID) -> Actor:
    """Somebody outside the agency to whom something was shared: a prosecutor, the defence. Holds no role."""
    return Actor("guest", str(pk))


def system(job: str) -> Actor:
    """The system itself, named by the job or command that acts."""
    return Actor("system", job)


def actor_of(request: HttpRequest) -> Actor:
    """The actor that the middleware made of this request, once."""
    made: Actor = request.actor  # type: ignore[attr-defined]
    return made
