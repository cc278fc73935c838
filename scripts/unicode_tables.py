#!/usr/bin/env python3
"""Writes include/tapegrad/text/unicode_tables.hpp: what tokenizers ask of Unicode.

unicode_tables.py [OUT]

Needs unicodedata2 == 16.0.0 and tokenizers. General categories are those of Unicode 16, which the pattern engines of
tokenizers and tiktoken have. Normalization and the accents and punctuation of BERT follow older versions in
tokenizers (12 and 8): where a code point is younger than that, it is asked what it does, and the tables say the same.

A table is a text of printable characters, so that it stays small and is decoded once: numbers of 5 bits a character,
the lowest first, 32 added where more follow; '0' + value, one higher from the backslash on.
"""

import pathlib
import sys

import unicodedata2 as unicode
from tokenizers import normalizers, pre_tokenizers

OUT = pathlib.Path(sys.argv[1] if len(sys.argv) > 1 else pathlib.Path(__file__).resolve().parent.parent / "include/tapegrad/text/unicode_tables.hpp")
POINTS = [c for c in range(0x110000) if not 0xD800 <= c < 0xE000]
CATEGORIES = "Lu Ll Lt Lm Lo Mn Mc Me Nd Nl No Pc Pd Ps Pe Pi Pf Po Sm Sc Sk So Zs Zl Zp Cc Cf Cs Co Cn".split()
WIDTH = 103
ALTERNATING = {("Lu", "Ll"): 30, ("Ll", "Lu"): 31}
assert unicode.unidata_version == "16.0.0"


class Packed:
    def __init__(self):
        self.text = ""

    def add(self, value):
        assert value >= 0
        while True:
            digit = value & 31 | (32 if value > 31 else 0)
            self.text += chr(48 + digit + (48 + digit >= 92))
            value >>= 5
            if value == 0:
                return

    def add_signed(self, value):
        self.add(value << 1 if value >= 0 else -value << 1 | 1)


def categories():
    names = [unicode.category(chr(c)) for c in range(0x110000)]
    runs = []
    for name in names:
        if runs and runs[-1][1] == name:
            runs[-1][0] += 1
        else:
            runs.append([1, name])
    out, i = Packed(), 0
    while i < len(runs):
        j = i
        # Single letters that go upper, lower, upper, ... are one run.
        while j + 1 < len(runs) and runs[j][0] == 1 and runs[j + 1][0] == 1 and (runs[j][1], runs[j + 1][1]) in ALTERNATING:
            j += 1
        if j > i + 1:
            out.add(j - i + 1)
            out.add(ALTERNATING[runs[i][1], runs[i + 1][1]])
            i = j + 1
        else:
            out.add(runs[i][0])
            out.add(CATEGORIES.index(runs[i][1]))
            i += 1
    return out.text


def ranges(points):
    """Gap before a range and its length, alternately."""
    out, end, start, last = Packed(), 0, None, None
    for c in sorted(points) + [None]:
        if start is not None and c != last + 1:
            out.add(start - end)
            out.add(last + 1 - start)
            end, start = last + 1, None
        if start is None:
            start = c
        last = c
    return out.text


def lower():
    """Runs of code points, one or two apart, with one distance to their small letter: gap, length, step, distance."""
    lowercase = normalizers.Lowercase().normalize_str
    pairs = [(c, ord(s)) for c in POINTS if len(s := lowercase(chr(c))) == 1 and s != chr(c)]
    assert [c for c in POINTS if len(lowercase(chr(c))) > 1] == [0x130]
    out, at, i = Packed(), 0, 0
    while i < len(pairs):
        step = pairs[i + 1][0] - pairs[i][0] if i + 1 < len(pairs) else 1
        step = step if step in (1, 2) else 1
        j = i + 1
        while j < len(pairs) and pairs[j][0] == pairs[j - 1][0] + step and pairs[j][1] - pairs[j][0] == pairs[i][1] - pairs[i][0]:
            j += 1
        out.add(pairs[i][0] - at)
        out.add(j - i)
        out.add(step)
        out.add_signed(pairs[i][1] - pairs[i][0])
        at, i = pairs[j - 1][0] + 1, j
    return out.text


STRIP = normalizers.StripAccents().normalize_str
MARKS = {c for c in POINTS if STRIP(chr(c)) == ""}


def combining_classes():
    """Gap, length, class."""
    out, end, c = Packed(), 0, 0
    value = lambda c: unicode.combining(chr(c)) if c in MARKS else 0
    while c < 0x110000:
        k = value(c)
        if k == 0:
            c += 1
            continue
        first = c
        while value(c) == k:
            c += 1
        out.add(first - end)
        out.add(c - first)
        out.add(k)
        end = c
    return out.text


def decompositions():
    """Gap, 4 * length + 2 where it is of compatibility + 1 where it is not composed again, distances."""
    nfkd, nfc = normalizers.NFKD().normalize_str, normalizers.NFC().normalize_str
    out, end = Packed(), 0
    for c in POINTS:
        parts = unicode.decomposition(chr(c)).split()
        if not parts or nfkd(chr(c)) == chr(c):
            continue
        compatible = parts[0].startswith("<")
        points = [int(p, 16) for p in parts[compatible:]]
        again = not compatible and len(points) == 2 and nfc(chr(c)) == chr(c)
        out.add(c - end)
        out.add(4 * len(points) + 2 * compatible + (not again))
        before = c
        for p in points:
            out.add_signed(p - before)
            before = p
        end = c + 1
    return out.text


def differing(known, category):
    return ranges(known ^ {c for c in POINTS if unicode.category(chr(c)).startswith(category)})


def bert():
    clean = normalizers.BertNormalizer(True, False, False, False).normalize_str
    accents = normalizers.BertNormalizer(False, False, True, False).normalize_str
    split = pre_tokenizers.BertPreTokenizer().pre_tokenize_str
    punctuation = {c for c in POINTS if len(split("a" + chr(c) + "a")) == 3}
    ascii_symbols = {c for c in range(128) if unicode.category(chr(c)).startswith("S")}
    nonspacing = {c for c in POINTS if accents("a" + chr(c)) == "a"}
    other = {c for c in POINTS if clean(chr(c)) == ""} - {0xFFFD} | {9, 10, 13}
    other |= {c for c in POINTS if unicode.category(chr(c)) == "Cn"}
    return [
        ("marks", "Code points that are marks (M) here and not there, or the other way round: of StripAccents.", differing(MARKS, "M")),
        ("bert_punctuation", "The same of punctuation (P), of BERT.", differing(punctuation - ascii_symbols, "P")),
        ("bert_nonspacing", "The same of nonspacing marks (Mn).", differing(nonspacing, "Mn")),
        ("bert_other", "The same of control characters and their like (C).", differing(other, "C")),
    ]


TABLES = [
    ("categories", "Length and category of each run; the order of the categories is that of `Category`, 30 and 31 are\n/// capital and small letters in turn, beginning with either.", categories()),
    ("lower", "Gap, length, step and distance to the small letter.", lower()),
    ("combining_classes", "Gap, length and class.", combining_classes()),
    ("decompositions", "Gap; 4 * length + 2 (of compatibility) + 1 (not composed again); distances.", decompositions()),
] + bert()

lines = [
    "// Tables of Unicode, written by scripts/unicode_tables.py, which says what they hold; do not edit.",
    "#pragma once",
    "",
    "#include <string_view>",
    "",
    '#include "../core/config.hpp"',
    "",
    "namespace tapegrad::inline TAPEGRAD_ISA::detail::unicode {",
]
for name, what, text in TABLES:
    lines += ["", f"/// {what}"]
    declaration = f"inline constexpr std::string_view {name} ="
    if len(declaration) + len(text) + 4 <= 110:
        lines.append(f'{declaration} "{text}";')
        continue
    lines.append(declaration)
    lines += [f'    "{text[i : i + WIDTH]}"' for i in range(0, len(text), WIDTH)]
    lines[-1] += ";"
lines += ["", "}"]
OUT.write_text("\n".join(lines) + "\n")
print(", ".join(f"{name} {len(text)}" for name, _, text in TABLES))
