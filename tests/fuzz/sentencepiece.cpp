// A model of SentencePiece.
#include <tapegrad/text/sentencepiece.hpp>

#include "tokenize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::string& path = fuzz::as_file(data, size);
    fuzz::tokenize([&] { return tapegrad::load_sentencepiece(path); });
    return 0;
}
