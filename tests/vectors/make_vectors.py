"""Makes the known answers that `fairwitness.rules` and `verify/` are tested against.

It imports nothing of ours: the definitions of the RFCs written out as plainly as can be, and the packages
`rfc8785` and `cryptography`, speak here as a third voice. Run it with no argument to write the files beside
it, or with a folder to write them there.
"""

import base64
import json
import sys
import unicodedata
from hashlib import sha256, sha512
from pathlib import Path
from typing import Any

import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

# RFC 8032, section 7.1: name, secret key, public key, message, signature.
RFC8032 = [
    (
        "TEST 1",
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        (
            "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46b"
            "d25bf5f0595bbe24655141438e7a100b"
        ),
    ),
    (
        "TEST 2",
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        (
            "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c"
            "387b2eaeb4302aeeb00d291612bb0c00"
        ),
    ),
    (
        "TEST 3",
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        (
            "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc659"
            "4a7c15e9716ed28dc027beceea1ec40a"
        ),
    ),
    (
        "TEST SHA(abc)",
        "833fe62409237b9d62ec77587520911e9a759cec1d19755b7da901b96dca3d42",
        "ec172b93ad5e563bf4932c70e1245034c35467ef2efd4d64ebf819683467e2bf",
        sha512(b"abc").hexdigest(),
        (
            "dc2a4459e7369633a52b1bf277839a00201009a3efbf3ecb69bea2186c26b58909351fc9ac90b3ecfdfbc7c66431e030"
            "3dca179c138ac17ad9bef1177331a704"
        ),
    ),
]

# The eight leaves of the Certificate Transparency test suite, and its roots of the trees of size 1 to 8.
CT_LEAVES = [
    "",
    "00",
    "10",
    "2021",
    "3031",
    "40414243",
    "5051525354555657",
    "606162636465666768696a6b6c6d6e6f",
]
CT_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]

CANONICAL: list[Any] = [
    None,
    True,
    0,
    -1,
    2**53 - 1,
    -(2**53) + 1,
    "",
    'quote " backslash \\ slash / tab \t newline \n bell \x07 delete \x7f',
    "Zażółć gęślą jaźń, 警察, 🚓",
    [],
    {},
    [1, [2, {"b": False, "a": None}]],
    {"b": 1, "a": 2, "B": 3, "": 4},
    # Beyond the basic plane, order by UTF-16 units is not order by code points.
    {"\U0001f693": 1, "\uff01": 2, "é": 3, "z": 4, "\r": 5, "\x80": 6},
]

LOG_SEED = bytes.fromhex(RFC8032[0][1])
WITNESS_SEED = bytes.fromhex(RFC8032[1][1])
ORIGIN = "example.org/fairwitness"
WITNESS = "witness.example/w1"
ENTRY: dict[str, Any] = {
    "id": "01938e5c-0a6c-7c3e-8f3b-6f0e5f1d2a3b",
    "event": "recording_sealed",
    "time": "2026-03-04T05:06:07.123456Z",
    "actor": "system:evidence.seal",
    "subjects": [{"kind": "recording", "id": "01938e5c-0a6c-7c3e-8f3b-000000000001"}],
    "facts": {"sha256": "sha256:" + sha256(b"moving pictures").hexdigest(), "size": 15},
}
SALT = sha256(b"a salt that is not secret").digest()


def tree_hash(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, word for word."""
    if not leaves:
        return sha256(b"").digest()
    if len(leaves) == 1:
        return sha256(b"\x00" + leaves[0]).digest()
    k = split(len(leaves))
    return sha256(b"\x01" + tree_hash(leaves[:k]) + tree_hash(leaves[k:])).digest()


def split(n: int) -> int:
    """The largest power of two smaller than n."""
    k = 1
    while k * 2 < n:
        k *= 2
    return k


def path(m: int, leaves: list[bytes]) -> list[bytes]:
    """PATH(m, D[n]) of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    k = split(len(leaves))
    if m < k:
        return [*path(m, leaves[:k]), tree_hash(leaves[k:])]
    return [*path(m - k, leaves[k:]), tree_hash(leaves[:k])]


def subproof(m: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF(m, D[n], b) of RFC 6962, section 2.1.2."""
    if m == len(leaves):
        return [] if whole else [tree_hash(leaves)]
    k = split(len(leaves))
    if m <= k:
        return [*subproof(m, leaves[:k], whole), tree_hash(leaves[k:])]
    return [*subproof(m - k, leaves[k:], False), tree_hash(leaves[:k])]


def b64(data: bytes) -> str:
    return base64.b64encode(data).decode()


def vkey(name: str, kind: int, public: bytes) -> tuple[str, bytes]:
    """A key as C2SP signed-note writes it, and its id."""
    material = bytes([kind]) + public
    key_id = sha256(name.encode() + b"\n" + material).digest()[:4]
    return f"{name}+{key_id.hex()}+{b64(material)}", key_id


def public_of(seed: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).public_key().public_bytes_raw()


def signature(seed: bytes, message: bytes) -> bytes:
    return Ed25519PrivateKey.from_private_bytes(seed).sign(message)


def ed25519() -> list[dict[str, str]]:
    names = ("name", "secret", "public", "message", "signature")
    for _, secret, public, message, signed in RFC8032:
        assert public_of(bytes.fromhex(secret)).hex() == public
        assert signature(bytes.fromhex(secret), bytes.fromhex(message)).hex() == signed
    return [dict(zip(names, vector, strict=True)) for vector in RFC8032]


def canonical() -> list[dict[str, Any]]:
    for value in CANONICAL:
        text = json.dumps(value, ensure_ascii=False)
        assert unicodedata.is_normalized("NFC", text)
    return [{"value": value, "hex": rfc8785.dumps(value).hex()} for value in CANONICAL]


def merkle() -> dict[str, Any]:
    ct = [bytes.fromhex(leaf) for leaf in CT_LEAVES]
    assert [tree_hash(ct[: n + 1]).hex() for n in range(8)] == CT_ROOTS
    leaves = [str(n).encode() for n in range(40)]
    return {
        "ct_leaves": CT_LEAVES,
        "ct_roots": CT_ROOTS,
        "leaves": "the decimal numbers from 0, in ASCII",
        "roots": [tree_hash(leaves[:n]).hex() for n in range(41)],
        "inclusion": [
            {"index": m, "size": n, "proof": [step.hex() for step in path(m, leaves[:n])]}
            for n in (1, 2, 3, 7, 8, 31, 40)
            for m in range(n)
        ],
        "consistency": [
            {"old": m, "new": n, "proof": [step.hex() for step in subproof(m, leaves[:n], True)]}
            for n in (1, 2, 3, 7, 8, 31, 40)
            for m in range(1, n + 1)
        ],
    }


def notes() -> dict[str, Any]:
    log_key, log_id = vkey(ORIGIN, 1, public_of(LOG_SEED))
    witness_key, witness_id = vkey(WITNESS, 4, public_of(WITNESS_SEED))
    root = tree_hash([b"0", b"1", b"2"])
    body = f"{ORIGIN}\n3\n{b64(root)}\n"
    signed = f"— {ORIGIN} {b64(log_id + signature(LOG_SEED, body.encode()))}\n"
    time = 1679315147
    cosigned = signature(WITNESS_SEED, f"cosignature/v1\ntime {time}\n{body}".encode())
    cosignature = f"— {WITNESS} {b64(witness_id + time.to_bytes(8, 'big') + cosigned)}\n"
    return {
        "log_seed": LOG_SEED.hex(),
        "log_key": log_key,
        "witness_seed": WITNESS_SEED.hex(),
        "witness_key": witness_key,
        "origin": ORIGIN,
        "size": 3,
        "root": root.hex(),
        "body": body,
        "time": time,
        "signature": signed,
        "cosignature": cosignature,
        "checkpoint": f"{body}\n{signed}{cosignature}",
    }


def tiles() -> dict[str, Any]:
    """Examples in the text of C2SP tlog-tiles, and one bundle written by hand."""
    return {
        "paths": [
            [0, 0, 256, "tile/0/000"],
            [0, 999, 256, "tile/0/999"],
            [0, 1000, 256, "tile/0/x001/000"],
            [3, 1234067, 256, "tile/3/x001/x234/067"],
            [0, 273, 112, "tile/0/273.p/112"],
            [63, 0, 1, "tile/63/000.p/1"],
        ],
        "counts": {
            "256": ["tile/entries/000", "tile/0/000", "tile/1/000.p/1"],
            "257": [
                "tile/entries/000",
                "tile/entries/001.p/1",
                "tile/0/000",
                "tile/0/001.p/1",
                "tile/1/000.p/1",
            ],
        },
        "edge_of_70000": ["tile/0/273.p/112", "tile/1/000", "tile/1/001.p/17", "tile/2/000.p/1"],
        "bundle": {"entries": ["", "61", "6263"], "hex": "0000" + "000161" + "00026263"},
    }


def receipt() -> dict[str, Any]:
    """A receipt for the second of three entries, as docs/reference/receipt.md has it."""
    commitment = sha256(SALT + rfc8785.dumps(ENTRY)).hexdigest()
    leaf = rfc8785.dumps({"c": commitment, "v": 1})
    leaves = [b'{"c":"%b","v":1}' % (b"0" * 64), leaf, b'{"c":"%b","v":1}' % (b"1" * 64)]
    log_key, log_id = vkey(ORIGIN, 1, public_of(LOG_SEED))
    body = f"{ORIGIN}\n3\n{b64(tree_hash(leaves))}\n"
    signed = f"— {ORIGIN} {b64(log_id + signature(LOG_SEED, body.encode()))}\n"
    return {
        "commitment": commitment,
        "leaf": leaf.decode(),
        "leaves": [entry.decode() for entry in leaves],
        "media": "moving pictures",
        "receipt": {
            "v": 1,
            "origin": ORIGIN,
            "key": log_key,
            "entry": ENTRY,
            "salt": SALT.hex(),
            "index": 1,
            "proof": [b64(step) for step in path(1, leaves)],
            "checkpoint": f"{body}\n{signed}",
        },
    }


def main(folder: Path) -> None:
    """Write one JSON file for each of the six subjects."""
    for make in (ed25519, canonical, merkle, notes, tiles, receipt):
        text = json.dumps(make(), indent=1, ensure_ascii=True, sort_keys=True)
        (folder / f"{make.__name__}.json").write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
