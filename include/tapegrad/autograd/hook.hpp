// Hooks: functions that see the gradient of a tensor when all of it has arrived, and may replace it.
#pragma once

#include <memory>

#include "accumulate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

struct Hook {
    bool on = true;
    virtual TensorBase call(TensorBase gradient) = 0;
    virtual ~Hook() = default;
};

/// What f puts in the place of x: x itself where f returns nothing, or an undefined tensor.
/// Throws   DtypeError: x is not of T
template <class T, class F>
Tensor<T> shown_to(const char* op, F& f, const TensorBase& x) {
    if (x.dtype() != dtype_of<T>)
        fail<DtypeError>(op, "a hook for tensors of ", name(dtype_of<T>), " was given one of ",
                         name(x.dtype()));
    const auto seen = cast_handle<T>(x);
    if constexpr (std::is_void_v<std::invoke_result_t<F&, const Tensor<T>&>>) {
        f(seen);
        return seen;
    } else {
        const Tensor<T> other = f(seen);
        return other.defined() ? other : seen;
    }
}

template <class T, class F>
struct HookOf final : Hook {
    F f;
    explicit HookOf(const F& function) : f(function) {}
    TensorBase call(TensorBase gradient) override {
        const Tensor<T> other = shown_to<T>("register_hook", f, gradient);
        if (other.shape() != gradient.shape())
            fail<ShapeError>("register_hook", "the hook made a gradient ", other.shape(), " of one ",
                             gradient.shape(), "; the shapes must be equal");
        return other;
    }
};

/// The hooks of a tensor, in the order of their registration.
template <std::same_as<Hook> H>
class HookList final : public GradientHooks {
public:
    TensorBase apply(TensorBase gradient) override {
        std::erase_if(hooks_, [](const auto& hook) { return !hook->on; });
        const auto now = hooks_;  // a hook may register another, or drop the tensor
        for (const auto& hook : now)
            if (hook->on) gradient = hook->call(std::move(gradient));
        return gradient;
    }
    void release() noexcept override { delete this; }
    void add(std::shared_ptr<H> hook) { hooks_.push_back(std::move(hook)); }

private:
    std::vector<std::shared_ptr<H>> hooks_;
};

template <std::same_as<Hook> H>
void add_hook(const TensorBase& x, std::shared_ptr<H> hook) {
    if (!x.requires_grad())
        fail<AutogradError>("register_hook", "the tensor ", x.shape(), " requires no gradient");
    GradientHooks*& list = x.node() != nullptr ? static_cast<Slot*>(x.node())->hooks : x.leaf_state()->hooks;
    if (list == nullptr) list = new HookList<H>;
    static_cast<HookList<H>*>(list)->add(std::move(hook));
}

}

/// A registered hook. It may be dropped: the hook lives as long as its tensor.
class HookHandle {
public:
    HookHandle() = default;
    explicit HookHandle(const std::shared_ptr<detail::Hook>& hook) : hook_(hook) {}
    /// The hook is called no more.
    void remove() {
        if (const auto hook = hook_.lock()) hook->on = false;
    }

private:
    std::weak_ptr<detail::Hook> hook_;
};

/// Calls f with the gradient of x, once in each backward that reaches x, when all contributions have arrived.
/// What f returns takes the gradient's place; an f that returns nothing, or an undefined tensor, only looks.
///   register_hook(y, [](const Tensor<float>& dy) { return dy * 0.5; });
/// Hooks of a tensor are called in the order of their registration. That of a leaf sees what this backward
/// adds to its gradient, not the total. With `create_graph` the hook's operations are recorded.
/// Throws   AutogradError: x requires no gradient; in backward ShapeError: f gave another shape
/// See      retain_grad
template <class T, class F>
HookHandle register_hook(const Tensor<T>& x, const F& f) {
    const std::shared_ptr<detail::Hook> hook = std::make_shared<detail::HookOf<T, F>>(f);
    detail::use_gradients<T>();
    detail::add_hook(x, hook);
    return HookHandle(hook);
}

/// Lets backward leave the gradient of x, the result of an operation, in `x.grad()`, as that of a leaf. It
/// accumulates likewise. Nothing changes for a leaf.
/// Throws   AutogradError: x requires no gradient
template <class T>
void retain_grad(const Tensor<T>& x) {
    if (x.is_leaf() && x.requires_grad()) return;
    Tensor<T> target = detail::with_node(x, nullptr);
    if (target.leaf_state() == nullptr) target.set_grad({});
    register_hook(x, [target](const Tensor<T>& dy) {
        TensorBase& total = target.leaf_state()->grad;
        const detail::GradientType& type = detail::GradientTypeOf<T>::table;
        if (total.defined()) return type.add(total, dy);
        total = type.own(dy);
    });
}

}
