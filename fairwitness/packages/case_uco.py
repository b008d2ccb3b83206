"""The package as CASE/UCO JSON-LD (CASE 1.4, UCO 1.4): investigation, exhibits with digests, custody as actions.

What is said is what is known: an actor is named as the history names them, and nothing is inferred.
"""

import json
import uuid
from collections.abc import Iterable, Iterator
from typing import Any

from fairwitness.packages.content import Disclosure, Exhibit, Line
from fairwitness.packages.times import utc

CONTEXT = {
    "case-investigation": "https://ontology.caseontology.org/case/investigation/",
    "uco-action": "https://ontology.unifiedcyberontology.org/uco/action/",
    "uco-core": "https://ontology.unifiedcyberontology.org/uco/core/",
    "uco-identity": "https://ontology.unifiedcyberontology.org/uco/identity/",
    "uco-observable": "https://ontology.unifiedcyberontology.org/uco/observable/",
    "uco-types": "https://ontology.unifiedcyberontology.org/uco/types/",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
}
# Of a media type: what UCO calls the kind of file, beside File. It has no name for films.
_KINDS = {"image": "RasterPicture"}


def graph(said: Disclosure) -> Iterator[bytes]:
    """The JSON-LD, node by node: memory stays flat however many exhibits there are."""
    context = {"kb": said.key_namespace, **CONTEXT}
    yield f'{{"@context": {json.dumps(context)},\n"@graph": [\n'.encode()
    yield json.dumps(_investigation(said), ensure_ascii=False).encode()
    for node in _nodes(said):
        yield b",\n" + json.dumps(node, ensure_ascii=False).encode()
    yield b"\n]}\n"


def everything(said: Disclosure, exhibits: Iterable[tuple[Exhibit, str]]) -> Iterator[bytes]:
    """The same of exhibits that come one after the other, each with where it lies: no list of them is ever held."""
    context = {"kb": said.key_namespace, **CONTEXT}
    yield f'{{"@context": {json.dumps(context)},\n"@graph": [\n'.encode()
    agency = {"@id": _key(said, "agency"), "@type": "uco-identity:Organization", "uco-core:name": said.agency}
    yield json.dumps(agency, ensure_ascii=False).encode()
    for exhibit, path in exhibits:
        for node in _nodes_of(said, exhibit, path):
            yield b",\n" + json.dumps(node, ensure_ascii=False).encode()
    yield b"\n]}\n"


def _nodes_of(said: Disclosure, exhibit: Exhibit, path: str) -> Iterator[dict[str, Any]]:
    yield _file(said, exhibit, path)
    yield _provenance(said, exhibit)
    if exhibit.original:
        yield _cut_from(said, exhibit)
    for line in exhibit.custody:
        yield _action(said, exhibit, line)


def _nodes(said: Disclosure) -> Iterator[dict[str, Any]]:
    yield {"@id": _key(said, "agency"), "@type": "uco-identity:Organization", "uco-core:name": said.agency}
    numbers = {exhibit.number for exhibit in said.exhibits}
    for exhibit in said.exhibits:
        yield _file(said, exhibit)
        yield _provenance(said, exhibit)
        if exhibit.original in numbers:
            yield _cut_from(said, exhibit)
        for line in exhibit.custody:
            yield _action(said, exhibit, line)


def _key(said: Disclosure, kind: str, *about: object) -> str:
    """A name of its own for each thing, the same whenever it is written again."""
    text = "\n".join(map(str, (said.case_number, said.number, kind, *about)))
    return f"kb:{kind}-{uuid.uuid5(uuid.NAMESPACE_URL, text)}"


def _file_key(said: Disclosure, number: str) -> str:
    return _key(said, "file", number)


def _moment(value: Any) -> dict[str, str]:
    return {"@type": "xsd:dateTime", "@value": utc(value)}


def _investigation(said: Disclosure) -> dict[str, Any]:
    about = [{"@id": _file_key(said, each.number)} for each in said.exhibits]
    about += [{"@id": _key(said, "provenance", each.number)} for each in said.exhibits]
    found: dict[str, Any] = {
        "@id": _key(said, "investigation"),
        "@type": "case-investigation:Investigation",
        "uco-core:name": f"{said.case_number} {said.case_title}".strip(),
        "uco-core:objectCreatedTime": _moment(said.asked),
        "uco-core:createdBy": {"@id": _key(said, "agency")},
    }
    # A list of nothing is no list in RDF.
    return found | ({"uco-core:object": about} if about else {})


def _file(said: Disclosure, exhibit: Exhibit, path: str = "") -> dict[str, Any]:
    path = path or exhibit.path
    top = exhibit.reads.partition("/")[0]
    types = ["uco-observable:File", *([f"uco-observable:{_KINDS[top]}"] if top in _KINDS else [])]
    return {
        "@id": _file_key(said, exhibit.number),
        "@type": types,
        "uco-core:name": exhibit.number,
        **({"uco-core:description": exhibit.title} if exhibit.title else {}),
        "uco-core:hasFacet": [
            {
                "@id": _key(said, "file-facet", exhibit.number),
                "@type": "uco-observable:FileFacet",
                "uco-observable:fileName": path.rsplit("/", 1)[-1],
                "uco-observable:filePath": path,
                "uco-observable:sizeInBytes": exhibit.size,
            },
            {
                "@id": _key(said, "content-facet", exhibit.number),
                "@type": "uco-observable:ContentDataFacet",
                **({"uco-observable:mimeType": exhibit.reads} if exhibit.reads else {}),
                "uco-observable:sizeInBytes": exhibit.size,
                "uco-observable:hash": [
                    {
                        "@id": _key(said, "hash", exhibit.number),
                        "@type": "uco-types:Hash",
                        "uco-types:hashMethod": "SHA256",
                        "uco-types:hashValue": {"@type": "xsd:hexBinary", "@value": exhibit.sha256},
                    }
                ],
            },
        ],
    }


def _provenance(said: Disclosure, exhibit: Exhibit) -> dict[str, Any]:
    sealed = {"uco-core:objectCreatedTime": _moment(exhibit.sealed)} if exhibit.sealed else {}
    return {
        "@id": _key(said, "provenance", exhibit.number),
        "@type": "case-investigation:ProvenanceRecord",
        "case-investigation:exhibitNumber": exhibit.number,
        **sealed,
        "uco-core:description": exhibit.kind_words,
        "uco-core:object": [{"@id": _file_key(said, exhibit.number)}],
    }


def _cut_from(said: Disclosure, exhibit: Exhibit) -> dict[str, Any]:
    return {
        "@id": _key(said, "relationship", exhibit.number),
        "@type": "uco-observable:ObservableRelationship",
        "uco-core:source": {"@id": _file_key(said, exhibit.number)},
        "uco-core:target": {"@id": _file_key(said, exhibit.original)},
        "uco-core:kindOfRelationship": "Derived_From",
        "uco-core:isDirectional": True,
    }


def _action(said: Disclosure, exhibit: Exhibit, line: Line) -> dict[str, Any]:
    return {
        "@id": _key(said, "action", exhibit.number, line.entry),
        "@type": "case-investigation:InvestigativeAction",
        "uco-core:name": line.sentence,
        "uco-action:startTime": _moment(line.at),
        "uco-action:endTime": _moment(line.at),
        "uco-action:object": [{"@id": _file_key(said, exhibit.number)}],
    }
