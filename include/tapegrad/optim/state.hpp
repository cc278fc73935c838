// What an optimizer keeps for a parameter, and how it is saved and loaded; the checks of options.
#pragma once

#include "../nn/module.hpp"
#include "../simd/optimizer.hpp"
#include "../tensor/creation.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// The elements of a state tensor, to be updated; each `initial` the first time.
template <class T>
T* kept(Buffer<T>& state, const Shape& shape, T initial = T(0)) {
    if (!state.defined()) state = full<T>(shape, initial);
    return state.mutable_data();
}
/// A state tensor of a rule some of whose variants do without.
template <class T>
struct Conditional {
    bool used;
    Buffer<T>& state;
};
template <class T>
Conditional<T> kept_if(bool used, Buffer<T>& state) {
    return {used, state};
}
template <class T>
simd::Optional<T> kept(Conditional<T> x, const Shape& shape) {
    return {x.used ? kept(x.state, shape) : nullptr};
}
/// Makes what a state still lacks. A rule begins with it, so that a step for which there is no memory has changed
/// nothing.
template <class... S>
void prepare(const Shape& shape, S&&... state) {
    (static_cast<void>(kept(state, shape)), ...);
}
/// The number of steps, this one included.
inline double count_step(Buffer<int64_t>& step) { return static_cast<double>(++*kept(step, {})); }

/// Adds the tensors of a state under "index.field".
template <class State>
void save_state(StateDict& dict, const State& state, std::size_t index) {
    const Path root{}, place{&root, {}, static_cast<int64_t>(index)};
    walk(state, place, [&]<class X>(const Path& path, const X& x) {
        if constexpr (std::derived_from<X, TensorBase>)
            if (x.defined()) dict.add(path.to_string(), x);
    });
}

/// Throws   ValueError: of another shape or element type
inline void check_state(std::string_view optimizer, const std::string& name, const TensorBase& found,
                        const Shape& shape, DType dtype) {
    if (found.dtype() != dtype || found.shape() != shape)
        fail<ValueError>(optimizer, "the state ", name, " is ", found.shape(), " of ",
                         tapegrad::name(found.dtype()), ", not ", shape, " of ", tapegrad::name(dtype));
}

/// Copies the tensors "index.field" that are there into `state`; shape_of(field, element type) is what each
/// must have. The number of tensors that it found.
template <class State, class ShapeOf>
std::size_t load_state(std::string_view optimizer, const StateDict& dict, State& state, std::size_t index,
                       const ShapeOf& shape_of) {
    std::size_t found = 0;
    const Path root{}, place{&root, {}, static_cast<int64_t>(index)};
    walk(state, place, [&]<class X>(const Path& path, X& x) {
        if constexpr (std::derived_from<X, TensorBase>) {
            using U = typename X::value_type;
            const std::string name = path.to_string();
            const TensorBase* const source = dict.find(name);
            if (source == nullptr) return;
            check_state(optimizer, name, *source, shape_of(path.name, dtype_of<U>), dtype_of<U>);
            static_cast<Tensor<U>&>(x) = copy(cast_handle<U>(*source));
            ++found;
        }
    });
    return found;
}

/// Throws   ValueError: there is no such number
inline double saved_number(std::string_view optimizer, const StateDict& dict, const std::string& name) {
    const TensorBase* const number = dict.find(name);
    if (number == nullptr || number->dtype() != DType::float64 || number->rank() != 0)
        fail<ValueError>(optimizer, "the state has no number ", name);
    return cast_handle<double>(*number).item();
}

/// Throws   ValueError: `p` is among `seen`, not contiguous or the result of an operation
template <std::same_as<Body> B>
void check_parameter(std::string_view optimizer, const TensorBase& p, std::vector<const B*>& seen) {
    const char* const fault = std::find(seen.begin(), seen.end(), &p.body()) != seen.end() ? "there twice"
                              : !p.is_leaf()       ? "the result of an operation"
                              : !p.is_contiguous() ? "not contiguous"
                                                   : nullptr;
    if (fault != nullptr)
        fail<ValueError>(optimizer, "parameter ", seen.size(), ' ', p.shape(), " is ", fault);
    seen.push_back(&p.body());
}

struct NamedOption {
    const char* name;
    double value;
};
/// Throws   ValueError: one is negative or NaN
inline void check_not_negative(std::string_view optimizer, std::initializer_list<NamedOption> options) {
    for (const NamedOption& o : options)
        if (!(o.value >= 0))
            fail<ValueError>(optimizer, o.name, " is ", o.value, "; it must not be negative");
}
/// Throws   ValueError: one is outside [0, 1)
inline void check_decays(std::string_view optimizer, std::initializer_list<NamedOption> options) {
    for (const NamedOption& o : options)
        if (!(o.value >= 0 && o.value < 1))
            fail<ValueError>(optimizer, o.name, " is ", o.value, "; it must be in [0, 1)");
}

}
