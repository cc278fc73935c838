// The tensors of a file into a module, one after the other.
#pragma once

#include "../nn/load_state_dict.hpp"
#include "weight_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A file, as `load_from` reads it.
struct WeightFileSource {
    const WeightFile& file;
    std::vector<std::string> names() const { return file.names(); }
    bool contains(std::string_view name) const { return file.contains(name); }
    std::string misfit(const TensorBase& target, std::string_view name) const {
        const TensorInfo info = file.info(name);
        if (!info.dtype) return info.stored + " in the file, which no tensor holds";
        return detail::misfit(target, info.shape, *info.dtype);
    }
    TensorBase get(std::string_view name) const { return file.load_any(name); }
};

}

/// load_state_dict from a file, of which one tensor at a time is in memory beside the module.
/// Throws   ValueError: strict, and names, shapes or types do not fit, before anything is written; IoError: the file
template <Module M>
LoadReport load_weights(const WeightFile& file, M& module, LoadOptions options = {}) {
    return detail::load_from("load_weights", module, detail::WeightFileSource{file}, options);
}

}
