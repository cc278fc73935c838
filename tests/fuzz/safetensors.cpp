// A safetensors file: read whole or refused with an IoError.
#include <tapegrad/io/safetensors.hpp>

#include "memory_file.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tapegrad;
    try {
        const SafetensorsFile file(fuzz::as_file(data, size));
        for (const TensorInfo& info : file.infos())
            if (info.dtype) static_cast<void>(file.load_any(info.name));
    } catch (const IoError&) {
    }
    return 0;
}
