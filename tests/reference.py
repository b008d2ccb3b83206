"""Draws the reference from the code: roles, events, states, the programs' interface, capabilities; a test compares."""

import json
import uuid
from collections.abc import Mapping
from pathlib import Path

from fairwitness.accounts import doors as accounts
from fairwitness.cases import doors as cases
from fairwitness.department import doors as department
from fairwitness.evidence import doors as evidence
from fairwitness.evidence.doors import access, granting
from fairwitness.incidents import doors as incidents
from fairwitness.kernel import bulk, profiles
from fairwitness.kernel.agency import load
from fairwitness.kernel.events import REGISTER
from fairwitness.kernel.locks import record_models
from fairwitness.kernel.profiles import known
from fairwitness.kernel.roles import WORDS, Reach, Role
from fairwitness.moving import doors as moving
from fairwitness.policy import doors as policy
from fairwitness.policy.doors import Citation
from fairwitness.policy.models import Book
from fairwitness.sharing import doors as sharing
from fairwitness.site import urls
from fairwitness.site.api import root
from fairwitness.site.capabilities import components
from fairwitness.storage import doors as storage
from fairwitness.uploads import doors as uploads

REFERENCE = Path(__file__).resolve().parents[1] / "docs" / "reference"
DRAWN = "Drawn from the code by `make docs`; a test compares it. Do not edit.\n"


def roles() -> str:
    """The whole square of role and act, room by room."""
    from_code = [f"# Roles\n\n{DRAWN}\n## What each role is for\n"]
    from_code += [f"- **{words[0]}** (`{role.value}`): {words[1]}" for role, words in WORDS.items()]
    rooms = (
        ("Evidence", evidence.REACH),
        ("Cases", cases.REACH),
        ("Incidents", incidents.REACH),
        ("Department", department.REACH),
        ("Accounts", accounts.REACH),
        ("Policy", policy.REACH),
        ("Storage", storage.REACH),
        ("Uploads", uploads.REACH),
        ("Sharing", sharing.REACH),
        ("Moving", moving.REACH),
    )
    for room, table in rooms:
        from_code.append(f"\n## {room}: how far each role reaches\n")
        from_code += _square(table)
    from_code.append(
        "\nown: what is theirs; chain: also of everyone below them in the chain of command as it is when asked; "
        "counts: numbers alone; all: everything. An empty cell is not at all."
    )
    return "\n".join(from_code) + "\n"


def _square(table: Mapping[str, Mapping[Role, Reach]]) -> list[str]:
    rows = [
        f"| role | {' | '.join(act.replace('_', ' ') for act in table)} |",
        "|---" * (len(table) + 1) + "|",
    ]
    for role, words in WORDS.items():
        cells = [
            reach.name.lower() if (reach := by_role.get(role, Reach.NONE)) else ""
            for by_role in table.values()
        ]
        rows.append(f"| {words[0]} | {' | '.join(cells)} |")
    return rows


def profile_book() -> access.Book:
    """What the profile cambridge_ma says of access, without a database."""
    said = profiles.read("cambridge_ma", "policy", Book)
    nowhere = uuid.UUID(int=0)
    rules: dict[str, list[Citation]] = {kind: [] for kind in access.KINDS}
    for document in said.documents:
        for rule in document.rules:
            if rule.kind in rules:
                rules[rule.kind].append(Citation(nowhere, document.number, 1, rule))
    return access.book_of(rules)


def _kinds(book: access.Book) -> dict[str, list[str]]:
    """What recordings may carry, as rows of the table: no category, each class, and each statute."""
    found: dict[str, list[str]] = {"no category": []}
    for name in access.CLASSES:
        codes = [c for c in book.categories if book.class_of([c]) == name and book.limits(c) is None]
        found[name] = codes[:1] if name != "ordinary" else [c for c in codes if c != access.NO_CATEGORY][:1]
    for code in book.categories:
        if book.limits(code) is not None:
            found[f"{code} ({book.categories[code].rule.parameters.statute})"] = [code]  # type: ignore[union-attr]
    return found


def access_table() -> str:
    """Role by class by act, by itself and with a grant, and what a lockout leaves."""
    book = profile_book()
    rows = [
        f"# Who opens what\n\n{DRAWN}",
        "From the policy of the profile `cambridge_ma`. By itself: as far as the role reaches. With a grant: a member",
        "with this role who was granted it, named, for their work, or for an audit; case: an open case holds it and",
        "names them. Locked out: involved in a critical incident, before their statement, whatever would open",
        "it. Excepted: locked out, and excepted by command.\n",
        "| role | the recording carries | act | by itself | with a grant | locked out | locked out, excepted |",
        "|---" * 7 + "|",
    ]
    for role, words in WORDS.items():
        for kind, codes in _kinds(book).items():
            for act in access.WITHOUT_CATEGORY:
                alone, grants = _alone(book, role, codes, act), _grants(book, role, codes, act)
                both = " / ".join(filter(None, (alone, grants)))
                closed = "closed" if both else ""
                rows.append(f"| {words[0]} | {kind} | {act} | {alone} | {grants} | {closed} | {both} |")
    return "\n".join(rows) + "\n"


def _alone(book: access.Book, role: Role, codes: list[str], act: str) -> str:
    reach = evidence.REACH[act].get(role, Reach.NONE)
    return reach.name.lower() if reach and book.may_by_role(role, codes, act) else ""


def _grants(book: access.Book, role: Role, codes: list[str], act: str) -> str:
    done_by_some = act not in evidence.OPENED and role not in evidence.REACH[act]
    if not evidence.may_be_granted([role]) or done_by_some:
        return ""
    kinds = [kind for kind in access.OPENING if not granting.reason_against(kind, [role])]
    opening = [str(kind) for kind in kinds if book.may_by_grant([role], codes, kind)]
    # Whom a case names has what it holds opened as by a grant for their work.
    return ", ".join([*opening, *(["case"] if "work" in opening else [])])


def events() -> str:
    """Everything that may be written into the ledger."""
    rows = [f"# Events\n\n{DRAWN}", "| event | in words | facts | published in clear |", "|---|---|---|---|"]
    for name, event in sorted(REGISTER.items()):
        if not name.startswith("test."):
            facts = ", ".join(f"`{fact}`" for fact in sorted(event.facts))
            rows.append(
                f"| `{name}` | {event.sentence} | {facts} | {', '.join(sorted(event.public)) or '–'} |"
            )
    return "\n".join(rows) + "\n"


def states() -> str:
    """The states of every record that has some, and which may follow which."""
    rows = [f"# States\n\n{DRAWN}"]
    for model in record_models():
        if model.MOVES:
            rows += [f"## {str(model._meta.verbose_name).capitalize()}\n", "| from | to |", "|---|---|"]
            rows += [f"| {old} | {', '.join(sorted(new)) or '(end)'} |" for old, new in model.MOVES.items()]
            rows.append("")
    return "\n".join(rows)


def openapi() -> str:
    """The schema of the programs' interface."""
    return json.dumps(root.get_openapi_schema(), indent=1, sort_keys=True, default=str) + "\n"


def capabilities() -> str:
    """What every component is able to tell about people; each profile's switch for locating faces."""
    told = components()
    rows = [
        f"# Capabilities\n\n{DRAWN}",
        "It recognises nobody: `fairwitness doctor` and `tests/site/test_no_recognition.py` read all that is installed.",
        "The same is at `/capabilities.json` and, to read, at `/capabilities/`.\n",
        "## What is banned\n",
        *(f"- {name}: {words}" for name, words in told["banned"]["ways"].items()),
        "\n## Locating faces, to hide them\n",
        "A switch of each agency (`[privacy] locate_faces`). It never recognises, and keeps boxes alone.",
        "Nothing locates faces yet.\n",
        *(
            f"- {key}: {'allowed' if load(key).privacy.locate_faces else 'not allowed'}"
            for key in _profiles()
        ),
        "\n## What may be asked of the reader of recordings\n",
        *(f"- `{name}`: {words}" for name, words in told["programs"].items()),
        "\n## What is kept of pictures and sound\n",
        *(f"- {name}: {words}" for name, words in told["derived"].items()),
        "\nNone of it is a template, a print or a measure of a person.",
        "\n## Trained models\n",
        *([f"- {_model(model)}" for model in told["models"]] or ["None."]),
        "\nData files with an ending that models have too, allowed by digest:\n",
        *(f"- {_model(model)}" for model in told["data_files_like_models"]),
        "\n## What looks able and is not\n",
        *(f"- {each['owner']}, `{each['below']}`: {each['because']}" for each in told["looks_able"]),
        "\n## Only beside the service, for tests and the demonstration\n",
        *(
            f"- {each['owner']}, `{each['path']}`: {each['because']}"
            for each in told["only_beside_the_service"]
        ),
        "\n## Every distribution that the service runs with\n",
        "| distribution | version | what it can tell about people | because it |",
        "|---|---|---|---|",
        *(
            f"| {each['name']} | {each['version']} | {each['able']} | {each['because']} |"
            for each in told["distributions"]
        ),
        f"\nFrom npm, for pages alone: {', '.join(each['name'] for each in told['npm'])}.",
    ]
    return "\n".join(rows) + "\n"


def _profiles() -> list[str]:
    return known()


def _model(model: Mapping[str, str]) -> str:
    return f"{model['owner']}, `{model['path']}`, {model['what']}: {model['because']} (`{model['sha256']}`)"


def all_files() -> dict[str, str]:
    """Every drawn file by name."""
    return {
        "roles.md": roles(),
        "access.md": access_table(),
        "events.md": events(),
        "states.md": states(),
        "openapi.json": openapi(),
        "capabilities.md": capabilities(),
    }


assert bulk and urls  # loaded here: every room has declared its events


def write() -> None:
    """Write every drawn file; what `make docs` calls."""
    for name, text in all_files().items():
        (REFERENCE / name).write_text(text, encoding="utf-8")
