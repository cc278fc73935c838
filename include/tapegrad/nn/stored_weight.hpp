// What a linear layer needs of a weight that is stored in fewer bits than it is computed with. The kernels are
// elsewhere, so that a layer costs no more to compile than without.
#pragma once

#include <memory>

#include "fields.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A matrix (out, in) that is multiplied with and never trained. It never changes: copies of a module share it.
/// See      store_
template <Floating T>
class StoredWeight {
public:
    StoredWeight() = default;
    StoredWeight(const StoredWeight&) = delete;
    StoredWeight& operator=(const StoredWeight&) = delete;
    virtual ~StoredWeight() = default;

    /// y = x weight^T + bias
    /// Shape    x (..., in), bias (out,) or undefined -> y (..., out)
    /// Grad     dx = dy weight, dbias = sum of dy over rows
    virtual Tensor<T> product(const Tensor<T>& x, const Tensor<T>& bias) const = 0;
    /// (out, in)
    virtual Shape shape() const = 0;
    /// What it takes of memory.
    virtual int64_t bytes() const = 0;
    /// How it is stored, as in "int8".
    virtual const char* storage() const = 0;
    /// The matrix that is multiplied with.
    virtual Tensor<T> dequantize() const = 0;
};

/// Null where the weight is a tensor.
template <Floating T>
using StoredWeightPtr = std::shared_ptr<const StoredWeight<T>>;

template <class T>
inline constexpr bool is_configuration<std::shared_ptr<const StoredWeight<T>>> = true;

namespace detail {

/// A layer that may have its weight stored.
template <class X>
concept Storing = requires(const X& x) {
    { x.stored->storage() } -> std::same_as<const char*>;
};
/// Throws   ValueError: the weight of this layer is no tensor
template <class X>
void check_not_stored(const Path& path, const X& x) {
    if constexpr (Storing<X>)
        if (x.stored != nullptr)
            fail<ValueError>("state_dict", '\'', path.to_string(), "' holds a weight in ",
                             x.stored->storage(),
                             ", which is no tensor: save and load before store_, or make it one with widen_");
}

}
}
