// Ranks of tiktoken.
#include <tapegrad/text/tiktoken.hpp>

#include "tokenize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string& path = fuzz::as_file(data, size);
    fuzz::tokenize([&] { return tapegrad::load_tiktoken(path, tapegrad::tiktoken_encoding("cl100k_base")); });
    return 0;
}
