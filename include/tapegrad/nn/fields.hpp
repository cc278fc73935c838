// The description of a module, and the walk over it.
//
//   struct Mlp {
//       Linear<> hidden, output;
//       double slope = 0.1;
//       TAPEGRAD_FIELDS(hidden, output, slope)
//       Tensor<float> operator()(const Tensor<float>& x) const { ... }
//   };
//
// The line lists every member in the order of declaration; the name of a member is its part of a checkpoint's
// key.
//
//   Tensor<T>                         a parameter                 Buffer<T>            state that is not
//   trained a struct with such a line         a submodule                 numbers, enums, ...  configuration:
//   skipped vector, array, optional, tuple    walked; an index is a part of the key
//
// The sizes of the listed members must add up to the size of the struct, so that a forgotten one does not
// compile. (One that fits into the padding between others goes unnoticed: it is no tensor.) Structs with
// bases or virtual functions add up to something else and are refused too.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "../tensor/tensor.hpp"

/// The members of a module, every one, in the order of declaration. Belongs behind the last of them.
#define TAPEGRAD_FIELDS(...)                                                                              \
    static constexpr const char* tapegrad_names() { return #__VA_ARGS__; }                                \
    auto tapegrad_fields() {                                                                              \
        using TapegradSelf = std::remove_reference_t<decltype(*this)>;                                    \
        static_assert(                                                                                    \
            ::tapegrad::detail::lists_all<TapegradSelf, decltype(std::tie(__VA_ARGS__))>(),               \
            "TAPEGRAD_FIELDS: list every member of this struct, in the order of declaration: the listed " \
            "ones do not add up to its size");                                                            \
        static_assert(::tapegrad::detail::lists_training<TapegradSelf>(#__VA_ARGS__),                     \
                      "TAPEGRAD_FIELDS: the member `training` is not listed");                            \
        return std::tie(__VA_ARGS__);                                                                     \
    }                                                                                                     \
    auto tapegrad_fields() const { return std::tie(__VA_ARGS__); }                                        \
    static_assert(true)

namespace tapegrad::inline TAPEGRAD_ISA {

/// A tensor of a module that is state but no parameter: saved and loaded, never trained.
template <class T>
struct Buffer : Tensor<T> {
    Buffer() = default;
    Buffer(Tensor<T> tensor) : Tensor<T>(std::move(tensor)) {}
};

/// A struct with a TAPEGRAD_FIELDS line.
template <class M>
concept Module = std::is_class_v<M> && requires {
    M::tapegrad_names();
};

/// Types of members that hold no tensor. One that is not trivially copyable might hide a tensor, and must say
/// so here.
template <class X>
inline constexpr bool is_configuration = std::is_trivially_copyable_v<X> && !Module<X>;
template <>
inline constexpr bool is_configuration<std::string> = true;
template <class X>
inline constexpr bool is_configuration<std::vector<X>> = is_configuration<X>;
template <class X>
inline constexpr bool is_configuration<std::optional<X>> = is_configuration<X>;
template <class X, std::size_t N>
inline constexpr bool is_configuration<std::array<X, N>> = is_configuration<X>;
template <class... X>
inline constexpr bool is_configuration<std::tuple<X...>> = (is_configuration<X> && ...);

namespace detail {

template <class Struct, class... Members>
constexpr std::size_t laid_out(std::tuple<Members&...>*) {
    std::size_t size = 0;
    ((size = (size + alignof(Members) - 1) / alignof(Members) * alignof(Members) + sizeof(Members)), ...);
    size = (size + alignof(Struct) - 1) / alignof(Struct) * alignof(Struct);
    return size == 0 ? 1 : size;
}
template <class Struct, class Ties>
constexpr bool lists_all() {
    return laid_out<Struct>(static_cast<Ties*>(nullptr)) == sizeof(Struct);
}

/// The name at the front of "a, b, c", which is cut off.
constexpr std::string_view next_name(std::string_view& list) {
    const std::size_t comma = list.find(',');
    const std::string_view name = list.substr(0, comma);
    list.remove_prefix(comma == list.npos ? list.size() : comma + 1);
    while (!list.empty() && list.front() == ' ') list.remove_prefix(1);
    return name;
}
template <class Struct>
constexpr bool lists_training(std::string_view list) {
    if constexpr (requires(Struct & s) {
                      { s.training } -> std::same_as<bool&>;
                  }) {
        while (!list.empty())
            if (next_name(list) == "training") return true;
        return false;
    }
    return true;
}

/// Where the walk is; becomes a text only when somebody asks.
struct Path {
    const Path* parent = nullptr;
    std::string_view name;
    int64_t index = -1;
    std::string_view suffix = {};  // goes behind the names of the members instead

    std::string to_string() const {
        std::string out = parent != nullptr ? parent->to_string() : std::string();
        if (name.empty() && index < 0) return out;
        if (!out.empty()) out += '.';
        if (index >= 0) return out.append(std::to_string(index));
        out.append(name);
        return parent != nullptr ? out.append(parent->suffix) : out;
    }
};

template <class X>
inline constexpr bool is_tensor_member = false;
template <class T>
inline constexpr bool is_tensor_member<Tensor<T>> = true;
template <class T>
inline constexpr bool is_tensor_member<Buffer<T>> = true;
template <class X>
inline constexpr bool is_buffer = false;
template <class T>
inline constexpr bool is_buffer<Buffer<T>> = true;
template <class X>
inline constexpr bool is_optional = false;
template <class X>
inline constexpr bool is_optional<std::optional<X>> = true;
template <class X>
inline constexpr bool is_list = false;
template <class X>
inline constexpr bool is_list<std::vector<X>> = true;
template <class X, std::size_t N>
inline constexpr bool is_list<std::array<X, N>> = true;
template <class X>
inline constexpr bool is_tuple = false;
template <class... X>
inline constexpr bool is_tuple<std::tuple<X...>> = true;
template <class X>
constexpr bool can_be_trained() {
    return Floating<typename X::value_type> || Real16<typename X::value_type> || is_buffer<X>;
}

template <class X, class Visit>
void walk(X& x, const Path& path, const Visit& visit);
/// A module that says the end of its members' names: {"weight", "bias"} of a layer 2 are weight_l2, bias_l2.
/// In a list it has no number.
template <class X>
concept NamedBySuffix = requires(const X& x) {
    { x.key_suffix() } -> std::same_as<std::string>;
};

template <bool Nameless, class X, class Visit>
void walk_member(X& x, const Path& owner, std::string_view name, const Visit& visit) {
    if constexpr (Nameless)
        walk(x, owner, visit);
    else
        walk(x, Path{&owner, name, -1}, visit);
}

/// Calls visit(path, x) for every tensor and every module below x; a module comes before its members.
template <class X, class Visit>
void walk(X& x, const Path& path, const Visit& visit) {
    using Plain = std::remove_const_t<X>;
    if constexpr (is_tensor_member<Plain>) {
        static_assert(can_be_trained<Plain>(),
                      "TAPEGRAD_FIELDS: a tensor of integers is no parameter: make it a Buffer");
        visit(path, x);
    } else if constexpr (Module<Plain>) {
        // Also for a const module of a template, whose other function nobody calls: it is the one that
        // checks.
        static_assert(std::tuple_size_v<decltype(std::declval<Plain&>().tapegrad_fields())> < 1000);
        visit(path, x);
        std::string suffix;
        if constexpr (NamedBySuffix<Plain>) suffix = x.key_suffix();
        const Path own = suffix.empty() ? path : Path{&path, {}, -1, suffix};
        std::string_view names = Plain::tapegrad_names();
        const auto fields = x.tapegrad_fields();
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            // A container of modules (Sequential) gives its members its own name: `path` again.
            (walk_member<requires { Plain::is_container; }>(std::get<I>(fields), own, next_name(names),
                                                            visit),
             ...);
        }
        (std::make_index_sequence<std::tuple_size_v<decltype(fields)>>());
    } else if constexpr (is_configuration<Plain>) {
    } else if constexpr (is_optional<Plain>) {
        if (x) walk(*x, path, visit);
    } else if constexpr (is_list<Plain>) {
        for (std::size_t i = 0; i < x.size(); ++i) {
            if constexpr (NamedBySuffix<typename Plain::value_type>)
                walk(x[i], path, visit);
            else
                walk(x[i], Path{&path, {}, static_cast<int64_t>(i)}, visit);
        }
    } else if constexpr (is_tuple<Plain>) {
        [&]<std::size_t... I>(std::index_sequence<I...>) {
            (walk(std::get<I>(x), Path{&path, {}, static_cast<int64_t>(I)}, visit), ...);
        }
        (std::make_index_sequence<std::tuple_size_v<Plain>>());
    } else {
        static_assert(
            is_configuration<Plain>,
            "TAPEGRAD_FIELDS: this member might hide tensors: give its type a TAPEGRAD_FIELDS line, or say "
            "that it is configuration: `template <> inline constexpr bool tapegrad::is_configuration<X> = "
            "true;`");
    }
}
template <class M, class Visit>
void walk(M& module, const Visit& visit) {
    walk(module, Path{}, visit);
}

}
}
