// The tensors of a file behind one interface, whatever the file.
#pragma once

#include <optional>

#include "../nn/state_dict.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
/// Uninitialised elements of a type that is known at run time.
inline TensorBase empty_any(DType dtype, const Shape& shape) {
    return TensorBase(new_body(dtype, shape, row_major(shape), numel_of(shape, "empty")));
}
}

/// What is known of a tensor before its elements are read.
struct TensorInfo {
    std::string name;
    Shape shape;
    std::optional<DType> dtype;  // of what it is read as; nothing when no tensor holds it
    std::string stored;          // what the file calls its elements: "BF16", "Q4_K"
    int64_t bytes = 0;           // in the file

    bool operator==(const TensorInfo&) const = default;
};

/// A file of named tensors. Opening reads what there is; elements are read when they are asked for. It may be
/// read by several threads at once.
class WeightFile {
public:
    virtual ~WeightFile() = default;

    /// In the order of the file.
    virtual std::vector<std::string> names() const = 0;
    virtual bool contains(std::string_view name) const = 0;
    /// Throws   IoError: no such name
    virtual TensorInfo info(std::string_view name) const = 0;
    /// A tensor, of the type that `info` says.
    /// Throws   IoError: no such name, or a type that no tensor holds
    virtual TensorBase load_any(std::string_view name) const = 0;

    /// The same, which must be of that type.
    /// Throws   IoError: as load_any, or another element type than T
    template <class T>
    Tensor<T> load(std::string_view name) const {
        const TensorInfo found = info(name);
        if (found.dtype != dtype_of<T>)
            fail_at(name, detail::text("holds ", found.stored, ", not ", tapegrad::name(dtype_of<T>)));
        return detail::cast_handle<T>(load_any(name));
    }
    /// A tensor of whatever type as one of T; conversions as in core/dtype.hpp.
    /// Throws   IoError: as load_any
    template <class T>
    Tensor<T> load_as(std::string_view name) const {
        return visit(load_any(name), [](const auto& x) { return detail::cast<T>(x); });
    }
    std::vector<TensorInfo> infos() const {
        std::vector<TensorInfo> result;
        for (const std::string& name : names()) result.push_back(info(name));
        return result;
    }
    /// All of them, in the order of the file.
    /// Throws   IoError: as load_any
    StateDict load_all() const {
        std::vector<NamedTensor> tensors;
        for (std::string& name : names()) {
            TensorBase tensor = load_any(name);
            tensors.push_back({std::move(name), std::move(tensor)});
        }
        return StateDict(std::move(tensors));
    }

protected:
    WeightFile() = default;
    WeightFile(const WeightFile&) = default;
    WeightFile& operator=(const WeightFile&) = default;

    /// An IoError about a tensor that is there.
    [[noreturn]] virtual void fail_at(std::string_view name, const std::string& reason) const = 0;
};

}
