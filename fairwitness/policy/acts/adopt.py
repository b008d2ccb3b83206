"""The profile's book comes into the database: at first into force, later as drafts that people decide on."""

import hashlib
from collections.abc import Sequence

from fairwitness.kernel import clock, profiles
from fairwitness.kernel.actors import Actor
from fairwitness.kernel.agency import agency
from fairwitness.kernel.change import change
from fairwitness.policy import doors, events
from fairwitness.policy.acts.writing import about, digest_of, new_version, told
from fairwitness.policy.models import Book, Content, Document, SaidDocument, Version
from fairwitness.rules.canonical import canonical


def adopt_book(*, by: Actor) -> tuple[list[Document], list[Version]]:
    """Bring in what the agency's profile says and the book does not yet have; again it does nothing.

    Into an empty book all of it comes into force, as of the beginning: no earlier text is known here. Later a document
    that the profile added or changed becomes a draft, which people decide on; where another version is on its way it
    waits. Answers the documents taken in, and the drafts. Raises Invalid naming file, line and field of a broken profile.
    """
    book = profiles.read(agency().key, "policy", Book)
    known = {document.number: document for document in Document.objects.all()}
    if not known:
        return _take(book.documents, by), []
    drafts = [_offer(known.get(said.number), said, by) for said in book.documents]
    return [], [draft for draft in drafts if draft]


def _take(new: Sequence[SaidDocument], by: Actor) -> list[Document]:
    with change(events.BOOK_ADOPTED, by=by) as entry:
        versions = [_in_force(said) for said in new]
        entry.about(
            *(version.document for version in versions),
            *versions,
            documents=len(versions),
            rules=sum(len(said.rules) for said in new),
            profile=agency().key,
            sha256=f"sha256:{_digest(versions)}",
        )
    return [version.document for version in versions]


def _digest(versions: list[Version]) -> str:
    """SHA-256 of what came in: the digest of each text by the number of its document."""
    return hashlib.sha256(canonical({v.document.number: v.digest for v in versions})).hexdigest()


def _in_force(said: SaidDocument) -> Version:
    document = Document(number=said.number)
    document.save(force_insert=True)
    version = new_version(document, said.content(), status=Version.Status.IN_FORCE, approved_at=clock.now())
    version.save(force_insert=True)
    return version


def _is_new(document: Document, content: Content) -> bool:
    return not (document.versions.filter(digest=digest_of(content)).exists() or doors.open_version(document))


def _offer(document: Document | None, said: SaidDocument, by: Actor) -> Version | None:
    """A draft of what the profile says now, unless some version has said just that, or another is on its way."""
    content = said.content()
    if document and not _is_new(document, content):
        return None
    with change(events.VERSION_OFFERED, by=by) as entry:
        if document:
            document = doors.lock_document(document.number)
        else:
            document = Document(number=said.number)
            document.save(force_insert=True)
        version = new_version(document, content)
        version.save(force_insert=True)
        about(entry, version, sha256=told(version))
    return version
