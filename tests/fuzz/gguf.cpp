// A GGUF file: metadata and every tensor read, and its configuration; or refused with an IoError.
#include <tapegrad/models/gguf_config.hpp>

#include "memory_file.hpp"

namespace {

void read_value(const tapegrad::GgufValue& value) {
    using namespace tapegrad;
    for (int64_t i = 0; i < value.count(); ++i) try {
            if (value.type() == GgufType::string)
                static_cast<void>(std::string(value.string(i)));
            else if (value.type() == GgufType::boolean)
                static_cast<void>(value.boolean(i));
            else
                static_cast<void>(value.real(i));
        } catch (const DtypeError&) {  // from 2^63 on
        }
}

}

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    using namespace tapegrad;
    try {
        const GgufFile file(fuzz::as_file(data, size));
        for (const auto& [key, value] : file.metadata()) read_value(value);
        for (const TensorInfo& info : file.infos())
            if (info.dtype) static_cast<void>(file.load_any(info.name));
        static_cast<void>(config_json(file));
    } catch (const IoError&) {
    }
    return 0;
}
