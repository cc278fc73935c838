"""Writes text_*: small tokenizers of every family, trained here, and what the libraries they belong to make of texts.

Needs tokenizers, tiktoken, sentencepiece, unicodedata2 == 16.0.0. text_strings.json has the texts; every other
text_NAME.json has [ids, decoded text] for each, the text left out where it is the same.
"""

import base64
import io
import json
import pathlib
import tempfile

import tiktoken
from sentencepiece import SentencePieceProcessor, SentencePieceTrainer
from text_cases import CORPUS, strings
from tokenizers import AddedToken, Regex, Tokenizer, models, normalizers, processors, trainers
from tokenizers import decoders as D
from tokenizers import pre_tokenizers as P

HERE = pathlib.Path(__file__).parent
STRINGS = strings(120, seed=7)
METASPACE = "▁"
ENGLISH = " ".join(CORPUS.split("\n")[:4])


def dump(name, value):
    (HERE / f"text_{name}.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def cases(name, encode, decode):
    rows = [(s, ids := encode(s), decode(ids)) for s in STRINGS]
    dump(name, [[ids] if text == s else [ids, text] for s, ids, text in rows])


def hugging_face(name, tokenizer):
    """Special tokens are put around texts, and left out when decoding."""
    (HERE / f"text_{name}-tokenizer.json").write_text(tokenizer.to_str())
    cases(name, lambda s: tokenizer.encode(s).ids, tokenizer.decode)


def bpe(pre_tokenizer, normalizer=None, special=("<|endoftext|>",), vocab=380, text=CORPUS, byte_level=True, **options):
    t = Tokenizer(models.BPE(**options))
    if pre_tokenizer:
        t.pre_tokenizer = pre_tokenizer
    if normalizer:
        t.normalizer = normalizer
    alphabet = P.ByteLevel.alphabet() if byte_level else []
    suffix = {k: v for k, v in options.items() if k == "end_of_word_suffix"}
    trainer = trainers.BpeTrainer(vocab_size=vocab, special_tokens=list(special), initial_alphabet=alphabet, show_progress=False, **suffix)
    t.train_from_iterator([text], trainer)
    t.decoder = D.ByteLevel()
    return t


def template(single, *tokens):
    return processors.TemplateProcessing(single=single, pair=single + " $B", special_tokens=list(tokens))


def split(pattern, behavior="isolated", invert=False):
    return P.Split(Regex(pattern), behavior, invert)


BYTES = P.ByteLevel(add_prefix_space=False, use_regex=False)
CL100K = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK = r"""[!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"""
CL100K_TIKTOKEN = (
    r"'(?i:[sdmt]|ll|ve|re)|[^\r\n\p{L}\p{N}]?+\p{L}++|\p{N}{1,3}+| ?[^\s\p{L}\p{N}]++[\r\n]*+|\s++$|\s*[\r\n]|\s+(?!\S)|\s"
)
CLIP = r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"
O200K = "|".join([
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?",
    r"\p{N}{1,3}", r" ?[^\s\p{L}\p{N}]+[\r\n/]*", r"\s*[\r\n]+", r"\s+(?!\S)", r"\s+",
])


def gpt2():
    t = bpe(P.ByteLevel(add_prefix_space=False), vocab=600)
    t.model.save(str(HERE), "text_gpt2")
    cases("gpt2", lambda s: t.encode(s).ids, lambda ids: t.decode(ids, skip_special_tokens=False))


def byte_level():
    llama3 = bpe(P.Sequence([split(CL100K), BYTES]), special=("<|begin_of_text|>", "<|eot_id|>"), ignore_merges=True)
    llama3.post_processor = processors.Sequence([processors.ByteLevel(), template("<|begin_of_text|> $A", ("<|begin_of_text|>", 0))])
    hugging_face("llama3", llama3)
    qwen2 = bpe(P.Sequence([split(CL100K.replace("{1,3}", "")), BYTES]), normalizers.NFC(), special=("<|endoftext|>", "<|im_start|>"))
    hugging_face("qwen2", qwen2)
    numbers, chinese = split(r"\p{N}{1,3}"), split("[一-龥\u3040-ゟ゠-ヿ]+")
    hugging_face("deepseek", bpe(P.Sequence([numbers, chinese, split(DEEPSEEK), BYTES])))
    hugging_face("starcoder", bpe(P.Sequence([P.Digits(individual_digits=True), P.ByteLevel(add_prefix_space=True)])))
    clip_normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    clip_cuts = P.Sequence([split(CLIP, "removed", True), P.ByteLevel(add_prefix_space=False)])
    special = ("<|startoftext|>", "<|endoftext|>")
    clip = bpe(clip_cuts, clip_normalizer, special, end_of_word_suffix="</w>", unk_token="<|endoftext|>", vocab=700)
    clip.decoder = D.BPEDecoder()
    clip.post_processor = processors.RobertaProcessing(("<|endoftext|>", 1), ("<|startoftext|>", 0))
    hugging_face("clip", clip)
    added = bpe(P.ByteLevel(add_prefix_space=False), normalizers.Lowercase())
    added.add_tokens([
        AddedToken("fox", single_word=True), AddedToken("<s>", lstrip=True, rstrip=True, special=True, normalized=False),
        AddedToken("THE", normalized=True), AddedToken("  ", normalized=False), AddedToken("</s>", lstrip=True, normalized=True),
        AddedToken("##", single_word=True), AddedToken("▁▁", rstrip=True, normalized=False),
    ])
    hugging_face("added", added)


def characters():
    fallback = [f"<0x{byte:02X}>" for byte in range(256)]
    normalizer = normalizers.Sequence([normalizers.Prepend(METASPACE), normalizers.Replace(" ", METASPACE)])
    special = ["<unk>", "<s>", "</s>"] + fallback
    options = dict(byte_level=False, unk_token="<unk>", fuse_unk=True, text=ENGLISH)
    llama2 = bpe(None, normalizer, special, vocab=420, byte_fallback=True, **options)
    llama2.decoder = D.Sequence([D.Replace(METASPACE, " "), D.ByteFallback(), D.Fuse(), D.Strip(" ", 1, 0)])
    llama2.post_processor = template("<s> $A", ("<s>", 1))
    hugging_face("llama2", llama2)
    metaspace = bpe(P.Metaspace(prepend_scheme="first"), special=("<unk>", "<s>"), vocab=200, **options)
    metaspace.decoder = D.Metaspace(prepend_scheme="first")
    hugging_face("metaspace", metaspace)


def unigram():
    t = Tokenizer(models.Unigram())
    t.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    t.pre_tokenizer, t.decoder = P.Metaspace(), D.Metaspace()
    t.train_from_iterator([ENGLISH], trainers.UnigramTrainer(vocab_size=200, special_tokens=["<unk>", "</s>"], unk_token="<unk>", show_progress=False))
    t.post_processor = template("$A </s>", ("</s>", 1))
    hugging_face("unigram", t)


def bert():
    for name, lower in ("bert", True), ("bert_cased", False):
        t = Tokenizer(models.WordPiece(unk_token="[UNK]"))
        t.normalizer, t.pre_tokenizer, t.decoder = normalizers.BertNormalizer(lowercase=lower), P.BertPreTokenizer(), D.WordPiece()
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        t.train_from_iterator([CORPUS], trainers.WordPieceTrainer(vocab_size=600, special_tokens=special, show_progress=False))
        t.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
        hugging_face(name, t)


def ranks_of(tokenizer):
    """The tokens of a byte-level vocabulary as bytes, special ones left out, in their order."""
    printable = [*range(0x21, 0x7F), *range(0xA1, 0xAD), *range(0xAE, 0x100)]
    others = [byte for byte in range(256) if byte not in printable]
    bytes_of = {chr(b): b for b in printable} | {chr(0x100 + i): b for i, b in enumerate(others)}
    special = {token.content for token in tokenizer.get_added_tokens_decoder().values()}
    tokens = [t for t, _ in sorted(tokenizer.get_vocab().items(), key=lambda item: item[1]) if t not in special]
    return {bytes(bytes_of[c] for c in token): rank for rank, token in enumerate(tokens)}


def ranks():
    ranks = ranks_of(bpe(P.Sequence([split(O200K), BYTES]), vocab=450))
    lines = [base64.b64encode(token) + f" {rank}\n".encode() for token, rank in ranks.items()]
    (HERE / "text_ranks.tiktoken").write_bytes(b"".join(lines))
    for name, pattern in ("o200k", O200K), ("cl100k", CL100K_TIKTOKEN):
        special = {"<|endoftext|>": 1000, "<|im_start|>": 1001}
        encoding = tiktoken.Encoding(name, pat_str=pattern, mergeable_ranks=ranks, special_tokens=special)
        cases(name, lambda s: encoding.encode(s, allowed_special="all"), encoding.decode)


def sentencepiece():
    lines = [line for line in CORPUS.split("\n") if line]
    # Small rules instead of nmt_nfkc, whose table alone has 240 kB: code points, tab, what they become.
    rules = {"ﬁ": "fi", "ﬀ": "ff", "\u00a0": " ", "\u3000": " ", "\n": " ", "\t": " ", "½": "1/2", "e\u0301": "é", "\u200b": "", "\u212a": "K"}
    hexadecimal = lambda text: " ".join(f"{ord(c):X}" for c in text)
    with tempfile.TemporaryDirectory() as folder:
        table = pathlib.Path(folder) / "rules.tsv"
        table.write_text("".join(f"{hexadecimal(a)}\t{hexadecimal(b)}\n" for a, b in rules.items()))
        for name, options in {
            "sp_unigram": dict(model_type="unigram", vocab_size=400, normalization_rule_tsv=str(table), user_defined_symbols=["the", "<sep>"]),
            "sp_bpe": dict(model_type="bpe", vocab_size=680, normalization_rule_name="identity", byte_fallback=True,
                           remove_extra_whitespaces=False, user_defined_symbols=["12", "中"], character_coverage=0.98),
        }.items():
            model = io.BytesIO()
            SentencePieceTrainer.train(sentence_iterator=iter(lines), model_writer=model, minloglevel=2, num_threads=1, **options)
            (HERE / f"text_{name}.model").write_bytes(model.getvalue())
            processor = SentencePieceProcessor(model_proto=model.getvalue())
            cases(name, processor.encode, processor.decode)


dump("strings", STRINGS)
dump("normalization", [[getattr(normalizers, form)().normalize_str(s) for form in ("NFD", "NFC", "NFKD", "NFKC")] for s in STRINGS])
(HERE / "text_corpus.txt").write_text(CORPUS)
gpt2()
byte_level()
characters()
unigram()
bert()
ranks()
sentencepiece()
