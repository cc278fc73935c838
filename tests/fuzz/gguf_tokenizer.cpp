// The tokenizer of a GGUF file.
#include <tapegrad/text/gguf_tokenizer.hpp>

#include "tokenize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string& path = fuzz::as_file(data, size);
    fuzz::tokenize([&] { return tapegrad::load_gguf_tokenizer(path); });
    return 0;
}
