// The elementwise operators, each for every kind of value: a row (rows.hpp) applied to a batch, a dual or a trace
// here, to a tensor in ops/primitive.hpp. One generic lambda over them is a value, a derivative and a graph.
// functions.hpp has the functions.
#pragma once

#include "rows.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {
namespace simd {

template <class N>
concept Scalar = std::is_arithmetic_v<N>;

// A scalar among values, as a value of their kind.
template <class T>
TAPEGRAD_INLINE Batch<T> lift(const Batch<T>&, Scalar auto s) {
    return Batch<T>(static_cast<T>(s));
}
template <class T, std::size_t N>
TAPEGRAD_INLINE Dual<T, N> lift(const Dual<T, N>&, Scalar auto s) {
    return Dual<T, N>(static_cast<T>(s));
}
template <class T, std::size_t N>
TAPEGRAD_INLINE Dual<T, N> lift(const Dual<T, N>&, const Batch<T>& b) {
    return Dual<T, N>(b);
}
constexpr Trace lift(const Trace&, Scalar auto) { return {}; }
constexpr Reads lift(const Reads&, Scalar auto) { return {}; }
template <class V>
TAPEGRAD_INLINE constexpr const V& lift(const V&, const V& v) {
    return v;
}

// Rows of one variable.
template <class Row, class T>
TAPEGRAD_INLINE Batch<T> primitive(const Row& row, const Batch<T>& x) {
    return row.f(x);
}
template <class Row, class T, std::size_t N>
TAPEGRAD_INLINE Dual<T, N> primitive(const Row& row, const Dual<T, N>& x) {
    Dual<T, N> y(row.f(x.value));
    y.add_partials(x, row.df(x.value, y.value));
    return y;
}
template <class Row>
constexpr Reads primitive(const Row&, const Reads& x) {
    return x;
}
template <class Row>
constexpr Trace primitive(const Row& row, const Trace& x) {
    Trace y;
    y.reads = x.reads;
    // What the derivative reads of x or y it reads of the inputs of x.
    const auto slope = row.df(Reads(x.reads), Reads(x.reads));
    if constexpr (!std::same_as<decltype(slope), const Zero>) y.add_partials(x, reads_of(slope));
    return y;
}

// Rows of two variables.
template <class Row, class T>
TAPEGRAD_INLINE Batch<T> primitive(Row, const Batch<T>& a, const Batch<T>& b) {
    return Row::f(a, b);
}
template <class Row, class T, std::size_t N>
TAPEGRAD_INLINE Dual<T, N> primitive(Row, const Dual<T, N>& a, const Dual<T, N>& b) {
    Dual<T, N> y(Row::f(a.value, b.value));
    y.add_partials(a, Row::da(a.value, b.value, y.value));
    y.add_partials(b, Row::db(a.value, b.value, y.value));
    return y;
}
template <class Row>
constexpr Reads primitive(Row, const Reads& a, const Reads& b) {
    return a | b;
}
template <class Row>
constexpr Trace primitive(Row, const Trace& a, const Trace& b) {
    const Reads ra(a.reads), rb(b.reads), ry(a.reads | b.reads);
    Trace y;
    y.reads = ry.bits;
    y.add_partials(a, reads_of(Row::da(ra, rb, ry)));
    y.add_partials(b, reads_of(Row::db(ra, rb, ry)));
    return y;
}
template <class Row, class A, class B>
requires((Scalar<A> || Scalar<B> || !std::same_as<A, B>)&&!requires { typename A::tensor_type; } &&
         !requires { typename B::tensor_type; }) TAPEGRAD_INLINE
    constexpr auto primitive(Row, const A& a, const B& b) {
    if constexpr (Value<A> && requires { lift(a, b); })
        return primitive(Row(), a, lift(a, b));
    else
        return primitive(Row(), lift(b, a), b);
}

// Comparisons: of the values.
template <class T, std::size_t N>
TAPEGRAD_INLINE const Batch<T>& value_of(const Dual<T, N>& x) {
    return x.value;
}
template <class T>
TAPEGRAD_INLINE const Batch<T>& value_of(const Batch<T>& x) {
    return x;
}

#define TAPEGRAD_COMPARISON(Name, op)                                            \
    struct Name {                                                                \
        static constexpr auto name = #op;                                        \
        template <class T>                                                       \
        TAPEGRAD_INLINE static Mask<T> f(const Batch<T>& a, const Batch<T>& b) { \
            return a op b;                                                       \
        }                                                                        \
    };
TAPEGRAD_COMPARISON(Less, <)
TAPEGRAD_COMPARISON(LessEqual, <=)
TAPEGRAD_COMPARISON(Equal, ==)
TAPEGRAD_COMPARISON(NotEqual, !=)
#undef TAPEGRAD_COMPARISON

template <class A, class B>
concept Operands = (Value<A> && (Value<B> || Scalar<B>)) || (Scalar<A> && Value<B>);

// Operands are asked for here too: clang looks for the type of `a == b` before it asks whether a and b are any.
template <class Row, class A, class B>
requires(
    Operands<A, B> && !requires { typename A::tensor_type; } &&
    !requires { typename B::tensor_type; }) TAPEGRAD_INLINE
    constexpr auto compare(Row, const A& a, const B& b) {
    if constexpr (Scalar<A>)
        return compare(Row(), lift(b, a), b);
    else if constexpr (Scalar<B>)
        return compare(Row(), a, lift(a, b));
    else if constexpr (std::same_as<A, Reads>)
        return a | b;
    else if constexpr (std::same_as<A, Trace>)
        return Reads(a.reads | b.reads);
    else
        return Row::f(value_of(a), value_of(b));
}

// m ? a : b. The side that is not taken contributes nothing, not even NaN.
template <class T, std::size_t N>
TAPEGRAD_INLINE Dual<T, N> where(const Mask<T>& m, const Dual<T, N>& a, const Dual<T, N>& b) {
    Dual<T, N> y(where(m, a.value, b.value));
    Dual<T, N>::for_each_partial([&](auto k) TAPEGRAD_LAMBDA {
        if (!a.depends[k] && !b.depends[k]) return;
        const Batch<T> zero(T(0));
        y.partial[k] = where(m, a.depends[k] ? a.partial[k] : zero, b.depends[k] ? b.partial[k] : zero);
        y.depends[k] = true;
    });
    return y;
}
constexpr Reads where(const Reads& m, const Reads& a, const Reads& b) { return m | a | b; }
constexpr Trace where(const Reads& m, const Trace& a, const Trace& b) {
    Trace y;
    y.reads = m.bits | a.reads | b.reads;
    y.add_partials(a, m.bits);
    y.add_partials(b, m.bits);
    return y;
}
template <class M, class A, class B>
requires((std::derived_from<M, ValueTag> && !requires { typename M::tensor_type; }) &&
         !std::same_as<A, B>) TAPEGRAD_INLINE constexpr auto where(const M& m, const A& a, const B& b) {
    if constexpr (Value<A> && requires { lift(a, b); })
        return where(m, a, lift(a, b));
    else
        return where(m, lift(b, a), b);
}

/// The scalar s as a value of the kind of v.
template <Value V>
requires(!requires { typename V::tensor_type; }) TAPEGRAD_INLINE constexpr V like(const V& v, Scalar auto s) {
    return lift(v, s);
}

}

template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator+(const A& a, const B& b) {
    return primitive(simd::row::Add(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator-(const A& a, const B& b) {
    return primitive(simd::row::Sub(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator*(const A& a, const B& b) {
    return primitive(simd::row::Mul(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator/(const A& a, const B& b) {
    return primitive(simd::row::Div(), a, b);
}
template <Value V>
TAPEGRAD_INLINE constexpr auto operator-(const V& x) {
    return primitive(simd::row::Neg(), x);
}
// Assigned forms make the left side a name for the result; no element is overwritten.
template <Value A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr A& operator+=(A& a, const B& b) { return a = a + b; }
template <Value A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr A& operator-=(A& a, const B& b) { return a = a - b; }
template <Value A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr A& operator*=(A& a, const B& b) { return a = a * b; }
template <Value A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr A& operator/=(A& a, const B& b) { return a = a / b; }

// The type is said, so that to name it does not instantiate the comparison of tensors.
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator<(const A& a, const B& b)
    -> decltype(compare(simd::Less(), a, b)) {
    return compare(simd::Less(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator>(const A& a, const B& b)
    -> decltype(compare(simd::Less(), b, a)) {
    return compare(simd::Less(), b, a);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator<=(const A& a, const B& b)
    -> decltype(compare(simd::LessEqual(), a, b)) {
    return compare(simd::LessEqual(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator>=(const A& a, const B& b)
    -> decltype(compare(simd::LessEqual(), b, a)) {
    return compare(simd::LessEqual(), b, a);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator==(const A& a, const B& b)
    -> decltype(compare(simd::Equal(), a, b)) {
    return compare(simd::Equal(), a, b);
}
template <class A, class B>
requires simd::Operands<A, B> TAPEGRAD_INLINE constexpr auto operator!=(const A& a, const B& b)
    -> decltype(compare(simd::NotEqual(), a, b)) {
    return compare(simd::NotEqual(), a, b);
}

}
