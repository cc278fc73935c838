// The tensors of a model, from whatever file or folder there is.
#pragma once

#include <sys/stat.h>

#include "sharded_safetensors.hpp"
#include "split_gguf.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
/// Whether there is a file that begins as GGUF.
inline bool is_gguf(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0 || !S_ISREG(status.st_mode)) return false;
    const InputFile file("open_weights", path);
    char first[4]{};
    file.read(0, first, std::min<int64_t>(4, file.size()));
    return std::string_view(first, 4) == "GGUF";
}
}

/// Opens a model:
///   a .safetensors file;  an index of several, model.safetensors.index.json
///   a GGUF file, known by its first bytes;  the first of several, x-00001-of-00003.gguf
///   or a folder with model.safetensors, or else with an index
/// Elements are read when they are asked for.
/// Throws   IoError: there is none, or it is not as it should be
inline std::unique_ptr<WeightFile> open_weights(const std::string& path) {
    struct stat status {};
    if (::stat(path.c_str(), &status) != 0) detail::fail_system("open_weights", path, "cannot be opened");
    if (S_ISDIR(status.st_mode)) {
        for (const char* name : {"model.safetensors", "model.safetensors.index.json"}) {
            const std::string inside = path + "/" + name;
            if (::access(inside.c_str(), F_OK) == 0) return open_weights(inside);
        }
        detail::fail<IoError>("open_weights", path,
                              ": there is no model.safetensors or model.safetensors.index.json");
    }
    if (path.ends_with(".json")) return std::make_unique<ShardedSafetensors>(path);
    if (detail::is_gguf(path)) {
        if (detail::gguf_parts(path) > 1) return std::make_unique<SplitGguf>(path);
        return std::make_unique<GgufFile>(path);
    }
    return std::make_unique<SafetensorsFile>(path);
}

/// The metadata of a GGUF file, in one part or several; null for another file.
inline const GgufMetadata* metadata_of(const WeightFile& file) {
    if (const auto* whole = dynamic_cast<const GgufFile*>(&file)) return &whole->metadata();
    if (const auto* split = dynamic_cast<const SplitGguf*>(&file)) return &split->metadata();
    return nullptr;
}

}
