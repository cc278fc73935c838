// What a `map` lambda is evaluated on beside batches: `Dual` carries the partial derivatives by the N inputs
// along with the value; `Trace` and `Reads` find out, without any number, which inputs each of these
// derivatives reads.
#pragma once

#include <array>
#include <concepts>

#include "math.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Batches, duals, traces and tensors: what the elementwise functions take.
template <class V>
concept Value = std::derived_from<V, ValueTag>;

namespace simd {

/// A derivative that is the number 1, -1 or 0: nothing is read and nothing multiplied.
struct One {};
struct MinusOne {};
struct Zero {};

/// d * g, where g may be One or MinusOne.
template <class D, class G>
TAPEGRAD_INLINE auto chain(const D& d, const G& g) {
    if constexpr (std::same_as<G, One>)
        return d;
    else if constexpr (std::same_as<G, MinusOne>)
        return -d;
    else
        return d * g;
}

/// A value and its partial derivatives by N inputs. A partial that is known to be zero is never computed: the
/// flags are constants once the lambda is inlined, so the compiler drops what hangs on them.
template <class T, std::size_t N>
struct Dual : ValueTag {
    Batch<T> value;
    std::array<Batch<T>, N> partial;
    std::array<bool, N> depends{};

    TAPEGRAD_INLINE Dual() = default;
    TAPEGRAD_INLINE Dual(const Batch<T>& v) : value(v) {}
    TAPEGRAD_INLINE Dual(T v) : value(v) {}
    /// The K-th input itself.
    template <std::size_t K>
    TAPEGRAD_INLINE static Dual input(const Batch<T>& v) {
        Dual x(v);
        x.partial[K] = Batch<T>(T(1));
        x.depends[K] = true;
        return x;
    }
    /// this += weight * x, for the partials only.
    template <class G>
    TAPEGRAD_INLINE void add_partials(const Dual& x, const G& weight) {
        if constexpr (std::same_as<G, Zero>)
            return;
        else
            for_each_partial([&](auto k) TAPEGRAD_LAMBDA {
                if (!x.depends[k]) return;
                const Batch<T> term = chain(x.partial[k], weight);
                partial[k] = depends[k] ? partial[k] + term : term;
                depends[k] = true;
            });
    }
    template <class F>
    TAPEGRAD_INLINE static void for_each_partial(F f) {
        [&]<std::size_t... K>(std::index_sequence<K...>) TAPEGRAD_LAMBDA {
            (f(std::integral_constant<std::size_t, K>()), ...);
        }
        (std::make_index_sequence<N>());
    }
};

inline constexpr std::size_t max_map_inputs = 8;

/// The set of arguments that an expression reads, as bits.
struct Reads : ValueTag {
    uint32_t bits = 0;
    constexpr Reads() = default;
    constexpr explicit Reads(uint32_t b) : bits(b) {}
    friend constexpr Reads operator&(Reads a, Reads b) { return Reads(a.bits | b.bits); }
    friend constexpr Reads operator|(Reads a, Reads b) { return Reads(a.bits | b.bits); }
    friend constexpr Reads operator^(Reads a, Reads b) { return a | b; }
    friend constexpr Reads operator&&(Reads a, Reads b) { return a | b; }
    friend constexpr Reads operator||(Reads a, Reads b) { return a | b; }
    friend constexpr Reads operator!(Reads a) { return a; }
};
constexpr uint32_t reads_of(Zero) { return 0; }
constexpr uint32_t reads_of(One) { return 0; }
constexpr uint32_t reads_of(MinusOne) { return 0; }
constexpr uint32_t reads_of(Reads r) { return r.bits; }

/// Sets of inputs as bits: those that the value reads, and those that the derivative by input k reads.
struct Trace : ValueTag {
    uint32_t reads = 0;
    uint32_t active = 0;  // inputs k with a derivative that is not zero everywhere
    std::array<uint32_t, max_map_inputs> partial_reads{};

    constexpr Trace() = default;
    template <class N>
    requires std::is_arithmetic_v<N>
    constexpr Trace(N) {}
    static constexpr Trace input(std::size_t k) {
        Trace t;
        t.reads = t.active = 1U << k;
        return t;
    }
    /// Takes over the derivatives of x, each multiplied by something that reads `weight`.
    constexpr void add_partials(const Trace& x, uint32_t weight) {
        for (std::size_t k = 0; k < max_map_inputs; ++k)
            if ((x.active >> k) & 1) partial_reads[k] |= x.partial_reads[k] | weight;
        active |= x.active;
    }
};
}
}
