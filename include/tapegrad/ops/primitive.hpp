// The rows of simd/rows.hpp on tensors: values by the row's `f`, gradients by its derivative. A first
// gradient is one fused pass over what the derivative reads; a gradient of a gradient is the same expression
// evaluated on tensors.
#pragma once

#include <bit>
#include <cstring>

#include "../autograd/backward.hpp"
#include "evaluate.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace simd {
/// A 0-d tensor of the element type of v.
template <class T>
Tensor<T> like(const Tensor<T>&, Scalar auto s) {
    return Tensor<T>(static_cast<T>(s));
}
}
using simd::like;

namespace detail {

/// A row of two variables with a scalar in one of them, as a row of one.
template <class Row, class T>
struct WithRight {
    static constexpr auto name = Row::name;
    T s{};
    TAPEGRAD_INLINE constexpr auto f(const auto& x) const { return Row::f(x, like(x, s)); }
    TAPEGRAD_INLINE constexpr auto df(const auto& x, const auto& y) const {
        return Row::da(x, like(x, s), y);
    }
};
template <class Row, class T>
struct WithLeft {
    static constexpr auto name = Row::name;
    T s{};
    TAPEGRAD_INLINE constexpr auto f(const auto& x) const { return Row::f(like(x, s), x); }
    TAPEGRAD_INLINE constexpr auto df(const auto& x, const auto& y) const {
        return Row::db(like(x, s), x, y);
    }
};

/// dy times a derivative of which `Reads` says the arguments that it reads (bit i: args[i]); one fused pass.
template <uint32_t Reads, class T, class Slope, class... Ts>
Tensor<T> weigh(const char* name, const Slope& slope, const Tensor<T>& dy, const Ts&... args) {
    constexpr std::size_t count = sizeof...(Ts);
    const auto kernel = [&slope](const auto& d, const auto&... read) TAPEGRAD_LAMBDA {
        const auto values = std::tie(d, read...);
        return [&]<std::size_t... I>(std::index_sequence<I...>) TAPEGRAD_LAMBDA {
            // What the derivative does not read may be anything: d stands there.
            return simd::chain(
                d, slope(std::get < ((Reads >> I) & 1) != 0 ? 1 + std::popcount(Reads & ((1U << I) - 1))
                                                            : 0 > (values)...));
        }
        (std::make_index_sequence<count>());
    };
    const auto all = std::tie(args...);
    return [&]<std::size_t... I>(std::index_sequence<I...>) {
        return evaluate(name, kernel, dy, std::get<I>(all)...);
    }
    ([] {
        if constexpr (Reads == 0)
            return std::index_sequence<>();
        else if constexpr (Reads == 1)
            return std::index_sequence<0>();
        else if constexpr (Reads == 2)
            return std::index_sequence<1>();
        else if constexpr (Reads == 3)
            return std::index_sequence<0, 1>();
        else if constexpr (Reads == 4)
            return std::index_sequence<2>();
        else if constexpr (Reads == 5)
            return std::index_sequence<0, 2>();
        else if constexpr (Reads == 6)
            return std::index_sequence<1, 2>();
        else
            return std::index_sequence<0, 1, 2>();
    }());
}

template <class T>
T first_lane(const simd::Batch<T>& v) {
    T lanes[simd::Batch<T>::size];
    v.store(lanes);
    return lanes[0];
}

/// The gradient that a derivative sends on: recorded when gradients of gradients are wanted, else one fused
/// pass.
template <uint32_t Reads, class T, class Slope, class... Ts>
Tensor<T> slope_gradient(const char* name, const Slope& slope, const Tensor<T>& dy, const Ts&... args) {
    using Kind = decltype(slope((static_cast<void>(args), simd::Reads())...));
    if constexpr (std::same_as<Kind, simd::Zero>)
        return {};
    else if constexpr (std::same_as<Kind, simd::One>)
        return dy;
    else if constexpr (std::same_as<Kind, simd::Reads> && Reads == 0)
        return dy * first_lane(slope((static_cast<void>(args), simd::Batch<T>(T(0)))...));  // a constant
    else if (grad_enabled())
        return simd::chain(dy, slope(args...));
    else
        return weigh<Reads>(name, slope, dy, args...);
}

template <class Row, class T>
struct UnaryState {
    static constexpr uint32_t reads = reads_of(Row().df(simd::Reads(1), simd::Reads(2)));
    [[no_unique_address]] Row row;
    Tensor<T> x, y;  // undefined where the derivative does not read them

    static void run(void* state, Slot& slot, const TensorBase& gradient, Needs, Sink& sink) {
        const auto& self = *static_cast<const UnaryState*>(state);
        const auto dy = cast_handle<T>(gradient);
        const Tensor<T> y = (reads & 2) != 0 ? with_node(self.y, grad_enabled() ? &slot : nullptr) : dy;
        const auto slope = [row = self.row](const auto& a, const auto& b)
                               TAPEGRAD_LAMBDA { return row.df(a, b); };
        sink.put(0, slope_gradient<reads>(Row::name, slope, dy, (reads & 1) != 0 ? self.x : dy, y));
    }
};

template <class Row, class T>
struct BinaryState {
    static constexpr uint32_t a_reads = reads_of(Row::da(simd::Reads(1), simd::Reads(2), simd::Reads(4)));
    static constexpr uint32_t b_reads = reads_of(Row::db(simd::Reads(1), simd::Reads(2), simd::Reads(4)));
    Tensor<T> a, b, y;

    static void run(void* state, Slot& slot, const TensorBase& gradient, Needs needs, Sink& sink) {
        const auto& self = *static_cast<const BinaryState*>(state);
        const auto dy = cast_handle<T>(gradient);
        const Tensor<T>& a = self.a.defined() ? self.a : dy;
        const Tensor<T>& b = self.b.defined() ? self.b : dy;
        const Tensor<T> y = self.y.defined() ? with_node(self.y, grad_enabled() ? &slot : nullptr) : dy;
        const auto da = [](const auto& u, const auto& v, const auto& w)
                            TAPEGRAD_LAMBDA { return Row::da(u, v, w); };
        const auto db = [](const auto& u, const auto& v, const auto& w)
                            TAPEGRAD_LAMBDA { return Row::db(u, v, w); };
        if (needs[0]) sink.put(0, slope_gradient<a_reads>(Row::name, da, dy, a, b, y));
        if (needs[1]) sink.put(1, slope_gradient<b_reads>(Row::name, db, dy, a, b, y));
    }
};

template <class T>
Tensor<T> keep_if(bool read, const Tensor<T>& x) {
    return read ? x : Tensor<T>();
}

}

namespace detail {

template <class Row>
inline constexpr bool is_remainder =
    std::same_as<Row, simd::row::Fmod> || std::same_as<Row, simd::row::Remainder>;
template <class T>
void check_divisor(const char* name, const Tensor<T>& b) {
    const Tensor<bool> zero = evaluate(
        name, [](const auto& v) { return v == 0; }, b);
    if (zero.numel() > 0 && std::memchr(zero.data(), 1, static_cast<std::size_t>(zero.numel())) != nullptr)
        fail<Error>(name, "b ", b.shape(), " has a 0, by which integers have no remainder");
}

}

/// A row of one variable on a tensor.
template <class Row, class T>
Tensor<T> primitive(const Row& row, const Tensor<T>& x) {
    const auto f = [row](const auto& v) TAPEGRAD_LAMBDA { return row.f(v); };
    Tensor<T> y = detail::evaluate(Row::name, f, x);
    detail::check_anomaly(Row::name, y);
    if constexpr (Floating<T>) {
        if (grad_enabled() && x.requires_grad()) {
            using State = detail::UnaryState<Row, T>;
            const detail::Input inputs[] = {x};
            return detail::append_slot(Row::name, y, inputs, [&] {
                return State{row, detail::keep_if((State::reads & 1) != 0, x),
                             detail::keep_if((State::reads & 2) != 0, y)};
            });
        }
    }
    return y;
}

/// A row of two variables on tensors that broadcast.
template <class Row, class T>
Tensor<T> primitive(const Row&, const Tensor<T>& a, const Tensor<T>& b) {
    static_assert(Floating<T> || !std::same_as<Row, simd::row::Div>,
                  "div: integers: convert with to<float>() first");
    if constexpr (!Floating<T> && detail::is_remainder<Row>) detail::check_divisor(Row::name, b);
    const auto f = [](const auto& u, const auto& v) TAPEGRAD_LAMBDA { return Row::f(u, v); };
    Tensor<T> y = detail::evaluate(Row::name, f, a, b);
    detail::check_anomaly(Row::name, y);
    if constexpr (Floating<T>) {
        if (grad_enabled() && (a.requires_grad() || b.requires_grad())) {
            using State = detail::BinaryState<Row, T>;
            const uint32_t reads =
                (a.requires_grad() ? State::a_reads : 0) | (b.requires_grad() ? State::b_reads : 0);
            const detail::Input inputs[] = {a, b};
            return detail::append_slot(Row::name, y, inputs, [&] {
                return State{detail::keep_if((reads & 1) != 0, a), detail::keep_if((reads & 2) != 0, b),
                             detail::keep_if((reads & 4) != 0, y)};
            });
        }
    }
    return y;
}

namespace detail {
template <class S, class T>
concept FitsElement = simd::Scalar<S> &&
    (std::is_floating_point_v<T> || Real16<T> || !std::is_floating_point_v<S>);
}

template <class Row, class T, detail::FitsElement<T> S>
Tensor<T> primitive(const Row&, const Tensor<T>& x, S s) {
    if constexpr (!Floating<T> && detail::is_remainder<Row>)
        detail::check_divisor(Row::name, Tensor<T>(static_cast<T>(s)));
    return primitive(detail::WithRight<Row, T>{static_cast<T>(s)}, x);
}
template <class Row, class T, detail::FitsElement<T> S>
Tensor<T> primitive(const Row&, S s, const Tensor<T>& x) {
    if constexpr (!Floating<T> && detail::is_remainder<Row>) detail::check_divisor(Row::name, x);
    return primitive(detail::WithLeft<Row, T>{static_cast<T>(s)}, x);
}

namespace detail {

/// Elements as numbers: false is 0, true is 1.
template <class T>
TAPEGRAD_INLINE simd::Batch<T> as_number(const simd::Batch<T>& v) {
    return v;
}
template <class T>
TAPEGRAD_INLINE simd::Batch<T> as_number(const simd::Mask<T>& m) {
    return simd::where(m, simd::Batch<T>(T(1)), simd::Batch<T>(T(0)));
}

}

/// A comparison of tensors that broadcast: true or false, without a derivative. false is less than true.
template <class Row, class T>
Tensor<bool> compare(const Row&, const Tensor<T>& a, const Tensor<T>& b) {
    const auto f = [](const auto& u, const auto& v)
                       TAPEGRAD_LAMBDA { return Row::f(detail::as_number(u), detail::as_number(v)); };
    return record_constant(Row::name, detail::evaluate(Row::name, f, a, b), {a, b});
}
template <class Row, class T>
Tensor<bool> compare(const Row& row, const Tensor<T>& a, simd::Scalar auto s) {
    return compare(row, a, like(a, s));
}
template <class Row, class T>
Tensor<bool> compare(const Row& row, simd::Scalar auto s, const Tensor<T>& a) {
    return compare(row, like(a, s), a);
}

/// c ? a : b, element by element; the side that is not taken contributes nothing, not even NaN.
/// Shape    c, a, b broadcast together -> y
/// Grad     da = c ? dy : 0, db = c ? 0 : dy;  saves c
template <class T>
Tensor<T> where(const Tensor<bool>& c, const Tensor<T>& a, const Tensor<T>& b) {
    const auto f = [](const auto& m, const auto& u, const auto& v) TAPEGRAD_LAMBDA {
        if constexpr (std::same_as<T, bool>)
            return v ^ (m & (u ^ v));
        else
            return simd::where(m, u, v);
    };
    const Tensor<bool> bare = c.node() != nullptr ? detail::with_node(c, nullptr) : c;
    return record("where", detail::evaluate("where", f, c, a, b), {a, b},
                  [bare](const Tensor<T>& dy, Needs needs) {
                      std::array<Tensor<T>, 2> d;
                      if (needs[0]) d[0] = where(bare, dy, Tensor<T>(T(0)));
                      if (needs[1]) d[1] = where(bare, Tensor<T>(T(0)), dy);
                      return d;
                  });
}
template <class T, detail::FitsElement<T> S>
Tensor<T> where(const Tensor<bool>& c, const Tensor<T>& a, S b) {
    return where(c, a, like(a, b));
}
template <class T, detail::FitsElement<T> S>
Tensor<T> where(const Tensor<bool>& c, S a, const Tensor<T>& b) {
    return where(c, like(b, a), b);
}

}
