// `StateDict`: tensors of any element type under names, in the order in which they were added. It is what
// modules and optimizers are saved as and loaded from, and what a safetensors file holds.
#pragma once

#include <algorithm>
#include <string>
#include <vector>

#include "../tensor/tensor.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Calls f with the tensor as what it holds: f(Tensor<float>), f(Tensor<int64_t>), ...
template <class F>
decltype(auto) visit(const TensorBase& x, F&& f) {
    switch (x.dtype()) {
        case DType::float32:
            return f(detail::cast_handle<float>(x));
        case DType::float64:
            return f(detail::cast_handle<double>(x));
        case DType::bfloat16:
            return f(detail::cast_handle<bfloat16>(x));
        case DType::float16:
            return f(detail::cast_handle<float16>(x));
        case DType::int32:
            return f(detail::cast_handle<int32_t>(x));
        case DType::int64:
            return f(detail::cast_handle<int64_t>(x));
        case DType::uint8:
            return f(detail::cast_handle<uint8_t>(x));
        default:
            return f(detail::cast_handle<bool>(x));
    }
}

namespace detail {
/// Adds names to a report, one a line under their number and title; nothing when there are none.
inline void append_names(std::string& report, const char* title, const std::vector<std::string>& names) {
    if (names.empty()) return;
    append(report, report.empty() ? "" : "\n");
    append(report, text(names.size(), " ", title, ":"));
    for (const std::string& each : names) append(report, "\n  " + each);
}
}

struct NamedTensor {
    std::string name;
    TensorBase tensor;
};

class StateDict {
public:
    StateDict() = default;
    /// Throws   ValueError: a name that is there twice
    explicit StateDict(std::vector<NamedTensor> entries) : entries_(std::move(entries)) {
        for (std::size_t i = 0; i < entries_.size(); ++i) by_name_.push_back(i);
        std::sort(by_name_.begin(), by_name_.end(),
                  [this](std::size_t a, std::size_t b) { return entries_[a].name < entries_[b].name; });
        for (std::size_t i = 1; i < by_name_.size(); ++i)
            if (entries_[by_name_[i - 1]].name == entries_[by_name_[i]].name)
                fail_twice(entries_[by_name_[i]].name);
    }

    std::size_t size() const { return entries_.size(); }
    bool empty() const { return entries_.empty(); }
    std::vector<NamedTensor>::const_iterator begin() const { return entries_.begin(); }
    std::vector<NamedTensor>::const_iterator end() const { return entries_.end(); }

    /// Throws   ValueError: the name is there already
    void add(std::string name, TensorBase tensor) {
        const auto at = place(name);
        if (at != by_name_.end() && entries_[*at].name == name) fail_twice(name);
        entries_.push_back({std::move(name), std::move(tensor)});
        try {
            by_name_.insert(at, entries_.size() - 1);
        } catch (...) {  // no memory
            entries_.pop_back();
            throw;
        }
    }
    /// Adds the entries of another dictionary as `prefix` + name.
    /// Throws   ValueError: a name is there already
    void add_all(const std::string& prefix, const StateDict& other) {
        for (const NamedTensor& entry : other) add(prefix + entry.name, entry.tensor);
    }

    /// The entry of that name; null when there is none.
    const TensorBase* find(std::string_view name) const {
        const auto at = place(name);
        return at != by_name_.end() && entries_[*at].name == name ? &entries_[*at].tensor : nullptr;
    }
    bool contains(std::string_view name) const { return find(name) != nullptr; }
    /// Throws   IndexError: no such name; DtypeError: of another element type
    template <class T>
    Tensor<T> get(std::string_view name) const {
        const TensorBase* tensor = find(name);
        if (tensor == nullptr) detail::fail<IndexError>("state_dict", "there is no ", name);
        if (tensor->dtype() != dtype_of<T>)
            detail::fail<DtypeError>("state_dict", name, " holds ", tapegrad::name(tensor->dtype()), ", not ",
                                     tapegrad::name(dtype_of<T>));
        return detail::cast_handle<T>(*tensor);
    }
    /// The entries whose name begins with `prefix`, without it.
    StateDict under(std::string_view prefix) const {
        StateDict result;
        for (const NamedTensor& entry : entries_)
            if (entry.name.starts_with(prefix)) result.add(entry.name.substr(prefix.size()), entry.tensor);
        return result;
    }

private:
    std::vector<std::size_t>::const_iterator place(std::string_view name) const {
        return std::lower_bound(by_name_.begin(), by_name_.end(), name,
                                [this](std::size_t i, std::string_view n) { return entries_[i].name < n; });
    }
    [[noreturn, gnu::cold]] static void fail_twice(const std::string& name) {
        detail::fail<ValueError>("state_dict", "the name '", name, "' is there twice");
    }

    std::vector<NamedTensor> entries_;
    std::vector<std::size_t> by_name_;  // places in entries_, ascending by name
};

}
