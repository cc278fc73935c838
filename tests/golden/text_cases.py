"""Texts that tokenizers find hard, and a small corpus in many scripts to train them on. The same for one seed."""

import random

import unicodedata2 as unicode  # 16.0.0: of the tables in include/tapegrad/text/unicode_tables.hpp

CORPUS = """\
The quick brown fox jumps over the lazy dog. It's what we've done, isn't it? They'll see; I'd say so, and he'S TOLD.
In 1984 there were 3,141,592 reasons; 42% of them cost $17.50 each (about 16€ or 1 900¥).
def main(argc, argv):\n    if argc < 2:\n\treturn -1  # nothing to do\n\n\n    for i in range(10): print(i ** 2)\n
Größe, Straße, übermäßig; Ça va déjà très bien, garçon! El niño comió piñas mañana. Åse får høre blåbærsyltetøy.
Съешь же ещё этих мягких французских булок, да выпей чаю. Жлобы! Ξεσκεπάζω την ψυχοφθόρα βδελυγμία.
Příliš žluťoučký kůň úpěl ďábelské ódy. Zażółć gęślą jaźń. Fîşekî İstanbul'da ığdır. Đường phố Hà Nội rất đẹp.
我能吞下玻璃而不伤身体。今天天气很好，我们去公园吧！「引用」はどうですか。いろはにほへと ちりぬるを。カタカナ・テスト
키스의 고유조건은 입술끼리 만나야 하고 특별한 기술은 필요치 않다. نص حكيم له سر قاطع وذو شأن عظيم مكتوب على ثوب أخضر
דג סקרן שט בים מאוכזב ולפתע מצא חברה. ऋषियों को सताने वाले दुष्ट राक्षसों के राजा रावण का सर्वनाश। ภาษาไทยง่ายนิดเดียว
😀 👍🏽 👨‍👩‍👧‍👦 🇩🇪🇯🇵 ❤️ ½ + ¾ = 1¼, x² ≤ √y ∞ → ∑ ﬁne ﬀ Ⅷ ①②③ ℃ ａｂｃ ＡＢＣ … — “quoted” ‘text’ «guillemets»
"""

SPACES = [" ", "  ", "   ", "\n", "\n\n", "\r\n", "\t", "\u00a0", "\u2003", "\u3000", "\u2028", "\x0b", "\x85", " \n ", "\n  \n"]
BITS = [
    "'s", "'S", "'ll", "'LL", "'Ve", "'re", "'d", "'ſ", "'t", "'", "''", "l", "ſ", "K", "İ", "ı", "ß", "ﬀ", "ﬆ", "Σ", "ς", "Ǆ", "ǅ",
    "0", "12", "12345", "٣", "१२", "½", "Ⅷ", "²", "１２", "_", "__", "...", "!?", "/", "//", "#", "$", "%", "(", ")", "[UNK]", "[CLS]",
    "é", "e\u0301", "a\u0308\u0323", "a\u0323\u0308", "\u0301", "\u0301\u0302", "क्षि", "각", "\u1100\u1161\u11a8", "가\u11a8", "한국", "中", "中文字", "日本", "の", "カ",
    "ﾊﾟ", "Å", "Å", "Ω", "😀", "👍🏽", "👨‍👩‍👧", "🇩🇪", "\u200d", "\ufe0f", "\u200b", "\ufeff", "\x00", "\x7f", "\x01", "\ufffd", "\u00ad",
    "▁", "▁▁", "<s>", "</s>", "<unk>", "<0x41>", "<|endoftext|>", "<|im_start|>", "Ġ", "Ċ", "##", "##s", "I", "a", "The", "the", "ABC", "aBc", "XMLHttp",
    "don't", "I'm", "WE'VE", "naïve", "über", "ﬁ", "①", "℃", "ａ", "Ａ", "\u1e9b\u0323", "\u0344", "\u2126", "\ud7a3", "\U0001d400", "\U0002f800",
]
ASSIGNED = [c for c in range(0x110000) if unicode.category(chr(c)) not in ("Cn", "Cs", "Co")]
WORDS = CORPUS.split()


def strings(count, seed):
    """Random texts of all sorts, 0 to about 60 characters."""
    r = random.Random(seed)
    scripts = [(0x20, 0x7F), (0xA0, 0x250), (0x300, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE00), (0x1E00, 0x2000),
               (0x2000, 0x2500), (0x3000, 0x3100), (0x4E00, 0x5000), (0xAC00, 0xAD00), (0xFB00, 0x10000), (0x1F300, 0x1F700)]

    def part():
        kind = r.randrange(8)
        if kind == 0:
            return r.choice(SPACES) * r.choice([1, 1, 1, 2, 5])
        if kind == 1:
            return r.choice(BITS) * r.choice([1, 1, 1, 2, 3])
        if kind == 2:
            return chr(r.choice(ASSIGNED))
        if kind == 3:
            low, high = r.choice(scripts)
            return "".join(chr(r.randrange(low, high)) for _ in range(r.randrange(1, 6)))
        if kind == 4:
            return "".join(chr(r.randrange(0x20, 0x7F)) for _ in range(r.randrange(1, 8)))
        if kind == 5:
            return str(r.randrange(10 ** r.randrange(1, 9)))
        return r.choice(["", " ", " ", " "]) + r.choice(WORDS)

    return ["".join(part() for _ in range(r.randrange(0, 16))) for _ in range(count)]
