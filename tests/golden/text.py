"""Writes text_*: small tokenizers of every family, trained here, and what the libraries they belong to make of texts.

Needs tokenizers, tiktoken, sentencepiece, unicodedata2 == 16.0.0. text_strings.json has the texts; every other
text_NAME.json has [ids, decoded text] for each.
"""

import json
import pathlib

from text_cases import CORPUS, strings
from tokenizers import Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

HERE = pathlib.Path(__file__).parent
STRINGS = strings(250, seed=7)


def dump(name, value):
    (HERE / f"text_{name}.json").write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")


def cases(name, encode, decode):
    dump(name, [[ids := encode(s), decode(ids)] for s in STRINGS])


def hugging_face(name, tokenizer, special=False, skip=False):
    encode = lambda s: tokenizer.encode(s, add_special_tokens=special).ids
    cases(name, encode, lambda ids: tokenizer.decode(ids, skip_special_tokens=skip))


def gpt2():
    t = Tokenizer(models.BPE())
    t.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    t.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    special = ["<|endoftext|>"]
    trainer = trainers.BpeTrainer(vocab_size=700, special_tokens=special, initial_alphabet=alphabet, show_progress=False)
    t.train_from_iterator([CORPUS], trainer)
    t.model.save(str(HERE), "text_gpt2")
    hugging_face("gpt2", t)


dump("strings", STRINGS)
gpt2()
dump("normalization", [[getattr(normalizers, form)().normalize_str(s) for form in ("NFD", "NFC", "NFKD", "NFKC")] for s in STRINGS[:100]])
(HERE / "text_corpus.txt").write_text(CORPUS)
