// An index of several safetensors files: read, and written so that it reads the same; or refused with an IoError.
#include <tapegrad/io/safetensors_index.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tapegrad;
    try {
        const SafetensorsIndex index = read_safetensors_index(fuzz::as_file(data, size));
        for (const std::string& shard : index.shards)
            if (shard.find('/') != shard.npos || shard.find("..") != shard.npos) std::abort();
        const std::string written = to_json(index);
        const auto* bytes = reinterpret_cast<const std::uint8_t*>(written.data());
        if (to_json(read_safetensors_index(fuzz::as_file(bytes, written.size()))) != written) std::abort();
    } catch (const IoError&) {
    }
    return 0;
}
