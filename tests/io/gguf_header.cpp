#include <tapegrad/io/gguf_header.hpp>

#include <doctest/doctest.h>

#include "gguf_text.hpp"
#include "temporary.hpp"

using namespace tapegrad;

namespace {

detail::GgufHeader read(const std::string& path) {
    const InputFile file("gguf", path);
    return detail::GgufHeaderReader(file).read();
}

struct Broken {
    std::string what, text, message;  // the end of the message
};

std::string list_of_lists(int depth) {
    std::string out;
    for (int i = 0; i < depth; ++i) out += GgufText::list(9, 1, "");
    return out;
}

constexpr std::uint64_t top = std::uint64_t{1} << 63;
const std::string none_left = ": 8 bytes are wanted, 0 are left";

std::vector<Broken> broken_headers() {
    using G = GgufText;
    const auto head = [](const std::string& magic, std::uint32_t version) {
        G text;
        text.magic = magic;
        text.version = version;
        return text.whole();
    };
    const auto counts = [](std::uint64_t tensors, std::uint64_t keys) {
        G text;
        text.tensor_count = tensors;
        text.key_count = keys;
        text.pad = false;
        return text.whole();
    };
    const auto keys = [](const std::string& bytes, std::uint64_t count = 1) {
        G text;
        text.keys = bytes;
        text.key_count = count;
        return text.whole();
    };
    const auto value = [](std::uint32_t type, const std::string& bytes) {
        return G().value("k", type, bytes).whole();
    };
    const auto alignment = [](std::uint32_t n) {
        return G().value("general.alignment", 4, G::number(n)).whole();
    };
    return {
        {"empty", "", "at byte 0: the first four bytes: 1 bytes are wanted, 0 are left"},
        {"3 bytes", "GGU", "at byte 3: the first four bytes: 1 bytes are wanted, 0 are left"},
        {"GGML", head("GGML", 3), "at byte 0: the file does not begin with GGUF"},
        {"FUGG", head("FUGG", 3), "at byte 0: the file does not begin with GGUF"},
        {"no version", "GGUF", "at byte 4: version: 4 bytes are wanted, 0 are left"},
        {"version 0", head("GGUF", 0), "at byte 4: version 0; 2 and 3 are read"},
        {"version 1", head("GGUF", 1), "at byte 4: version 1; 2 and 3 are read"},
        {"version 4", head("GGUF", 4), "at byte 4: version 4; 2 and 3 are read"},
        {"big endian", head("GGUF", 0x03000000),
         "at byte 4: version 50331648: a file of a big endian machine"},
        {"2^63 tensors", counts(top, 0), "at byte 8: 9223372036854775808 tensors in a file of 24 bytes"},
        {"-1 tensors", counts(~std::uint64_t{0}, 0),
         "at byte 8: 18446744073709551615 tensors in a file of 24 bytes"},
        {"2 tensors in 24 bytes", counts(2, 0), "at byte 8: 2 tensors in a file of 24 bytes"},
        {"10^9 keys", counts(0, 1'000'000'000), "at byte 16: 1000000000 keys in a file of 24 bytes"},
        {"2^63 keys", counts(0, top), "at byte 16: 9223372036854775808 keys in a file of 24 bytes"},
        {"70000 keys", keys(std::string(1'000'000, '\0'), 70'000),
         "at byte 16: 70000 keys; at most 65536 are read"},
        {"key of 2^64 - 1", keys(G::number(~std::uint64_t{0}) + std::string(9, 'x')),
         "at byte 24: key: 18446744073709551615 bytes; at most 65535 are allowed"},
        {"key of 65536", keys(G::sized(std::string(65'536, 'x'))),
         "at byte 24: key: 65536 bytes; at most 65535 are allowed"},
        {"key of 0", keys(G::sized("") + G::number(4U) + G::number(4U)), "at byte 24: key: is empty"},
        {"key past the end", keys(G::number(std::uint64_t{100}) + "abcdefgh"),
         "at byte 32: key: 100 bytes are wanted, 32 are left"},
        {"key twice",
         G().value("a", 4, G::number(1U)).value("b", 4, G::number(1U)).value("a", 4, G::number(2U)).whole(),
         ": the key 'a' is there twice"},
        {"type 13", value(13, "\1"), "at byte 33: 'k': the type 13 of a value is unknown"},
        {"type -1", value(~0U, "\1"), "at byte 33: 'k': the type 4294967295 of a value is unknown"},
        {"bool of 7", value(7, "\7"), "at byte 37: 'k': the bool 7"},
        {"second bool of 255", value(9, G::list(7, 2, "\1\xff")), "at byte 50: 'k': the bool 255"},
        {"list of lists", value(9, list_of_lists(10'000)), "at byte 37: 'k': lists of lists are not read"},
        {"list of unknown", value(9, G::list(13, 1, "\1")),
         "at byte 37: 'k': the type 13 of a value is unknown"},
        {"list of 2^62", value(9, G::list(0, std::uint64_t{1} << 62, "\1")),
         "at byte 41: 'k': 4611686018427387904 values of uint8, 15 bytes are left"},
        {"list of 2^61 of 8 bytes", value(9, G::list(10, std::uint64_t{1} << 61, "")),
         "at byte 41: 'k': 2305843009213693952 values of uint64, 15 bytes are left"},
        {"list of 2^40 texts", value(9, G::list(8, std::uint64_t{1} << 40, "")),
         "at byte 41: 'k': 1099511627776 values of string, 15 bytes are left"},
        {"text past the end", value(8, G::number(std::uint64_t{1} << 62)),
         "at byte 45: 'k': value: 4611686018427387904 bytes are wanted, 19 are left"},
        {"text in a list past the end", value(9, G::list(8, 1, G::number(~std::uint64_t{0}))),
         "at byte 57: 'k': value: 18446744073709551615 bytes are wanted, 7 are left"},
        {"alignment 0", alignment(0), ": general.alignment: 0 is no power of two up to 65536"},
        {"alignment 3", alignment(3), ": general.alignment: 3 is no power of two up to 65536"},
        {"alignment 2^31", alignment(1U << 31),
         ": general.alignment: 2147483648 is no power of two up to 65536"},
        {"alignment of another type",
         G().value("general.alignment", 10, G::number(std::uint64_t{32})).whole(),
         ": general.alignment: holds uint64, not uint32"},
        {"alignment a text", G().value("general.alignment", 8, G::sized("32")).whole(),
         ": general.alignment: holds string, not uint32"},
        {"alignment a list", G().value("general.alignment", 9, G::list(4, 1, G::number(32U))).whole(),
         ": general.alignment: holds array of uint32, not uint32"},
    };
}

std::vector<Broken> broken_tensors() {
    using G = GgufText;
    const auto one = [](const std::vector<std::uint64_t>& sizes, std::uint32_t type, std::uint64_t offset,
                        std::size_t data = 64) {
        G text;
        text.tensor("t", sizes, type, offset);
        text.data = std::string(data, '\0');
        return text.whole();
    };
    const auto two = [](std::uint64_t first, std::uint64_t second, std::size_t data = 128) {
        G text;
        text.tensor("a", {8}, 0, first).tensor("b", {8}, 0, second);
        text.data = std::string(data, '\0');
        return text.whole();
    };
    const auto named = [](const std::string& name) {
        G text;
        text.tensor(name, {1}, 0, 0);
        text.data = std::string(32, '\0');
        return text.whole();
    };
    const auto axes = [](std::uint32_t n) {
        G text;
        text.tensors = G::sized("t") + G::number(n) + std::string(80, '\1');
        text.tensor_count = 1;
        return text.whole();
    };
    G twice;
    twice.tensor("a", {8}, 0, 0).tensor("a", {8}, 0, 32);
    twice.data = std::string(64, '\0');
    return {
        {"5 axes", axes(5), "at byte 24: tensor 't': 5 axes; at most 4 are allowed"},
        {"2^32 - 1 axes", axes(~0U), "at byte 24: tensor 't': 4294967295 axes; at most 4 are allowed"},
        {"size -1", one({~std::uint64_t{0}}, 0, 0),
         "at byte 24: tensor 't': the size 18446744073709551615 is above 2^63 - 1"},
        {"size 2^63 - 1", one({top - 1}, 0, 0),
         "at byte 24: tensor 't': shape (9223372036854775807,) needs more than 2^63 - 1 bits"},
        {"product overflows", one({top >> 31, top >> 31}, 0, 0),
         "tensor 't': shape (4294967296, 4294967296) needs more than 2^63 - 1 bits"},
        {"bytes overflow", one({std::uint64_t{1} << 60}, 0, 0),
         "tensor 't': shape (1152921504606846976,) needs more than 2^63 - 1 bits"},
        {"overflow beside 0", one({0, top >> 1, 4}, 0, 0),
         "tensor 't': shape (4, 4611686018427387904, 0) needs more than 2^63 - 1 bits"},
        {"type -1", one({1}, ~0U, 0), "tensor 't': the type 4294967295 of elements is unknown"},
        {"type 42", one({1}, 99, 0), "tensor 't': the type 99 of elements is unknown"},
        {"type that was given up", one({32}, 4, 0), "tensor 't': the type 4 of elements is unknown"},
        {"rows of no whole blocks", one({33, 32}, 8, 0),
         "tensor 't': rows of 33 elements; Q8_0 holds multiples of 32"},
        {"rows of no whole large blocks", one({128}, 12, 0),
         "tensor 't': rows of 128 elements; Q4_K holds multiples of 256"},
        {"scalar of blocks", one({}, 8, 0), "tensor 't': rows of 1 elements; Q8_0 holds multiples of 32"},
        {"offset not aligned", one({8}, 0, 4),
         "at byte 68: tensor 't': begins at 4, which is no multiple of 32"},
        {"offset past the end", one({8}, 0, 1024), "tensor 't': begins at 1024 in a file of 128 bytes"},
        {"offset 2^64 - 32", one({8}, 0, ~std::uint64_t{31}),
         "tensor 't': begins at 18446744073709551584 in a file of 128 bytes"},
        {"hole first", one({8}, 0, 32), "at byte 96: tensor 't': begins at 32, the tensor before ends at 0"},
        {"the same bytes twice", two(0, 0),
         "at byte 96: tensor 'b': begins at 0, the tensor before ends at 32"},
        {"hole between", two(0, 64), "tensor 'b': begins at 64, the tensor before ends at 32"},
        {"data cut", two(0, 32, 63), "tensor 'b': has 32 bytes from 32 on, the data ends at 63"},
        {"no data", one({8}, 0, 0, 0), "tensor 't': has 32 bytes from 0 on, the data ends at 0"},
        {"more than there is", one({1 << 20}, 0, 0),
         "tensor 't': has 4194304 bytes from 0 on, the data ends at 64"},
        {"name of 65", named(std::string(65, 'n')),
         "at byte 24: name of a tensor: 65 bytes; at most 64 are allowed"},
        {"name of 0", named(""), "at byte 24: name of a tensor: is empty"},
        {"name twice", twice.whole(), "at byte 24: tensor 'a': is there twice"},
    };
}

}

TEST_CASE("gguf_header: entries in the order of the file, last axis first") {
    const TemporaryFolder folder;
    GgufText text;
    text.value("general.alignment", 4, GgufText::number(8U)).value("flag", 7, "\1");
    text.tensor("b", {3, 2}, 0, 8)
        .tensor("a", {32, 1, 2}, 8, 32)
        .tensor("none", {0, 5}, 0, 0)
        .tensor("s", {}, 1, 0);
    text.alignment = 8;
    text.data = std::string(32 + 68, '\0');
    write_text(folder / "a", text.whole() + "what follows is not read");
    const detail::GgufHeader header = read(folder / "a");
    REQUIRE(header.entries.size() == 4);
    CHECK(header.entries[0].name == "b");
    CHECK(header.entries[0].shape == Shape{2, 3});
    CHECK(header.entries[0].begin == 8);
    CHECK(header.entries[0].bytes == 24);
    CHECK(header.entries[1].shape == Shape{2, 1, 32});
    CHECK(header.entries[1].type->name == "Q8_0");
    CHECK(header.entries[1].bytes == 68);
    CHECK(header.entries[2].shape == Shape{5, 0});
    CHECK(header.entries[2].bytes == 0);
    CHECK(header.entries[3].shape == Shape{});
    CHECK(header.data_begin % 8 == 0);
    CHECK(header.metadata.boolean("flag"));
}

TEST_CASE("gguf_header: versions 2 and 3, with nothing in them") {
    const TemporaryFolder folder;
    for (const std::uint32_t version : {2U, 3U}) {
        GgufText text;
        text.version = version;
        text.pad = false;
        write_text(folder / "a", text.whole());
        CHECK(read(folder / "a").entries.empty());
        CHECK(read(folder / "a").metadata.size() == 0);
    }
}

TEST_CASE("gguf_header: broken ones are refused with the file, the field and the place") {
    const TemporaryFolder folder;
    const std::string path = folder / "x.gguf";
    std::vector<Broken> cases = broken_headers();
    const std::vector<Broken> more = broken_tensors();
    cases.insert(cases.end(), more.begin(), more.end());
    for (const Broken& broken : cases) {
        CAPTURE(broken.what);
        write_text(path, broken.text);
        try {
            read(path);
            FAIL_CHECK("no error");
        } catch (const IoError& e) {
            const std::string message = e.what();
            CHECK(message.starts_with("gguf: " + path + ": "));
            CHECK(message.size() < 600);
            INFO(message);
            CHECK(message.ends_with(broken.message));
        }
    }
}
