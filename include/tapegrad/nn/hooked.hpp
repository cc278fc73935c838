// `Hooked`: a module to which others may listen, without a change to its code.
//
//   struct Block {
//       Hooked<Linear<>> up;   // was Linear<>; the names of its parameters stay up.weight and up.bias
//       Linear<> down;
//       TAPEGRAD_FIELDS(up, down);
//       ...
//   };
//   block.up.register_forward_hook([&](const Tensor<float>& y) { largest = amax(abs(y)).item(); });
#pragma once

#include "../autograd/hook.hpp"
#include "fields.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// A hook that sees a tensor on its way into or out of a module.
template <class T, class F>
struct PassingHook final : Hook {
    F f;
    explicit PassingHook(const F& function) : f(function) {}
    TensorBase call(TensorBase passing) override { return shown_to<T>("Hooked", f, passing); }
};

/// The hooks of a module. Copies share them, as copies of a module share its parameters.
template <std::same_as<Hook> H>
struct ModuleHooks {
    using List = std::shared_ptr<HookList<H>>;
    List before, after, backward;

    static HookHandle add(List& list, const std::shared_ptr<H>& hook) {
        if (list == nullptr) list = std::make_shared<HookList<H>>();
        list->add(hook);
        return HookHandle(hook);
    }
    template <class X>
    static X pass(const List& list, X x) {
        if (list == nullptr) return x;
        return cast_handle<typename X::value_type>(list->apply(std::move(x)));
    }
};

}

template <class H>
inline constexpr bool is_configuration<detail::ModuleHooks<H>> = true;

/// A module with hooks. It is called as the module is, has its names, and costs nothing while it has no hooks.
/// A hook is a function of a tensor, which may return another in its place; hooks are called in the order of
/// their registration. Their element type is float unless it is said: `register_forward_hook<double>(f)`.
/// See      register_hook, for single tensors
template <Module M>
struct Hooked {
    static constexpr bool is_container = true;  // adds nothing to the names
    M module;
    detail::ModuleHooks<detail::Hook> hooks;
    TAPEGRAD_FIELDS(module, hooks);

    Hooked() = default;
    Hooked(M m) : module(std::move(m)) {}

    /// f(x) before each call, with the first argument.
    /// Throws   at the call DtypeError: x has another element type
    template <class T = float, class F>
    HookHandle register_forward_pre_hook(const F& f) {
        return hooks.add(hooks.before, std::make_shared<detail::PassingHook<T, F>>(f));
    }
    /// f(y) after each call, with the result.
    /// Throws   at the call DtypeError: y has another element type
    template <class T = float, class F>
    HookHandle register_forward_hook(const F& f) {
        return hooks.add(hooks.after, std::make_shared<detail::PassingHook<T, F>>(f));
    }
    /// f(dy) in each backward that reaches the result of a call, with the result's gradient.
    /// Throws   in backward DtypeError: dy has another element type; ShapeError: f gave another shape
    template <class T = float, class F>
    HookHandle register_backward_hook(const F& f) {
        return hooks.add(hooks.backward, std::make_shared<detail::HookOf<T, F>>(f));
    }

    template <class First, class... Rest>
    auto operator()(const First& first, Rest&&... rest) {
        return call(module, first, std::forward<Rest>(rest)...);
    }
    template <class First, class... Rest>
    auto operator()(const First& first, Rest&&... rest) const {
        return call(module, first, std::forward<Rest>(rest)...);
    }

private:
    template <class Callee, class First, class... Rest>
    auto call(Callee& callee, const First& first, Rest&&... rest) const {
        auto y =
            hooks.pass(hooks.after, callee(hooks.pass(hooks.before, first), std::forward<Rest>(rest)...));
        if (hooks.backward != nullptr && y.requires_grad())
            register_hook(y, [list = hooks.backward](const decltype(y)& dy) {
                return detail::ModuleHooks<detail::Hook>::pass(list, dy);
            });
        return y;
    }
};

}
