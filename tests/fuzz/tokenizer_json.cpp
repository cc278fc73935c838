// tokenizer.json of Hugging Face.
#include <tapegrad/text/tokenizer_json.hpp>

#include "tokenize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string& path = fuzz::as_file(data, size);
    fuzz::tokenize([&] { return tapegrad::load_tokenizer_json(path); });
    return 0;
}
