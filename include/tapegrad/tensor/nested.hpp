// Nested braces as the elements of a tensor: `{{1, 2}, {3, 4}}`. One class for every depth, so that `{{1},
// {2}}` is a (2, 1) list and not two scalars in braces. It points into the initialiser lists and dies with
// their expression.
#pragma once

#include <initializer_list>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

template <class T>
class Nested {
public:
    template <class V>
    requires std::is_convertible_v<V, T> || std::is_constructible_v<T, V> Nested(V value)
        : value_(static_cast<T>(value)) {}
    Nested(std::initializer_list<Nested> children)
        : count_(static_cast<int64_t>(children.size())), leaf_(false) {
        children_ =
            children.begin();  // g++ warns of this lifetime in an initialiser; it is that of the expression
    }

    Shape shape() const {
        Shape s;
        for (const Nested* n = this; !n->leaf_; n = n->children_) {
            s.push_back(n->count_);
            if (n->count_ == 0) break;
        }
        return s;
    }
    /// Writes the elements to `out` in row-major order and moves it past them.
    void flatten(T*& out) const { flatten(out, shape(), 0); }

private:
    void flatten(T*& out, const Shape& shape, int axis) const {
        if (leaf_ != (axis == shape.rank()) || (!leaf_ && count_ != shape[axis]))
            fail<ShapeError>("tensor", "nested braces of different lengths at depth ", axis,
                             "; the first say ", shape);
        if (leaf_) *out++ = value_;
        for (int64_t i = 0; i < count_; ++i) children_[i].flatten(out, shape, axis + 1);
    }

    T value_{};
    const Nested* children_ = nullptr;
    int64_t count_ = 0;
    bool leaf_ = true;
};

}
