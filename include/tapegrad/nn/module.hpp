// What the description of a module (fields.hpp) is good for: its parameters by name, copies, freezing,
// counting.
//
// A module is a plain struct. Copying one copies handles, as copying a tensor does: both see the same
// parameters; `clone` makes new ones. Tensors that are not defined (the bias of a layer that has none) are
// not there. A tensor that two members share (tied weights) is one parameter, under the first of its names.
#pragma once

#include "../autograd/grad_mode.hpp"
#include "../tensor/copy.hpp"
#include "fields.hpp"
#include "state_dict.hpp"
#include "stored_weight.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Calls f(path, tensor) for every defined tensor below the module; shared ones as often as they have names.
template <class M, class F>
void for_each_tensor(M& module, F f) {
    walk(module, [&](const Path& path, auto& x) {
        if constexpr (is_tensor_member<std::remove_cvref_t<decltype(x)>>)
            if (x.defined()) f(path, x);
    });
}
/// The same for who must have every weight.
/// Throws   ValueError: a weight is stored as what is no tensor
template <class M, class F>
void for_each_tensor_of_all(const M& module, F f) {
    walk(module, [&](const Path& path, auto& x) {
        if constexpr (is_tensor_member<std::remove_cvref_t<decltype(x)>>) {
            if (x.defined()) f(path, x);
        } else {
            check_not_stored(path, x);
        }
    });
}

}

/// Calls f(name, tensor) for every parameter, in the order of declaration: f(std::string_view, Tensor<T>&),
/// for each element type T that the module has.
template <class M, class F>
requires Module<std::remove_const_t<M>>
void for_each_parameter(M& module, F&& f) {
    std::vector<const detail::Body*> seen;
    detail::for_each_tensor(module, [&](const detail::Path& path, auto& x) {
        if constexpr (!detail::is_buffer<std::remove_cvref_t<decltype(x)>>) {
            if (std::find(seen.begin(), seen.end(), &x.body()) != seen.end()) return;
            seen.push_back(&x.body());
            f(std::string_view(path.to_string()), x);
        }
    });
}

/// The parameters with their names.
template <Module M>
StateDict named_parameters(const M& module) {
    StateDict result;
    for_each_parameter(module,
                       [&](std::string_view name, const TensorBase& x) { result.add(std::string(name), x); });
    return result;
}

/// Handles to the parameters of element type T.
template <class T = float, Module M>
std::vector<Tensor<T>> parameters(const M& module) {
    std::vector<Tensor<T>> result;
    for_each_parameter(module, [&](std::string_view, const auto& x) {
        if constexpr (std::is_same_v<decltype(x), const Tensor<T>&>) result.push_back(x);
    });
    return result;
}

/// Every parameter and buffer; a shared one under each of its names. The tensors are those of the module:
/// what is written to it later is seen.
/// Throws   ValueError: a weight that store_ made no tensor
template <Module M>
StateDict state_dict(const M& module) {
    std::vector<NamedTensor> entries;
    detail::for_each_tensor_of_all(module, [&](const detail::Path& path, const TensorBase& x) {
        entries.push_back({path.to_string(), x});
    });
    return StateDict(std::move(entries));
}

/// The same with each shared tensor under the first of its names only, as files hold it; `load_state_dict`
/// takes both.
/// Throws   ValueError: a weight that store_ made no tensor
template <Module M>
StateDict state_dict_once(const M& module) {
    std::vector<NamedTensor> entries;
    detail::for_each_tensor_of_all(module, [&](const detail::Path& path, const TensorBase& x) {
        for (const NamedTensor& entry : entries)
            if (entry.tensor.is_same(x)) return;
        entries.push_back({path.to_string(), x});
    });
    return StateDict(std::move(entries));
}

/// A module of the same values that shares nothing that may change with this one, outside every graph. Members that shared a
/// tensor share its copy.
template <Module M>
M clone(const M& module) {
    M result = module;
    std::vector<std::pair<TensorBase, TensorBase>> copies;
    detail::for_each_tensor(result, [&]<class X>(const detail::Path&, X& x) {
        Tensor<typename X::value_type>& tensor = x;
        for (const auto& [original, copy] : copies)
            if (original.is_same(tensor)) {
                tensor = detail::cast_handle<typename X::value_type>(copy);
                return;
            }
        auto fresh = detail::copy(tensor);
        if (tensor.requires_grad()) fresh.requires_grad_();
        copies.emplace_back(tensor, fresh);
        tensor = std::move(fresh);
    });
    return result;
}

/// Makes every parameter collect a gradient, or freezes it; returns the module. Buffers never do.
template <Module M>
M& requires_grad_(M& module, bool on = true) {
    detail::for_each_tensor(module, [on]<class X>(const detail::Path&, X& x) {
        if constexpr (!detail::is_buffer<X>) x.requires_grad_(on);
    });
    return module;
}

/// Drops the gradient of every parameter.
template <Module M>
void zero_grad(M& module) {
    detail::for_each_tensor(module, [](const detail::Path&, auto& x) { x.zero_grad(); });
}

/// The number of elements of all parameters.
template <Module M>
int64_t count_parameters(const M& module) {
    int64_t count = 0;
    for_each_parameter(module, [&](std::string_view, const TensorBase& x) { count += x.numel(); });
    return count;
}

/// Sets the `training` flag of every module that has one; returns the module.
template <Module M>
M& train(M& module, bool on = true) {
    detail::walk(module, [on](const detail::Path&, auto& x) {
        if constexpr (requires {
                          { x.training } -> std::same_as<bool&>;
                      })
            x.training = on;
    });
    return module;
}
template <Module M>
M& eval(M& module) {
    return train(module, false);
}

/// While it lives, the module is in evaluation mode and nothing is recorded; then every `training` flag is
/// what it was.
template <Module M>
class [[nodiscard]] Evaluating {
public:
    explicit Evaluating(M& module) : module_(module) {
        visit([this](bool& training) { before_.push_back(training); });
        visit([](bool& training) { training = false; });  // now that nothing can fail
    }
    ~Evaluating() {
        std::size_t i = 0;
        visit([&](bool& training) { training = before_[i++]; });
    }
    Evaluating(const Evaluating&) = delete;
    Evaluating& operator=(const Evaluating&) = delete;

private:
    template <class F>
    void visit(F f) {
        detail::walk(module_, [&](const detail::Path&, auto& x) {
            if constexpr (requires {
                              { x.training } -> std::same_as<bool&>;
                          })
                f(x.training);
        });
    }

    M& module_;
    std::vector<bool> before_;
    no_grad no_grad_;
};

}
