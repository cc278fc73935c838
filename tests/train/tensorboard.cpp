#include <tapegrad/train/tensorboard.hpp>

#include <doctest/doctest.h>

#include <tapegrad/tensor/creation.hpp>

#include "../io/temporary.hpp"

using namespace tapegrad;

namespace {

/// The data of the records of a file, their checksums checked.
std::vector<std::string> records(const std::string& path) {
    const std::string text = read_text(path);
    std::vector<std::string> out;
    for (std::size_t at = 0; at < text.size();) {
        const auto n = detail::little<std::uint64_t>(text.data() + at);
        CHECK(detail::little<std::uint32_t>(text.data() + at + 8) ==
              detail::masked_crc32c(text.substr(at, 8)));
        out.push_back(text.substr(at + 12, n));
        CHECK(detail::little<std::uint32_t>(text.data() + at + 12 + n) == detail::masked_crc32c(out.back()));
        at += 16 + n;
    }
    return out;
}

}

TEST_CASE("tensorboard: messages of protocol buffers") {
    detail::ProtoMessage inner;
    inner.bytes(1, "ab").real(2, 1.0F);
    detail::ProtoMessage m;
    m.whole(2, 300).real(1, 1.0).message(5, inner);
    CHECK(m.data() == std::string("\x10\xac\x02"
                                  "\x09\0\0\0\0\0\0\xf0\x3f"
                                  "\x2a\x09\x0a\x02"
                                  "ab"
                                  "\x15\0\0\x80\x3f",
                                  3 + 9 + 11));
}

TEST_CASE("tensorboard: a record") {
    // tensorboard.compat.tensorflow_stub.pywrap_tensorflow.masked_crc32c(b"hello")
    CHECK(detail::masked_crc32c("hello") == 0x191C1FBB);
    const std::string record = detail::event_record("hello");
    CHECK(record.size() == 8 + 4 + 5 + 4);
    CHECK(record.substr(0, 8) == std::string("\5\0\0\0\0\0\0\0", 8));
    CHECK(record.substr(12, 5) == "hello");
}

TEST_CASE("tensorboard: numbers and pictures of a run") {
    // TAPEGRAD_KEEP=folder leaves the file for `tests/golden/tensorboard_check.py`.
    const TemporaryFolder temporary;
    const char* const keep = std::getenv("TAPEGRAD_KEEP");
    TensorBoardLog log((keep != nullptr ? keep : temporary.path) + "/events/run");
    for (int64_t step = 1; step <= 300; ++step)
        log.scalar(step, "train/loss", 1.0 / static_cast<double>(step));
    log.scalar(300, "lr", 0.5);
    const auto found = records(log.path());
    REQUIRE(found.size() == 302);
    CHECK(
        found[0].ends_with("\x1a\x0d"
                           "brain.Event:2"));
    // wall time, step 300, summary { value { tag "lr", 0.5 } }
    CHECK(found[301].substr(9) == std::string("\x10\xac\x02\x2a\x0b\x0a\x09\x0a\x02"
                                              "lr\x15\0\0\0\x3f",
                                              16));
#ifdef TAPEGRAD_WITH_PNG
    log.image(300, "samples", full<uint8_t>({3, 4, 5}, uint8_t{7}));
    CHECK_THROWS_AS(log.image(1, "x", zeros<uint8_t>({7, 2, 2})), ShapeError);
    CHECK(records(log.path()).at(302).find("\x89PNG") != std::string::npos);
#endif
    TensorBoardLog second(temporary / "events");
    TensorBoardLog third(temporary / "events");
    CHECK(second.path() != third.path());
}

TEST_CASE("tensorboard: errors") {
    const TemporaryFolder folder;
    write_text(folder / "file", "");
    CHECK_THROWS_AS(TensorBoardLog(folder / "file"), IoError);
}
