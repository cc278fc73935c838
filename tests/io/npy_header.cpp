#include <tapegrad/io/npy_header.hpp>

#include <doctest/doctest.h>

#include "temporary.hpp"

using namespace tapegrad;

namespace {

std::string npy(const std::string& text, std::size_t data = 0, const std::string& version = {1, 0}) {
    std::string out = "\x93NUMPY" + version;
    if (version[0] == 1)
        detail::append_little(out, static_cast<std::uint16_t>(text.size()));
    else
        detail::append_little(out, static_cast<std::uint32_t>(text.size()));
    return out + text + std::string(data, '\0');
}
std::string dict(const std::string& descr, const std::string& order, const std::string& shape) {
    return "{'descr': " + descr + ", 'fortran_order': " + order + ", 'shape': " + shape + ", }\n";
}

struct Reader {
    TemporaryFolder folder;
    std::string path = folder / "x";
    detail::NpyHeader read(const std::string& bytes) const {
        write_text(path, bytes);
        const InputFile file("npy", path);
        return detail::read_npy_header(FileSource(file));
    }
    /// What the reader says after "npy: PATH: at byte ".
    std::string refused(const std::string& bytes) const {
        try {
            return "not refused: " + read(bytes).shape.to_string();
        } catch (const IoError& e) {
            const std::string before = "npy: " + path + ": at byte ", text = e.what();
            return text.starts_with(before) ? text.substr(before.size()) : text;
        }
    }
};

}

TEST_CASE("npy_header: what NumPy writes, in all versions and orders") {
    const Reader reader;
    const detail::NpyHeader h = reader.read(npy(dict("'<f4'", "False", "(2, 3)"), 24));
    CHECK(h.dtype == DType::float32);
    CHECK(h.shape == Shape{2, 3});
    CHECK(!h.column_major);
    CHECK(!h.big_endian);
    const detail::NpyHeader big = reader.read(npy(dict("\">i8\"", "True", "(2,)"), 16, {2, 0}));
    CHECK(big.dtype == DType::int64);
    CHECK(big.column_major);
    CHECK(big.big_endian);
    CHECK(big.data_begin == 12 + 57);
    CHECK(reader.read(npy(dict("'|b1'", "False", "()"), 1, {3, 0})).shape == Shape{});
    CHECK(reader.read(npy("{'shape': (0, 7), 'fortran_order': False, 'descr': '<f8'}\n")).shape.rank() == 2);
    for (const DType dtype : {DType::float32, DType::float64, DType::bfloat16, DType::float16, DType::int32,
                              DType::int64, DType::uint8, DType::boolean})
        CHECK(reader
                  .read(npy(dict("'" + std::string(detail::npy_descr(dtype)) + "'", "False", "(1,)"),
                            itemsize(dtype)))
                  .dtype == dtype);
}

TEST_CASE("npy_header: broken files are refused with their place") {
    const Reader r;
    const std::string f4 = "'<f4'";
    CHECK(r.refused("") == "0: the file has 0 bytes, its head alone 10");
    CHECK(r.refused("no npy file at all") == "0: no npy file: it does not begin with \\x93NUMPY");
    CHECK(r.refused(npy(dict(f4, "False", "()"), 4, std::string("\0\0", 2))) ==
          "6: version 0.0; 1.0, 2.0 and 3.0 are known");
    CHECK(r.refused(npy(dict(f4, "False", "()"), 4, "\4\1")) == "6: version 4.1; 1.0, 2.0 and 3.0 are known");
    CHECK(r.refused("\x93NUMPY" + std::string("\2\0\xf0\xff\xff\xff", 6)) ==
          "8: a header of 4294967280 bytes; at most 10000 are read");
    CHECK(r.refused(npy("{}\n").substr(0, 12)) == "8: a header of 3 bytes in a file of 12");
    CHECK(r.refused(npy("{}")) == "12: the header does not end with a new line");
    CHECK(r.refused(npy("\n")) == "11: '{' is expected");
    CHECK(r.refused(npy("{}\n")) == "12: the key descr is missing");
    CHECK(r.refused(npy("{'descr': '<f4', 'shape': ()}\n", 4)) == "39: the key fortran_order is missing");
    CHECK(r.refused(npy("{'descr': '<f4', 'descr': '<f8'}\n")) == "35: the key 'descr' is there twice");
    CHECK(r.refused(npy("{'align': True}\n")) == "19: the key 'align' is not one of a npy file");
    CHECK(r.refused(npy("{'descr'}\n")) == "18: ':' is expected");
    CHECK(r.refused(npy("{'descr: 1}\n")) == "12: a string does not end");
    CHECK(r.refused(npy("{'de\\x73cr': 1}\n")) == "12: a string with an escape");
    CHECK(r.refused(npy("{descr: 1}\n")) == "11: a string is expected");
    CHECK(r.refused(npy(dict("'|O'", "False", "()"))) ==
          "24: objects are pickled, which is refused: they may run code");
    CHECK(r.refused(npy(dict("[('a', '<f4')]", "False", "()"))) ==
          "20: elements with fields, which no tensor has");
    for (const std::string code : {"", "<", "<f3", "<ixy", "f4", "|V8", "<i2", "<c8", "|S5", "<u8"})
        CHECK(r.refused(npy(dict("'" + code + "'", "False", "()"), 4))
                  .ends_with(": elements of type '" + code + "', which no tensor has"));
    CHECK(r.refused(npy(dict("'|f4'", "False", "()"), 4)) ==
          "25: elements of type '|f4' have no order of bytes");
    CHECK(r.refused(npy(dict("__import__('os')", "False", "()"))) == "20: a string is expected");
    for (const char* order : {"0", "maybe", "'True'", "false"})
        CHECK(r.refused(npy(dict(f4, order, "()"), 4)) == "44: True or False is expected");
    CHECK(r.refused(npy(dict(f4, "False", "(-1,)"))) == "61: a size is expected");
    CHECK(r.refused(npy(dict(f4, "False", "(2.0,)"))) == "62: (2) is no tuple");
    CHECK(r.refused(npy(dict(f4, "False", "(2,621)"), 4)).ends_with("needs 4968 bytes, there are 4"));
    CHECK(r.refused(npy(dict(f4, "False", "(3)"), 12)) == "62: (3) is no tuple");
    CHECK(r.refused(npy(dict(f4, "False", "((1,),)"), 4)) == "61: a size is expected");
    CHECK(r.refused(npy(dict(f4, "False", "[1]"), 4)) == "60: '(' is expected");
    CHECK(r.refused(npy(dict(f4, "False", "(18446744073709551616,)"))) == "80: a size of more than 2^63 - 1");
    CHECK(r.refused(npy(dict(f4, "False", "(1, 1, 1, 1, 1, 1, 1, 1, 1)"), 4)) ==
          "86: more than 8 axes; at most 8 are supported");
    CHECK(r.refused(npy(dict(f4, "False", "(4294967296, 4294967296)"))) ==
          "10: shape (4294967296, 4294967296) of float32 needs more than 2^63 - 1 bytes");
    CHECK(r.refused(npy(dict(f4, "False", "(2,)"), 7)) ==
          "68: shape (2,) of float32 needs 8 bytes, there are 7");
    CHECK(r.refused(npy(dict(f4, "False", "(2,)"), 9)) ==
          "68: shape (2,) of float32 needs 8 bytes, there are 9");
    CHECK(r.refused(npy("{'descr': '<f4', 'fortran_order': False, 'shape': ()} 7\n", 4)) ==
          "64: something follows the dictionary");
    const std::string good = npy(dict(f4, "False", "(2,)"), 8);
    for (std::size_t n = 0; n < good.size(); ++n) CHECK(!r.refused(good.substr(0, n)).starts_with("not"));
}
