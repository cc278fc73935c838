// A config.json: every configuration that can be made of it, and GGUF's metadata; or refused with an error.
#include <tapegrad/models/gguf_metadata.hpp>

#include "memory_file.hpp"

namespace {

template <class C>
void attempt(const tapegrad::ConfigFile& file, C (*read)(const tapegrad::ConfigFile&)) {
    try {
        static_cast<void>(read(file));
    } catch (const tapegrad::IoError&) {
    }
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tapegrad;
    try {
        const ConfigFile file(fuzz::as_file(data, size));
        attempt(file, llama_config);
        attempt(file, mistral_config);
        attempt(file, qwen2_config);
        attempt(file, deepseek_v2_config);
        attempt(file, gpt2_config);
        attempt(file, bert_config);
        try {
            static_cast<void>(gguf_metadata(file));
        } catch (const ValueError&) {  // what GGUF cannot say
        }
    } catch (const IoError&) {
    }
    return 0;
}
