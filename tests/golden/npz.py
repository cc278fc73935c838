"""Both directions between tapegrad's npy, npz and deflate and the Python packages.

Run      python npz.py write                writes npz_stored.npz, npz_deflated.npz and npz_forms.npz beside this file
         python npz.py check STORED DEFLATED
                                            exits 0 when both npz files hold the content below, bit for bit
Needs    numpy

Content, in C order: f32 (2, 3) arange * 0.5 - 1; f64 (3,) arange * 0.25 + 2^-40; f16 (5,) arange * 0.125;
i32 (2, 2) arange - 2; i64 (2,) 2^53 + 1 + arange; u8 (300,) arange modulo 256; bool (3,) true false true;
scalar () 3.25; empty (0, 4); text (4000,) u8: "the whole vocabulary " over and over

npz_forms.npz: the same 2 x 3 float32 as v2, v3 (versions 2.0, 3.0), big (big endian), fortran (column-major, (2, 3)),
fortran3 (column-major, (2, 3, 4), arange); then byte streams: zlib of `text` by level 0, 1, 9 and with fixed codes,
random (u8, 3000) and its zlib stream, and `text` as gzip with a name in its head
"""

import gzip
import io
import pathlib
import sys
import zipfile
import zlib

import numpy as np

HERE = pathlib.Path(__file__).parent


def content():
    return {
        "f32": (np.arange(6, dtype="f4") * np.float32(0.5) - 1).reshape(2, 3),
        "f64": np.arange(3) * 0.25 + 2.0**-40,
        "f16": np.arange(5, dtype="f2") * np.float16(0.125),
        "i32": (np.arange(4, dtype="i4") - 2).reshape(2, 2),
        "i64": np.arange(2, dtype="i8") + 2**53 + 1,
        "u8": (np.arange(300) % 256).astype("u1"),
        "bool": np.array([True, False, True]),
        "scalar": np.float32(3.25),
        "empty": np.zeros((0, 4), "f4"),
        "text": np.frombuffer((b"the whole vocabulary " * 200)[:4000], "u1"),
    }


def forms():
    x = content()["f32"]
    text = content()["text"].tobytes()
    random = np.random.RandomState(0).randint(0, 256, 3000).astype("u1")

    def npy(array, version=None):
        out = io.BytesIO()
        np.lib.format.write_array(out, array, version=version)
        return out.getvalue()

    def stream(data):
        return npy(np.frombuffer(data, "u1"))

    fixed = zlib.compressobj(9, strategy=zlib.Z_FIXED)
    named = io.BytesIO()
    with gzip.GzipFile("a name", "wb", 9, named, 0) as f:
        f.write(text)
    return {
        "v2": npy(x, (2, 0)),
        "v3": npy(x, (3, 0)),
        "big": npy(x.astype(">f4")),
        "fortran": npy(np.asfortranarray(x)),
        "fortran3": npy(np.asfortranarray(np.arange(24, dtype="i4").reshape(2, 3, 4))),
        "level0": stream(zlib.compress(text, 0)),
        "level1": stream(zlib.compress(text, 1)),
        "level9": stream(zlib.compress(text, 9)),
        "fixed": stream(fixed.compress(text) + fixed.flush()),
        "random": npy(random),
        "random_zlib": stream(zlib.compress(random.tobytes(), 9)),
        "gzip": stream(named.getvalue()),
    }


def write():
    np.savez(HERE / "npz_stored.npz", **content())
    np.savez_compressed(HERE / "npz_deflated.npz", **content())
    with zipfile.ZipFile(HERE / "npz_forms.npz", "w") as archive:
        for name, data in forms().items():
            archive.writestr(zipfile.ZipInfo(name + ".npy"), data)


def check(path, method):
    problems = []
    with zipfile.ZipFile(path) as archive:
        if bad := archive.testzip():
            problems.append(f"{bad} is damaged")
        problems += [f"{i.filename}: method {i.compress_type}" for i in archive.infolist() if i.compress_type != method]
    found, wanted = np.load(path), content()
    if sorted(found.files) != sorted(wanted):
        problems.append(f"names {sorted(found.files)}")
    for name, x in wanted.items():
        y = found[name]
        if x.dtype != y.dtype or x.shape != y.shape or x.tobytes() != y.tobytes():
            problems.append(f"{name}: {y!r}")
    return [f"{path}: {p}" for p in problems]


if sys.argv[1:] == ["write"]:
    write()
elif len(sys.argv) == 4 and sys.argv[1] == "check":
    found = check(sys.argv[2], zipfile.ZIP_STORED) + check(sys.argv[3], zipfile.ZIP_DEFLATED)
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
else:
    sys.exit(__doc__)
