"""Both directions between tapegrad's GGUF files and the Python package gguf, which is llama.cpp's.

Run      python gguf_check.py write FOLDER         writes gguf_python.gguf and gguf_python.safetensors
         python gguf_check.py check PATH           exits 0 when PATH, a GGUF file, holds the content below
         the files beside this one were made by `write`
Needs    numpy, gguf, safetensors

Content  metadata of every type, see METADATA; x (4, 64) random floats, of them
           f32 f16 bf16 q8_0 q4_0    x in that type
         scalar (), i32 (3,), i64 (2,), f64 (2,)
         q4_1 q5_0 q5_1 q2_k q3_k q4_k q5_k q6_k    random blocks, (2, 256) or (2, 64)     only in gguf_python.gguf
         gguf_python.safetensors holds the floats that the package makes of each, and x.
"""

import pathlib
import sys

import numpy as np
from gguf import GGMLQuantizationType as Q
from gguf import GGUFReader, GGUFValueType, GGUFWriter, dequantize, quantize
from gguf.constants import GGML_QUANT_SIZES
from safetensors.numpy import save_file

V = GGUFValueType
METADATA = {
    "general.architecture": ("llama", V.STRING),
    "a.uint8": (200, V.UINT8),
    "a.int8": (-100, V.INT8),
    "a.uint16": (60000, V.UINT16),
    "a.int16": (-30000, V.INT16),
    "a.uint32": (4000000000, V.UINT32),
    "a.int32": (-2000000000, V.INT32),
    "a.float32": (0.15625, V.FLOAT32),
    "a.bool": (True, V.BOOL),
    "a.string": ("üñí 😀\n", V.STRING),
    "a.uint64": (1 << 62, V.UINT64),
    "a.int64": (-(1 << 62), V.INT64),
    "a.float64": (0.1, V.FLOAT64),
    "a.strings": (["<s>", "", "▁the"], V.ARRAY),
    "a.floats": ([0.5, -1.0, 0.0], V.ARRAY),
    "a.ints": ([1, -2, 3], V.ARRAY),
    "a.bools": ([True, False], V.ARRAY),
}
RANDOM = [Q.Q4_1, Q.Q5_0, Q.Q5_1, Q.Q2_K, Q.Q3_K, Q.Q4_K, Q.Q5_K, Q.Q6_K]
# Where the float16 scales of a block stand.
SCALES = {Q.Q4_1: (0, 2), Q.Q5_0: (0,), Q.Q5_1: (0, 2), Q.Q2_K: (80, 82), Q.Q3_K: (108,), Q.Q4_K: (0, 2),
          Q.Q5_K: (0, 2), Q.Q6_K: (208,)}  # fmt: skip


def floats():
    """x: exact in float32 in every language, of many sizes, with a row whose second block is 0."""
    i = np.arange(256, dtype=np.int64)
    x = ((i * 7919 + 13) % 2003 - 1001).astype(np.float32) / np.float32(512)
    x *= np.ldexp(np.float32(1), (i // 32) % 8 - 4).astype(np.float32)
    x[224:] = 0
    return x.reshape(4, 64)


def plain():
    x = floats()
    return {
        "f32": (x, Q.F32),
        "f16": (quantize(x, Q.F16), Q.F16),
        "bf16": (quantize(x, Q.BF16), Q.BF16),
        "q8_0": (quantize(x, Q.Q8_0), Q.Q8_0),
        "q4_0": (quantize(x, Q.Q4_0), Q.Q4_0),
        "scalar": (np.array(2.5, np.float32), Q.F32),
        "i32": (np.array([1, -2, 2**31 - 1], np.int32), Q.I32),
        "i64": (np.array([2**53 + 1, -5], np.int64), Q.I64),
        "f64": (np.array([0.1, -0.2], np.float64), Q.F64),
    }


def random_blocks():
    rng = np.random.default_rng(5)
    tensors = {}
    for kind in RANDOM:
        block, size = GGML_QUANT_SIZES[kind]
        count = 2 if block == 256 else 4
        blocks = rng.integers(0, 256, (count, size), dtype=np.uint8)
        for at in SCALES[kind]:
            scales = (rng.standard_normal(count) * 0.1).astype(np.float16)
            blocks[:, at : at + 2] = scales.view(np.uint8).reshape(count, 2)
        tensors[kind.name.lower()] = (blocks.reshape(2, -1), kind)
    return tensors


def write(folder):
    writer = GGUFWriter(folder / "gguf_python.gguf", "llama")
    for key, (value, kind) in METADATA.items():
        if key != "general.architecture":
            writer.add_key_value(key, value, kind)
    decoded = {"x": floats()}
    for name, (data, kind) in {**plain(), **random_blocks()}.items():
        writer.add_tensor(name, data, raw_dtype=kind)
        if kind in (Q.F16, Q.BF16, Q.Q8_0, Q.Q4_0) or kind in RANDOM:
            decoded[name] = dequantize(data, kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()
    save_file(decoded, folder / "gguf_python.safetensors")


def problems(path):
    reader = GGUFReader(path)
    if reader.alignment != 32:
        yield f"alignment {reader.alignment}"
    for key, (wanted, kind) in METADATA.items():
        field = reader.get_field(key)
        if field is None:
            yield f"{key} is missing"
            continue
        if field.types[0] != kind:
            yield f"{key}: type {field.types} instead of {kind}"
        found = field.contents()
        if kind == V.FLOAT32:
            found = float(np.float32(found))
        if found != wanted:
            yield f"{key}: {found!r} instead of {wanted!r}"
    extra = {k for k in reader.fields if not k.startswith("GGUF.")} - METADATA.keys()
    if extra:
        yield f"keys {extra} are too much"
    tensors = {t.name: t for t in reader.tensors}
    wanted_tensors = plain()
    if tensors.keys() != wanted_tensors.keys():
        yield f"tensors {sorted(tensors)} instead of {sorted(wanted_tensors)}"
        return
    at = 0
    for tensor in reader.tensors:
        data, kind = wanted_tensors[tensor.name]
        if tensor.tensor_type != kind:
            yield f"{tensor.name}: {tensor.tensor_type.name} instead of {kind.name}"
        elif tensor.data.tobytes() != data.tobytes():
            yield f"{tensor.name}: other bytes"
        shape = tuple(int(n) for n in reversed(tensor.shape.tolist()))
        block, size = GGML_QUANT_SIZES[kind]
        logical = data.shape[:-1] + (data.shape[-1] // size * block,) if block > 1 else data.shape
        logical = (4, 64) if tensor.name == "bf16" else logical
        if shape != logical:
            yield f"{tensor.name}: shape {shape} instead of {logical}"
        if at == 0:
            at = tensor.data_offset
        if tensor.data_offset != at:
            yield f"{tensor.name}: begins at {tensor.data_offset}, not {at}"
        at = (at + tensor.n_bytes + 31) // 32 * 32
    size = pathlib.Path(path).stat().st_size
    if size != at:
        yield f"the file has {size} bytes, not {at}"


def main():
    if len(sys.argv) != 3 or sys.argv[1] not in ("write", "check"):
        sys.exit("usage: gguf_check.py write FOLDER | check PATH")
    command, path = sys.argv[1:]
    if command == "write":
        write(pathlib.Path(path))
        return
    found = list(problems(path))
    for problem in found:
        print("gguf_check:", problem)
    print(f"{path}: {'differs' if found else 'ok'}")
    sys.exit(1 if found else 0)


if __name__ == "__main__":
    main()
