"""Both directions between tapegrad's PNG files and Pillow.

Run      python png.py write             writes the png_*.png files beside this one
         python png.py check FOLDER      exits 0 when grey.png, grey_alpha.png, rgb.png and rgba.png there, written by
                                         tests/io/png.cpp, hold the content below
Needs    pillow

Content  pixel (y, x) of channel c, in 7 rows of 13: (31 y + 17 x + 5 y x + 59 c) mod 256
         png_grey, png_grey_alpha, png_rgb, png_rgba: what their names say; png_palette: mode P with 256 colours, of which
         colour i is (i, 255 - i, 7 i mod 256), and index = channel 0 of the content
         png_filters: rgb, with the filters 0 to 4 and 0, 1 in its rows, written by hand
"""

import pathlib
import struct
import sys
import zlib

from PIL import Image

HERE = pathlib.Path(__file__).parent
HEIGHT, WIDTH = 7, 13


def rows(channels):
    return [
        bytes((31 * y + 17 * x + 5 * y * x + 59 * c) % 256 for x in range(WIDTH) for c in range(channels))
        for y in range(HEIGHT)
    ]


def picture(mode, channels):
    return Image.frombytes(mode, (WIDTH, HEIGHT), b"".join(rows(channels)))


def filtered():
    above, out = bytes(3 * WIDTH), b""
    for kind, row in zip([0, 1, 2, 3, 4, 0, 1], rows(3)):
        left = bytes(3) + row[:-3]
        corner = bytes(3) + above[:-3]

        def paeth(a, b, c):
            return min((a, b, c), key=lambda v: abs(a + b - c - v))

        guess = [bytes(3 * WIDTH), left, above, [(a + b) // 2 for a, b in zip(left, above)], map(paeth, left, above, corner)]
        out += bytes([kind]) + bytes((v - g) % 256 for v, g in zip(row, guess[kind]))
        above = row
    return out


def chunk(kind, data):
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def write():
    picture("L", 1).save(HERE / "png_grey.png")
    picture("LA", 2).save(HERE / "png_grey_alpha.png")
    picture("RGB", 3).save(HERE / "png_rgb.png")
    picture("RGBA", 4).save(HERE / "png_rgba.png")
    palette = picture("P", 1)
    palette.putpalette(bytes(v for i in range(256) for v in (i, 255 - i, 7 * i % 256)))
    palette.save(HERE / "png_palette.png")
    head = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 2, 0, 0, 0)
    data = zlib.compress(filtered())
    parts = chunk(b"IHDR", head) + chunk(b"tEXt", b"a\0b") + chunk(b"IDAT", data[:50]) + chunk(b"IDAT", data[50:])
    (HERE / "png_filters.png").write_bytes(b"\x89PNG\r\n\x1a\n" + parts + chunk(b"IEND", b""))


def check(folder):
    for name, mode, channels in [("grey", "L", 1), ("grey_alpha", "LA", 2), ("rgb", "RGB", 3), ("rgba", "RGBA", 4)]:
        image = Image.open(pathlib.Path(folder) / f"{name}.png")
        image.load()
        if image.mode != mode or image.tobytes() != picture(mode, channels).tobytes():
            yield f"{name}.png: mode {image.mode}, {image.tobytes()[:40]!r}"


if sys.argv[1:] == ["write"]:
    write()
elif len(sys.argv) == 3 and sys.argv[1] == "check":
    found = list(check(sys.argv[2]))
    print("\n".join(found) or "ok")
    sys.exit(1 if found else 0)
else:
    sys.exit(__doc__)
