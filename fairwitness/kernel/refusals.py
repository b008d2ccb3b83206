"""The one family of refusals: a class each, a code for machines, a sentence for people, an HTTP status."""

from typing import Any


class Refusal(Exception):
    """What the system will not do, said to the person who asked. Mapped to a page in `site/middleware.py` alone."""

    code = "refused"
    status = 409

    def __init__(self, sentence: str, **details: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        self.details = details

    def __str__(self) -> str:
        return self.sentence


class Unauthorized(Refusal):
    """Who asks showed nothing, or nothing that counts (any more): RFC 9110, 15.5.2."""

    code = "unauthorized"
    status = 401


class SignInAgain(Refusal):
    """Who asks is signed in, and must show once more that it is they (CJIS IA-11, AC-11). What was sent is kept."""

    code = "sign_in_again"
    status = 401


class Forbidden(Refusal):
    """The person may know that the thing exists, but may not do this with it."""

    code = "forbidden"
    status = 403


class NotFound(Refusal):
    """There is no such thing, or the person may not know whether there is: both look alike.

    `hidden` is the code of the act that was tried on what is there: for the sign-in log, and in no answer.
    """

    code = "not_found"
    status = 404

    def __init__(self, sentence: str, *, hidden: str = "", **details: Any) -> None:
        super().__init__(sentence, **details)
        self.hidden = hidden


class Invalid(Refusal):
    """What was entered cannot be used; `details` may name fields."""

    code = "invalid"
    status = 422


class WrongState(Refusal):
    """The thing is not in a state from which this may be done."""

    code = "wrong_state"
    status = 409


class Gone(Refusal):
    """It was there and the right to it has ended."""

    code = "gone"
    status = 410


class TooMany(Refusal):
    """More of it than one may have open, or do, at a time; later, or with less of it, it is allowed (RFC 6585, 4)."""

    code = "too_many"
    status = 429


class StoreFull(Refusal):
    """The store has no room; nothing was kept half, the source is untouched."""

    code = "store_full"
    status = 507


class Unavailable(Refusal):
    """A part of the system that this needs does not answer; trying again later is right."""

    code = "unavailable"
    status = 503


class HouseRule(Exception):
    """The program itself broke a rule of the house. Never shown to people as a refusal: it is a defect."""
