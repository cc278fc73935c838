"""Writes the seeds of the fuzzers: for each target a few small files that its reader takes. Run  python seeds.py"""

import json
import pathlib
import struct

HERE = pathlib.Path(__file__).parent / "seeds"


def put(target, name, content):
    path = HERE / target / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content if isinstance(content, bytes) else content.encode())


def text(value):
    return json.dumps(value, ensure_ascii=False)


def safetensors():
    header = {
        "__metadata__": {"format": "pt"},
        "a.weight": {"dtype": "F32", "shape": [2, 2], "data_offsets": [0, 16]},
        "b": {"dtype": "BOOL", "shape": [2], "data_offsets": [16, 18]},
        "c": {"dtype": "BF16", "shape": [0, 3], "data_offsets": [18, 18]},
    }
    written = text(header).encode()
    put("safetensors", "three", struct.pack("<Q", len(written)) + written + bytes(16) + b"\x01\x00")
    put("safetensors", "none", struct.pack("<Q", 8) + b"{}      ")


def index():
    shards = {"a": "model-00001-of-00002.safetensors", "b": "model-00002-of-00002.safetensors"}
    put("safetensors_index", "two", text({"metadata": {"total_size": 28}, "weight_map": shards}))
    put("safetensors_index", "none", text({"weight_map": {}}))


def sized(value):
    return struct.pack("<Q", len(value.encode())) + value.encode()


def key(name, kind, value):
    return sized(name) + struct.pack("<I", kind) + value


def gguf():
    u32 = [("context_length", 64), ("embedding_length", 4), ("block_count", 1), ("feed_forward_length", 4),
           ("attention.head_count", 2), ("vocab_size", 8)]  # fmt: skip
    keys = [key("general.architecture", 8, sized("llama"))]
    keys += [key(f"llama.{name}", 4, struct.pack("<I", value)) for name, value in u32]
    keys += [key("llama.attention.layer_norm_rms_epsilon", 6, struct.pack("<f", 1e-5))]
    keys += [key("flags", 9, struct.pack("<IQ", 7, 2) + b"\x01\x00")]
    keys += [key("tokens", 9, struct.pack("<IQ", 8, 2) + sized("a") + sized("bc"))]
    blocks = {2: (32, 18), 3: (32, 20), 6: (32, 22), 7: (32, 24), 8: (32, 34), 10: (256, 84), 11: (256, 110),
              12: (256, 144), 13: (256, 176), 14: (256, 210)}  # fmt: skip

    def whole(tensors):
        infos, data = [], b""
        for name, sizes, kind, size in tensors:
            infos.append(sized(name) + struct.pack(f"<I{len(sizes)}QIQ", len(sizes), *sizes, kind, len(data)))
            data += bytes(i % 251 for i in range(size))
            data += bytes(-len(data) % 32)
        head = b"GGUF" + struct.pack("<IQQ", 3, len(tensors), len(keys)) + b"".join(keys) + b"".join(infos)
        return head + bytes(-len(head) % 32) + data

    table = ("token_embd.weight", [4, 8], 0, 128)
    put("gguf", "plain", whole([table, ("half", [3], 1, 6), ("scalar", [], 0, 4), ("ids", [2], 27, 16)]))
    put("gguf", "blocks", whole([table] + [(f"t{k}", [n, 1], k, size) for k, (n, size) in blocks.items()]))
    put("gguf", "factors", whole([table, ("rope_freqs.weight", [1], 0, 4)]))


def gguf_tokenizer():
    def texts(name, values):
        return key(f"tokenizer.ggml.{name}", 9, struct.pack("<IQ", 8, len(values)) + b"".join(map(sized, values)))

    def numbers(name, kind, form, values):
        return key(f"tokenizer.ggml.{name}", 9, struct.pack(f"<IQ{len(values)}{form}", kind, len(values), *values))

    def whole(keys):
        return b"GGUF" + struct.pack("<IQQ", 3, 0, len(keys)) + b"".join(keys)

    def text(name, value):
        return key(f"tokenizer.ggml.{name}", 8, sized(value))

    bos = key("tokenizer.ggml.bos_token_id", 4, struct.pack("<I", 1))
    put("gguf_tokenizer", "bpe", whole([
        text("model", "gpt2"), text("pre", "gpt-2"), bos, numbers("token_type", 5, "i", [1, 3, 1, 1, 4, 5]),
        texts("tokens", ["l", "<s>", "o", "lo", "<user>", "[PAD5]"]), texts("merges", ["l o"]),
        key("tokenizer.ggml.add_bos_token", 7, b"\x01")]))  # fmt: skip
    put("gguf_tokenizer", "pieces", whole([
        text("model", "llama"), bos, numbers("token_type", 5, "i", [2, 3, 1, 1, 1, 1]),
        texts("tokens", ["<unk>", "<s>", "l", "o", "lo", "▁"]), numbers("scores", 6, "f", [0, 0, -3, -4, -1, -2])]))  # fmt: skip


def config():
    llama = {"model_type": "llama", "vocab_size": 8, "hidden_size": 8, "intermediate_size": 8, "num_hidden_layers": 1,
             "num_attention_heads": 2, "rope_theta": 1e4, "rope_scaling": None, "bos_token_id": 1}  # fmt: skip
    yarn = {"rope_type": "yarn", "rope_theta": 1e4, "factor": 4.0, "original_max_position_embeddings": 32}
    put("config", "llama", text(llama))
    put("config", "yarn", text(llama | {"rope_parameters": yarn}))
    put("config", "llama3", text(llama | {"rope_parameters": yarn | {"rope_type": "llama3"}}))
    put("config", "gpt2", text({"model_type": "gpt2", "vocab_size": 8, "n_embd": 4, "n_layer": 1, "n_head": 2}))


def tokenizers():
    vocab = {c: i for i, c in enumerate(["<unk>", "H", "e", "l", "o", "Ġ", "he", "ll", "▁"])}
    added = [{"id": 9, "content": "<s>", "single_word": False, "lstrip": False, "rstrip": False, "normalized": False,
              "special": True}]  # fmt: skip
    parts = {
        "bpe": {"model": {"type": "BPE", "vocab": vocab, "merges": ["l l"]}, "pre_tokenizer": {"type": "ByteLevel"}},
        "unigram": {"model": {"type": "Unigram", "unk_id": 0, "vocab": [["<unk>", 0.0], ["▁", -1.0], ["l", -2.0]]},
                    "pre_tokenizer": {"type": "Metaspace", "replacement": "▁", "prepend_scheme": "always"}},
        "wordpiece": {"model": {"type": "WordPiece", "unk_token": "<unk>", "continuing_subword_prefix": "##",
                                "max_input_chars_per_word": 100, "vocab": vocab},
                      "normalizer": {"type": "Lowercase"}, "pre_tokenizer": {"type": "Whitespace"}},
    }  # fmt: skip
    for name, part in parts.items():
        put("tokenizer_json", name, text({"version": "1.0", "added_tokens": added, **part}))
    put("wordpiece", "vocab", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nhello\n##lo\n,\na\n")
    put("tiktoken", "ranks", "IQ== 0\nIg== 1\nYQ== 2\n")
    put("gpt2_files", "small", text(vocab) + "\0#version: 0.2\nl l\n")

    def piece(word, score, kind):
        inner = b"\x0a" + bytes([len(word)]) + word + b"\x15" + struct.pack("<f", score) + b"\x18" + bytes([kind])
        return b"\x0a" + bytes([len(inner)]) + inner

    pieces = piece(b"<unk>", 0, 2) + piece("▁a".encode(), -1, 1) + piece(b"l", -2, 1)
    put("sentencepiece", "unigram", pieces)


for write in (safetensors, index, gguf, gguf_tokenizer, config, tokenizers):
    write()
