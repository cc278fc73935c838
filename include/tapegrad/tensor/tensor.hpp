// `Tensor<T>`: a handle to a strided view of shared elements.
//
// A copy of a handle sees the same elements; `clone()` copies them. Operations are functional and live in
// ops/. Elements are written through visible doors (`mutable_data`, `fill_`, `copy_`, `set`), which count the
// write, so that backward can refuse a saved tensor that is no longer what it was.
//
// A handle may hold a place in a graph (`node`): the result of a recorded operation. A leaf (a parameter)
// holds none; `requires_grad_()` gives its body a gradient instead, which all of its handles share.
#pragma once

#include <utility>

#include "body.hpp"
#include "nested.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {
// While `record` copies a backward's captures into the tape, each tensor that is copied notes its version.
inline constinit thread_local bool saving_captures = false;
// The operation whose backward runs on this thread; names the culprit in errors.
inline constinit thread_local const char* running_backward = nullptr;
}

/// What a tensor of any element type is: a body, and a place in a graph or none.
class TensorBase : public ValueTag {
public:
    TensorBase() = default;
    // Copies and ends are calls: inlined they made programs a twentieth larger, and no faster.
    [[gnu::noinline]] TensorBase(const TensorBase& o) noexcept
        : body_(o.body_), node_(o.node_), saved_version_(o.saved_version_), saved_(o.saved_) {
        if (body_ != nullptr) body_->retain();
        if (node_ != nullptr) node_->retain();
        if (detail::saving_captures && !saved_ && body_ != nullptr) {
            saved_ = true;
            saved_version_ = version();
        }
    }
    TensorBase(TensorBase&& o) noexcept
        : body_(std::exchange(o.body_, nullptr)),
          node_(std::exchange(o.node_, nullptr)),
          saved_version_(o.saved_version_),
          saved_(o.saved_) {}
    TensorBase& operator=(const TensorBase& o) noexcept {
        TensorBase copy(o);
        swap(copy);
        return *this;
    }
    TensorBase& operator=(TensorBase&& o) noexcept {
        TensorBase moved(std::move(o));
        swap(moved);
        return *this;
    }
    ~TensorBase() {
        if (body_ != nullptr) let_go();
    }
    /// Takes over one reference to each.
    explicit TensorBase(detail::Body* body, detail::GraphNode* node = nullptr) noexcept
        : body_(body), node_(node) {}

    /// False for a default-constructed tensor, which has no elements and no shape.
    bool defined() const { return body_ != nullptr; }
    const Shape& shape() const { return body().shape; }
    /// Distance of neighbours along each axis, in elements.
    const Strides& strides() const { return body().strides; }
    int64_t size(int64_t axis) const { return shape()[normalize_axis("size", axis, rank())]; }
    int rank() const { return body().shape.rank(); }
    int64_t numel() const { return body().numel; }
    DType dtype() const { return body().dtype; }
    /// True when the elements lie behind each other in row-major order.
    bool is_contiguous() const { return body().contiguous; }
    /// The number of writes to the storage so far.
    uint32_t version() const { return body().storage->version.load(std::memory_order_relaxed); }
    /// True when both see the same elements through the same view.
    bool is_same(const TensorBase& o) const { return body_ == o.body_; }

    inline bool requires_grad() const;
    bool is_leaf() const { return node_ == nullptr; }

    const detail::Body& body() const {
        if (body_ == nullptr) detail::fail<Error>("tensor", "used before it was given a value");
        return *body_;
    }
    detail::Body& body() { return const_cast<detail::Body&>(std::as_const(*this).body()); }
    detail::GraphNode* node() const { return node_; }
    inline detail::LeafState* leaf_state() const { return body_ != nullptr ? body_->leaf : nullptr; }
    /// True when no other handle and no view sees the elements.
    bool is_unique() const {
        return body_ != nullptr && body_->refs.is_one() && body_->storage->refs.is_one();
    }
    /// Throws   AutogradError: the tensor was saved for backward and its elements were written since
    void check_saved() const {
        if (saved_ && saved_version_ != version()) fail_overwritten();
    }
    void swap(TensorBase& o) noexcept {
        std::swap(body_, o.body_);
        std::swap(node_, o.node_);
        std::swap(saved_version_, o.saved_version_);
        std::swap(saved_, o.saved_);
    }

protected:
    [[gnu::noinline]] void let_go() noexcept {
        if (node_ != nullptr) node_->release();
        body_->release();
    }
    [[noreturn, gnu::cold, gnu::noinline]] void fail_overwritten() const {
        detail::fail<AutogradError>(
            "backward", detail::running_backward != nullptr ? detail::running_backward : "an operation",
            " saved a tensor ", body_->shape, " at version ", saved_version_,
            ", which was written to since (now version ", version(),
            "); clone() it before writing, or write after backward");
    }

    detail::Body* body_ = nullptr;
    detail::GraphNode* node_ = nullptr;
    uint32_t saved_version_ = 0;
    bool saved_ = false;
};

namespace detail {

/// What looks at the gradient of a tensor when all of it has arrived, and may replace it; autograd/hook.hpp
/// makes them.
class GradientHooks {
public:
    virtual TensorBase apply(TensorBase gradient) = 0;
    virtual void release() noexcept = 0;

protected:
    ~GradientHooks() = default;
};

struct LeafState {
    bool requires_grad = false;
    TensorBase grad;
    GradientHooks* hooks = nullptr;

    LeafState() = default;
    LeafState(const LeafState&) = delete;
    LeafState& operator=(const LeafState&) = delete;
    ~LeafState() {
        if (hooks != nullptr) hooks->release();
    }
};
inline void destroy(LeafState* leaf) noexcept { delete leaf; }

template <class T>
Tensor<T> cast_handle(TensorBase base);

}

inline bool TensorBase::requires_grad() const {
    return node_ != nullptr || (body_ != nullptr && body_->leaf != nullptr && body_->leaf->requires_grad);
}

/// A tensor of T: float, double, bfloat16, float16, int32_t, int64_t, uint8_t or bool; rank 0 to 8.
template <class T>
class Tensor : public TensorBase {
    static_assert(Element<T>,
                  "Tensor<T>: T is float, double, bfloat16, float16, int32_t, int64_t, uint8_t or bool");

public:
    using value_type = T;
    using tensor_type = Tensor;  // tells a tensor from the other kinds of value

    /// No elements, no shape: `defined()` is false.
    Tensor() = default;
    /// Of rank 0.
    explicit Tensor(T value) : TensorBase(detail::new_body(dtype_of<T>, {}, {}, 1)) {
        *static_cast<T*>(body_->data) = value;
    }
    /// From nested braces: `Tensor<float>{{1, 2, 3}, {4, 5, 6}}` has shape (2, 3).
    /// Throws   ShapeError: rows of different lengths
    Tensor(std::initializer_list<detail::Nested<T>> values) : Tensor(detail::Nested<T>(values)) {}
    explicit Tensor(detail::Body* body, detail::GraphNode* node = nullptr) noexcept
        : TensorBase(body, node) {}
    /// Takes over a handle whose elements are known to be of T; `cast_handle` asks.
    explicit Tensor(TensorBase&& base) noexcept : TensorBase(std::move(base)) {}

    /// The elements, `strides()` apart.
    const T* data() const {
        check_saved();
        return static_cast<const T*>(body().data);
    }
    /// The elements, to be written; counts as a write.
    T* mutable_data() {
        body().storage->version.fetch_add(1, std::memory_order_relaxed);
        return static_cast<T*>(body().data);
    }

    /// The value of a tensor of one element.
    /// Throws   ShapeError: not one element
    T item() const {
        if (numel() != 1)
            detail::fail<ShapeError>("item", "a tensor of shape ", shape(), " is not one element");
        return *data();
    }
    /// The element at `indices`; negative ones count from the end.
    /// Throws   IndexError: too many, too few, or outside the shape
    template <class... Indices>
    requires(std::is_integral_v<Indices>&&...) T operator()(Indices... indices) const {
        return data()[offset_of({static_cast<int64_t>(indices)...})];
    }
    /// Writes one element; counts as a write.
    void set(const Dims& index, T value) {
        const int64_t offset = offset_of(index);
        mutable_data()[offset] = value;
    }

    /// A tensor of the same elements that has no part in any graph.
    Tensor detach() const {
        check_saved();
        return Tensor(detail::new_view(body(), body_->data, body_->shape, body_->strides));
    }

    /// Makes this leaf collect a gradient, or stop to.
    /// Throws   AutogradError: the tensor is the result of an operation; DtypeError: T has no gradient
    Tensor& requires_grad_(bool on = true) {
        if (node_ != nullptr)
            detail::fail<AutogradError>("requires_grad_",
                                        "the tensor is the result of an operation; detach() it first");
        if constexpr (!Floating<T> && !Real16<T>) {
            if (on)
                detail::fail<DtypeError>("requires_grad_", "a tensor of ", name(dtype()), " has no gradient");
        }
        if (body().leaf == nullptr) {
            if (!on) return *this;
            body().leaf = new detail::LeafState;
        }
        body().leaf->requires_grad = on;
        return *this;
    }
    /// The gradient that backward left; undefined before.
    Tensor grad() const {
        const detail::LeafState* leaf = leaf_state();
        return leaf != nullptr ? detail::cast_handle<T>(leaf->grad) : Tensor();
    }
    /// Replaces the gradient; an undefined tensor drops it.
    /// Throws   ShapeError: of another shape
    void set_grad(Tensor gradient) {
        if (gradient.defined() && gradient.shape() != shape())
            detail::fail<ShapeError>("set_grad", "gradient ", gradient.shape(), " of a tensor ", shape());
        if (body().leaf == nullptr) body().leaf = new detail::LeafState;
        body().leaf->grad = std::move(gradient);
    }
    /// Drops the gradient.
    void zero_grad() {
        if (leaf_state() != nullptr) leaf_state()->grad = TensorBase();
    }

    /// Adds d this / d leaf to the gradient of every leaf below; see autograd/backward.hpp.
    void backward() const;

private:
    explicit Tensor(const detail::Nested<T>& values)
        : TensorBase(detail::new_body(dtype_of<T>, values.shape(), row_major(values.shape()),
                                      numel_of(values.shape()))) {
        T* out = static_cast<T*>(body_->data);
        values.flatten(out);
    }

    int64_t offset_of(const Dims& index) const {
        if (index.rank() != rank())
            detail::fail<IndexError>("index", index.rank(), " indices for a tensor of shape ", shape());
        int64_t offset = 0;
        for (int axis = 0; axis < rank(); ++axis) {
            const int64_t n = shape()[axis], i = index[axis] < 0 ? index[axis] + n : index[axis];
            if (i < 0 || i >= n)
                detail::fail<IndexError>("index", index[axis], " is outside axis ", axis, " of size ", n);
            offset += i * strides()[axis];
        }
        return offset;
    }
};

namespace detail {
/// The same elements as the result of another place in the graph, or of none; takes over a reference to it.
inline TensorBase adopt_node(const TensorBase& x, GraphNode* node) {
    x.check_saved();
    auto* body = const_cast<Body*>(&x.body());
    body->retain();
    return TensorBase(body, node);
}
/// The same elements as the result of another place in the graph, or of none.
inline TensorBase with_node(const TensorBase& x, GraphNode* node) {
    TensorBase y = adopt_node(x, node);
    if (node != nullptr) node->retain();
    return y;
}
template <class T>
Tensor<T> with_node(const Tensor<T>& x, GraphNode* node) {
    return Tensor<T>(with_node(static_cast<const TensorBase&>(x), node));
}

[[noreturn, gnu::cold, gnu::noinline]] inline void fail_dtype(DType has, DType wanted) {
    fail<DtypeError>("tensor", "holds ", name(has), ", not ", name(wanted));
}

/// The handle as a Tensor<T>; undefined stays undefined.
template <class T>
Tensor<T> cast_handle(TensorBase base) {
    if (base.defined() && base.dtype() != dtype_of<T>) fail_dtype(base.dtype(), dtype_of<T>);
    return Tensor<T>(std::move(base));
}
}

}
