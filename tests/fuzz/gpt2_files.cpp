// vocab.json and merges.txt of GPT-2, with a zero byte between them.
#include <tapegrad/text/gpt2_files.hpp>

#include <algorithm>

#include "tokenize.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    const std::uint8_t* const cut = std::find(data, data + size, std::uint8_t{0});
    static const int merges = ::memfd_create("merges", MFD_CLOEXEC);
    const auto* const rest = cut == data + size ? cut : cut + 1;
    const auto length = static_cast<std::size_t>(data + size - rest);
    if (::ftruncate(merges, 0) != 0 || ::pwrite(merges, rest, length, 0) != static_cast<ssize_t>(length))
        std::abort();
    const std::string& vocab = fuzz::as_file(data, static_cast<std::size_t>(cut - data));
    fuzz::tokenize(
        [&] { return tapegrad::load_gpt2_tokenizer(vocab, "/proc/self/fd/" + std::to_string(merges)); });
    return 0;
}
