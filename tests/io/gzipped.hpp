// gzip files for tests.
#pragma once

#include <tapegrad/io/compression.hpp>

inline std::string gzipped(const std::string& text, int flags = 0, const std::string& more = "") {
    using namespace tapegrad;
    std::string out("\x1f\x8b\x08", 3);
    out += static_cast<char>(flags);
    out += std::string("\0\0\0\0\0\xff", 6) + more + deflate_raw(as_bytes(text));
    detail::append_little(out, tapegrad::crc32(as_bytes(text)));
    detail::append_little(out, static_cast<std::uint32_t>(text.size()));
    return out;
}
