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
        detail::append_names(out, "missing", missing);
        detail::append_names(out, "unexpected", unexpected);
        detail::append_names(out, "misshaped", misshaped);
        return out;
    }
};

namespace detail {

constexpr bool is_real(DType dtype) {
    return dtype == DType::float32 || dtype == DType::float64 || dtype == DType::bfloat16 ||
           dtype == DType::float16;
}
/// What keeps elements of that shape and type from being written into `target`; empty when nothing does.
inline std::string misfit(const TensorBase& target, const Shape& shape, DType dtype) {
    if (shape != target.shape()) return text(target.shape(), " in the module, ", shape, " in the dictionary");
    const bool converts = is_real(target.dtype()) && is_real(dtype);
    if (target.dtype() != dtype && !converts)
        return text(name(target.dtype()), " in the module, ", name(dtype), " in the dictionary");
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

/// A dictionary, as `load_from` reads it.
struct StateDictSource {
    const StateDict& dict;
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const NamedTensor& entry : dict) result.push_back(entry.name);
        return result;
    }
    bool contains(std::string_view name) const { return dict.contains(name); }
    std::string misfit(const TensorBase& target, std::string_view name) const {
        const TensorBase& x = *dict.find(name);
        return detail::misfit(target, x.shape(), x.dtype());
    }
    TensorBase get(std::string_view name) const { return *dict.find(name); }
};

/// load_state_dict from whatever holds tensors under names; each is asked for when it is written.
template <Module M, class Source>
LoadReport load_from(const char* op, M& module, const Source& source, LoadOptions options) {
    LoadReport report;
    std::vector<std::string> taken;  // for every tensor of the module; empty: it stays
    const StateDict own = state_dict(module);
    const auto comes_by_another_name = [&](const TensorBase& tensor) {
        for (const NamedTensor& entry : own)
            if (entry.tensor.is_same(tensor) && source.contains(entry.name)) return true;
        return false;
    };
    for (const NamedTensor& entry : own) {
        taken.emplace_back();
        if (!source.contains(entry.name)) {
            if (!comes_by_another_name(entry.tensor)) report.missing.push_back(entry.name);
        } else if (std::string why = source.misfit(entry.tensor, entry.name); !why.empty()) {
            report.misshaped.push_back(entry.name + ": " + why);
        } else {
            taken.back() = entry.name;
        }
    }
    for (std::string& name : source.names())
        if (!own.contains(name)) report.unexpected.push_back(std::move(name));
    if (options.strict && !report.ok()) fail<ValueError>(op, "the keys do not fit\n", report);
    auto next = taken.begin();
    for_each_tensor(module, [&]<class X>(const Path&, X& x) {
        using T = typename X::value_type;
        const std::string& name = *next++;
        if (name.empty()) return;
        const TensorBase from_source = source.get(name);
        if (from_source.is_same(x)) return;
        visit(from_source, [&]<class From>(const Tensor<From>& from) {
            if constexpr (std::is_same_v<From, T> || (is_real(dtype_of<T>) && is_real(dtype_of<From>)))
                assign_converted(static_cast<Tensor<T>&>(x), from);
        });
    });
    return report;
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
    return detail::load_from("load_state_dict", module, detail::StateDictSource{dict}, options);
}

}
