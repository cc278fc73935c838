// Parameters from a dictionary into a module, with a report of what does not fit.
#pragma once

#include "module.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct LoadOptions {
    bool strict = true;  // throw when anything does not fit
};

/// What `load_state_dict` found.
struct LoadReport {
    std::vector<std::string> missing;     // names of the module that the dictionary lacks
    std::vector<std::string> unexpected;  // names of the dictionary that the module lacks
    std::vector<std::string>
        misshaped;  // "name: (2, 3) in the module, (3, 2) in the dictionary", or element types

    bool ok() const { return missing.empty() && unexpected.empty() && misshaped.empty(); }
    /// One line for each key, under the kinds that occur.
    std::string to_string() const {
        std::string out;
        const auto list = [&](const char* title, const std::vector<std::string>& keys) {
            if (keys.empty()) return;
            detail::append(out, out.empty() ? "" : "\n");
            detail::append(out, detail::text(keys.size(), " ", title, ":"));
            for (const std::string& key : keys) detail::append(out, "\n  " + key);
        };
        list("missing", missing);
        list("unexpected", unexpected);
        list("misshaped", misshaped);
        return out;
    }
};

namespace detail {

constexpr bool is_real(DType dtype) {
    return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::bfloat16 ||
           dtype == DType::float16;
}
/// What keeps `source` from being written into `target`; empty when nothing does.
inline std::string misfit(const TensorBase& target, const TensorBase& source) {
    if (source.shape() != target.shape())
        return text(target.shape(), " in the module, ", source.shape(), " in the dictionary");
    const bool converts = is_real(target.dtype()) && is_real(source.dtype());
    if (target.dtype() != source.dtype() && !converts)
        return text(name(target.dtype()), " in the module, ", name(source.dtype()), " in the dictionary");
    return {};
}
/// Writes `source` as T into `target`; where both are contiguous it asks for no memory.
template <class T, class From>
void assign_converted(Tensor<T>& target, const Tensor<From>& source) {
    if constexpr (std::is_same_v<From, T>)
        assign(target, source);
    else if (target.is_contiguous() && source.is_contiguous())
        convert(source.data(), target.mutable_data(), source.numel());
    else
        assign(target, cast<T>(source));
}

}

/// Copies the tensors of `dict` into the parameters and buffers of the same names, converting between
/// floating types.
///   strict      throws when a name is missing, unexpected or misshaped, before anything is written
///   not strict  writes what fits and reports the rest
/// A tensor with several names may come under any of them, as files of models with tied weights have it.
/// Throws   ValueError: strict, with the report as its text
template <Module M>
LoadReport load_state_dict(M& module, const StateDict& dict, LoadOptions options = {}) {
    LoadReport report;
    std::vector<const TensorBase*> sources;  // of every tensor of the module; null: it stays
    const StateDict own = state_dict(module);
    const auto comes_by_another_name = [&](const TensorBase& tensor) {
        for (const NamedTensor& entry : own)
            if (entry.tensor.is_same(tensor) && dict.contains(entry.name)) return true;
        return false;
    };
    for (const NamedTensor& entry : own) {
        const TensorBase* source = dict.find(entry.name);
        sources.push_back(nullptr);
        if (source == nullptr) {
            if (!comes_by_another_name(entry.tensor)) report.missing.push_back(entry.name);
        } else if (std::string why = detail::misfit(entry.tensor, *source); !why.empty()) {
            report.misshaped.push_back(entry.name + ": " + why);
        } else if (!source->is_same(entry.tensor)) {
            sources.back() = source;
        }
    }
    for (const NamedTensor& entry : dict)
        if (!own.contains(entry.name)) report.unexpected.push_back(entry.name);
    if (options.strict && !report.ok())
        detail::fail<ValueError>("load_state_dict", "the keys do not fit\n", report);
    auto next = sources.begin();
    detail::for_each_tensor(module, [&]<class X>(const detail::Path&, X& x) {
        using T = typename X::value_type;
        const TensorBase* const source = *next++;
        if (source == nullptr) return;
        visit(*source, [&]<class From>(const Tensor<From>& from) {
            if constexpr (std::is_same_v<From, T> ||
                          (detail::is_real(dtype_of<T>) && detail::is_real(dtype_of<From>)))
                detail::assign_converted(static_cast<Tensor<T>&>(x), from);
        });
    });
    return report;
}

}
