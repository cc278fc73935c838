// Files of text from outside, read line by line and with places for errors.
#pragma once

#include "../io/byte_source.hpp"
#include "utf8.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// All of a file.
inline std::string read_all(const InputFile& file) {
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, text.data(), file.size());
    return text;
}

/// Calls f(line, offset) for each line, without its end (LF or CRLF). The last needs none.
template <class F>
void for_each_line(std::string_view text, F f) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t found = text.find('\n', at), end = found == text.npos ? text.size() : found;
        std::string_view line = text.substr(at, end - at);
        if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
        f(line, static_cast<int64_t>(at));
        at = end + 1;
    }
}

}
