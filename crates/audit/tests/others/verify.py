"""Checks an export of a log with cryptography and pymerkle, which Portcullis has no part in.

For each line on its input it checks the folder once and prints "ok" or what is wrong.

    verify.py <folder> <key of the log> <key of a witness>...
"""

import base64
import hashlib
import struct
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from pymerkle import InmemoryTree, verify_consistency, verify_inclusion
from pymerkle.hasher import MerkleHasher

HASHER = MerkleHasher("sha256")


class Damaged(Exception):
    """What is wrong with an export."""


def decode(text):
    """Strict base64: one text for the same bytes."""
    data = base64.b64decode(text, validate=True)
    if base64.b64encode(data).decode() != text:
        raise Damaged("base64 is not canonical")
    return data


def decimal(text):
    number = int(text)
    if str(number) != text or number < 0:
        raise Damaged("a number is not canonical")
    return number


class Key:
    def __init__(self, vkey):
        self.name, key_id, key = vkey.split("+", 2)
        key = decode(key)
        self.id = hashlib.sha256(self.name.encode() + b"\n" + key).digest()[:4]
        assert self.id.hex() == key_id
        self.kind = key[0]
        self.public = Ed25519PublicKey.from_public_bytes(key[1:])

    def verify(self, text, signature):
        if self.kind == 4:
            # C2SP tlog-cosignature: eight bytes of time before the signature.
            (time,) = struct.unpack(">Q", signature[:8])
            text, signature = f"cosignature/v1\ntime {time}\n{text}", signature[8:]
        self.public.verify(signature, text.encode())


def open_checkpoint(data, keys):
    """Size and root of a checkpoint that every key has signed."""
    text, separator, signatures = data.decode().rpartition("\n\n")
    if not separator or not signatures.endswith("\n"):
        raise Damaged("malformed note")
    text += "\n"
    lines = signatures[:-1].split("\n")
    if len(lines) != len(keys):
        raise Damaged("not signed by all")
    for line, key in zip(lines, keys):
        dash, name, signature = line.split(" ")
        signature = decode(signature)
        if dash != "\u2014" or name != key.name or signature[:4] != key.id:
            raise Damaged("signed by somebody else")
        key.verify(text, signature[4:])
    origin, size, root, end = text.split("\n")
    if origin != keys[0].name or end:
        raise Damaged("malformed checkpoint")
    root = decode(root)
    if len(root) != 32:
        raise Damaged("malformed root")
    return decimal(size), root


def path(level, index, width):
    groups = [f"{index % 1000:03}"]
    while index >= 1000:
        index //= 1000
        groups.insert(0, f"x{index % 1000:03}")
    partial = f".p/{width}" if width < 256 else ""
    return f"tile/{level}/{'/'.join(groups)}{partial}"


def spans(count):
    """Index and width of the tiles over so many items."""
    for index in range((count + 255) // 256):
        yield index, min(256, count - index * 256)


def read_entries(folder, size):
    entries = []
    for index, width in spans(size):
        data = (folder / path("entries", index, width)).read_bytes()
        for _ in range(width):
            (length,) = struct.unpack(">H", data[:2])
            if len(data) < 2 + length:
                raise Damaged("a bundle is cut off")
            entries.append(data[2 : 2 + length])
            data = data[2 + length :]
        if data:
            raise Damaged("a bundle goes on")
    return entries


def subroot(hashes):
    """The hash over the 256 hashes of a full tile."""
    while len(hashes) > 1:
        hashes = [HASHER.hash_pair(*hashes[i : i + 2]) for i in range(0, len(hashes), 2)]
    return hashes[0]


def check_tiles(folder, entries):
    level, hashes = 0, [HASHER.hash_buff(entry) for entry in entries]
    while hashes:
        for index, width in spans(len(hashes)):
            name = path(level, index, width)
            if (folder / name).read_bytes() != b"".join(hashes[index * 256 :][:width]):
                raise Damaged(f"{name} was altered")
        full = len(hashes) // 256
        hashes = [subroot(hashes[i * 256 : i * 256 + 256]) for i in range(full)]
        level += 1


def read_receipt(data, keys):
    """C2SP tlog-proof: entry, index, proof, and size and root of the checkpoint."""
    head, separator, checkpoint = data.partition(b"\n\n")
    if not separator:
        raise Damaged("malformed receipt")
    header, extra, index, *proof = head.decode().split("\n")
    if header != "c2sp.org/tlog-proof@v1" or not index.startswith("index "):
        raise Damaged("malformed receipt")
    if not extra.startswith("extra "):
        raise Damaged("malformed extra data")
    size, root = open_checkpoint(checkpoint, keys)
    proof = [decode(line) for line in proof]
    return decode(extra[6:]), decimal(index[6:]), proof, size, root


def check(folder, keys):
    size, root = open_checkpoint((folder / "checkpoint").read_bytes(), keys)
    older_size, older_root = open_checkpoint((folder / "older").read_bytes(), keys)
    receipts = [
        read_receipt(file.read_bytes(), keys) for file in sorted((folder / "receipts").iterdir())
    ]
    entries = read_entries(folder, size)
    tree = InmemoryTree(algorithm="sha256")
    for entry in entries:
        tree.append_entry(entry)
    if tree.get_root() != root:
        raise Damaged("the entries do not give the root")
    check_tiles(folder, entries)
    for entry, index, proof, of_size, of_root in receipts:
        if entry != entries[index]:
            raise Damaged("a receipt is of another entry")
        leaf = tree.get_leaf(index + 1)
        expected = tree.prove_inclusion(index + 1, of_size)
        if [leaf, *proof] != expected.path:
            raise Damaged("a receipt was altered")
        verify_inclusion(leaf, of_root, expected, index=index + 1, size=of_size)
    grown = tree.prove_consistency(older_size, size)
    verify_consistency(older_root, root, grown, prior_size=older_size, later_size=size)


def main():
    folder = Path(sys.argv[1])
    keys = [Key(vkey) for vkey in sys.argv[2:]]
    for _ in sys.stdin:
        try:
            check(folder, keys)
            print("ok", flush=True)
        except Exception as error:  # noqa: BLE001 - whatever goes wrong, it is not believed
            words = f"{type(error).__name__} {error}".replace("\n", " ")
            print(f"damaged: {words}", flush=True)


main()
