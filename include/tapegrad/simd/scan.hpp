// Running sums, products, extremes and recurrences along the middle axis of (outer, n, inner), row-major,
// from the first element to the last, or in reverse.
//
//   inner == 1   rows: one after the other; sums batch by batch, the total of the batches before in double
//   inner > 1    columns: all columns of a strip advance together, a batch at a time
//
// Work is cut by size into rows, strips of columns and pieces of a long row: the same bits for any number of
// threads.
#pragma once

#include "../core/parallel.hpp"
#include "math.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

inline constexpr int64_t scan_piece = int64_t{1} << 15;  // elements of a row: at least 10 us of a core
inline constexpr int64_t scan_strip = 1024;              // columns whose state stays in the first cache

/// The columns that advance together: few when there would not be enough strips for several threads.
inline int64_t columns_of_strip(int64_t outer) { return outer < 8 ? scan_strip / 4 : scan_strip; }

/// f(offset of the row) for each row.
template <class F>
void scan_rows(int64_t outer, int64_t n, const F& f) {
    parallel_for(outer, scan_piece / n, [&](int64_t begin, int64_t end) {
        for (int64_t o = begin; o < end; ++o) f(o * n);
    });
}

/// f(state, offset, count, k, row) for each batch of each row in turn, k the column in the strip that the
/// state is of, row counted in the direction of the scan.
template <class T, class State, class F>
void scan_columns(int64_t outer, int64_t n, int64_t inner, bool reverse, const F& f) {
    const int64_t strip = columns_of_strip(outer), strips = (inner - 1) / strip + 1;
    const int64_t unit = n * (inner < strip ? inner : strip);
    parallel_for(outer * strips, scan_piece / unit, [&](int64_t begin, int64_t end) {
        for (int64_t i = begin; i < end; ++i) {
            const int64_t o = i / strips, from = i % strips * strip, rest = inner - from;
            State state;
            for (int64_t row = 0; row < n; ++row) {
                const int64_t at = (o * n + (reverse ? n - 1 - row : row)) * inner + from;
                for_batches<T>(rest < strip ? rest : strip, [&](int64_t k, int64_t count) TAPEGRAD_LAMBDA {
                    f(state, at + k, count, k, row);
                });
            }
        }
    });
}

/// What a running value of floats is kept in along a row.
template <class T>
using ScanWide = std::conditional_t<Vectorized<T>, double, T>;

/// A running value along rows and columns of floats: y_i = step(y_(i-1), i), from y_(-1) = start.
template <class T, class Step>
void scan_values(T* y, int64_t outer, int64_t n, int64_t inner, bool reverse, T start, const Step& step) {
    if (inner == 1)
        return scan_rows(outer, n, [=](int64_t row) {
            auto running = static_cast<ScanWide<T>>(start);
            for (int64_t i = 0; i < n; ++i) {
                const int64_t at = row + (reverse ? n - 1 - i : i);
                running = step(running, at);
                y[at] = static_cast<T>(running);
            }
        });
    struct State {
        T running[scan_strip];
    };
    scan_columns<T, State>(
        outer, n, inner, reverse,
        [=](State& state, int64_t at, int64_t count, int64_t k, int64_t row) TAPEGRAD_LAMBDA {
            T* const running = state.running + k;
            const Batch<T> before = row == 0 ? Batch<T>(start) : load_some(running, count);
            const Batch<T> v = step(before, at, count);
            store_some(v, running, count);
            store_some(v, y + at, count);
        });
}

/// Element i is element i - By of x (i + By in reverse), and that of `fill` where there is none.
template <int By, bool Reverse, class T>
TAPEGRAD_INLINE Batch<T> moved(const Batch<T>& x, const Batch<T>& fill = Batch<T>(T(0))) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    const auto v = native(x), other = native(fill);
    return [&]<int... I>(std::integer_sequence<int, I...>) __attribute__((always_inline)) {
        if constexpr (Reverse)
            return batch_of<T>(__builtin_shufflevector(v, other, (I + By < W ? I + By : W + I)...));
        else
            return batch_of<T>(__builtin_shufflevector(v, other, (I >= By ? I - By : W + I)...));
    }
    (std::make_integer_sequence<int, W>{});
}
/// The running sums of the elements of a batch.
template <bool Reverse, class T>
TAPEGRAD_INLINE Batch<T> running_sums(Batch<T> x) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    if constexpr (W > 1) x += moved<1, Reverse>(x);
    if constexpr (W > 2) x += moved<2, Reverse>(x);
    if constexpr (W > 4) x += moved<4, Reverse>(x);
    if constexpr (W > 8) x += moved<8, Reverse>(x);
    return x;
}

/// The running sums of n elements added to `before`; their total alone where there is no y.
template <bool Reverse, class T>
double cumsum_piece(const T* x, T* y, int64_t n, double before) {
    constexpr int64_t W = width<T>;
    double total = 0;
    const auto batch = [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        const Batch<T> sums = running_sums<Reverse>(load_some(x + i, count));
        if (y != nullptr) store_some(Batch<T>(static_cast<T>(before + total)) + sums, y + i, count);
        total += static_cast<double>(sums.raw.get(Reverse ? 0 : static_cast<std::size_t>(W - 1)));
    };
    if constexpr (Reverse) {
        if (n % W != 0) batch(n / W * W, n % W);
        for (int64_t i = n / W * W - W; i >= 0; i -= W) batch(i, W);
    } else {
        for_batches<T>(n, batch);
    }
    return total;
}

template <bool Reverse, class T>
void cumsum_rows(const T* x, T* y, int64_t outer, int64_t n) {
    const int64_t pieces = (n - 1) / scan_piece + 1;
    const auto start = [=](int64_t piece) { return (Reverse ? pieces - 1 - piece : piece) * scan_piece; };
    const auto size = [=](int64_t at) { return n - at < scan_piece ? n - at : scan_piece; };
    // One thread, or a row for each of several: one pass. Otherwise the totals of the pieces come first. The
    // same sums in the same order.
    if (pieces == 1 || outer >= 4 || num_threads() == 1)
        return scan_rows(outer, n, [=](int64_t row) {
            double before = 0;
            for (int64_t piece = 0; piece < pieces; ++piece) {
                const int64_t at = start(piece);
                before += cumsum_piece<Reverse>(x + row + at, y + row + at, size(at), before);
            }
        });
    Scratch<double> before(pieces);
    for (int64_t row = 0; row < outer * n; row += n) {
        parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
            for (int64_t piece = begin; piece < end; ++piece) {
                const int64_t at = start(piece);
                before[piece] = cumsum_piece<Reverse, T>(x + row + at, nullptr, size(at), 0);
            }
        });
        double sum = 0;
        for (double& total : before.span()) sum += std::exchange(total, sum);
        parallel_for(pieces, 1, [&](int64_t begin, int64_t end) {
            for (int64_t piece = begin; piece < end; ++piece) {
                const int64_t at = start(piece);
                cumsum_piece<Reverse>(x + row + at, y + row + at, size(at), before[piece]);
            }
        });
    }
}

/// Sums of columns: those of 64 rows on top of those before, so that the error grows with n / 64.
template <class T>
struct ColumnSums {
    T before[scan_strip]{}, recent[scan_strip]{};

    TAPEGRAD_INLINE Batch<T> add(const Batch<T>& x, int64_t count, int64_t k, int64_t row) {
        Batch<T> base = load_some(before + k, count), sum = load_some(recent + k, count);
        if (row % 64 == 0) {
            base += sum;
            sum = Batch<T>(T(0));
            store_some(base, before + k, count);
        }
        sum += x;
        store_some(sum, recent + k, count);
        return base + sum;
    }
};

/// Running values of integers.
template <class T, class Step>
void scan_integers(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse,
                   const Step& step) {
    const int64_t by = reverse ? -inner : inner;
    for (int64_t o = 0; o < outer; ++o)
        for (int64_t i = 0; i < n; ++i)
            for (int64_t j = 0; j < inner; ++j) {
                const int64_t at = (o * n + (reverse ? n - 1 - i : i)) * inner + j;
                y[at] = i == 0 ? x[at] : step(y[at - by], x[at]);
            }
}

}

/// y[o, i, j] = sum of x[o, k, j] over k <= i, over k >= i in reverse.
/// Numeric  along rows summed in double between batches, along columns in blocks of 64
template <Vectorized T>
void cumsum(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse = false) {
    if (outer * n * inner == 0) return;
    if (inner == 1)
        return reverse ? detail::cumsum_rows<true>(x, y, outer, n)
                       : detail::cumsum_rows<false>(x, y, outer, n);
    using State = detail::ColumnSums<T>;
    detail::scan_columns<T, State>(
        outer, n, inner, reverse,
        [=](State& sums, int64_t at, int64_t count, int64_t k, int64_t row) TAPEGRAD_LAMBDA {
            detail::store_some(sums.add(detail::load_some(x + at, count), count, k, row), y + at, count);
        });
}

/// The same of integers, which wrap.
template <std::integral T>
void cumsum(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse = false) {
    using U = std::make_unsigned_t<T>;
    detail::scan_integers(x, y, outer, n, inner, reverse,
                          [](T a, T b) { return static_cast<T>(static_cast<U>(a) + static_cast<U>(b)); });
}

/// y[o, i, j] = product of x[o, k, j] over k <= i, over k >= i in reverse.
/// Numeric  along rows in double
template <Vectorized T>
void cumprod(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse = false) {
    if (outer * n * inner == 0) return;
    detail::scan_values(y, outer, n, inner, reverse, T(1),
                        [x](const auto& before, int64_t at, auto... count) TAPEGRAD_LAMBDA {
                            if constexpr (sizeof...(count) == 0)
                                return before * static_cast<double>(x[at]);
                            else
                                return before * detail::load_some(x + at, count...);
                        });
}

/// The same of integers, which wrap.
template <std::integral T>
void cumprod(const T* x, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse = false) {
    using U = std::make_unsigned_t<T>;
    detail::scan_integers(x, y, outer, n, inner, reverse,
                          [](T a, T b) { return static_cast<T>(static_cast<U>(a) * static_cast<U>(b)); });
}

/// y[o, i, j] = a[o, i, j] y[o, i - 1, j] + b[o, i, j], with i + 1 for i - 1 in reverse, and 0 outside.
/// Numeric  along rows in double
template <Vectorized T>
void recurrence(const T* a, const T* b, T* y, int64_t outer, int64_t n, int64_t inner, bool reverse = false) {
    if (outer * n * inner == 0) return;
    detail::scan_values(y, outer, n, inner, reverse, T(0),
                        [a, b](const auto& before, int64_t at, auto... count) TAPEGRAD_LAMBDA {
                            if constexpr (sizeof...(count) == 0)
                                return before * static_cast<double>(a[at]) + static_cast<double>(b[at]);
                            else
                                return fma(before, detail::load_some(a + at, count...),
                                           detail::load_some(b + at, count...));
                        });
}

namespace detail {

/// sum exp(x - top) of some elements, with their largest as top; 0 and -inf of none.
template <class T>
struct Exponentials {
    Batch<T> top, sum;

    TAPEGRAD_INLINE friend Exponentials operator+(const Exponentials& a, const Exponentials& b) {
        const Mask<T> larger = b.top > a.top;
        const Batch<T> most = max(a.top, b.top), lower = where(larger, a.top, b.top), one(T(1));
        // Equal infinities have the difference 0 too.
        const Batch<T> share = where(lower == most, one, exp(lower - most));
        return {most, where(larger, fma(a.sum, share, b.sum), fma(b.sum, share, a.sum))};
    }
    TAPEGRAD_INLINE Batch<T> log_sum() const { return top + log(sum); }
};

template <class T>
void logcumsumexp_row(const T* x, T* y, int64_t n) {
    constexpr int W = static_cast<int>(Batch<T>::size);
    const Batch<T> nothing(-std::numeric_limits<T>::infinity());
    // Where there is nothing before, a sum of 0 with the same top: exp(-inf) would be slow.
    const auto earlier = [&]<int By>(const Exponentials<T>& e,
                                     std::integral_constant<int, By>) TAPEGRAD_LAMBDA {
        return Exponentials<T>{moved<By, false>(e.top, e.top), moved<By, false>(e.sum)};
    };
    Exponentials<T> before{nothing, Batch<T>(T(0))};
    for_batches<T>(n, [&](int64_t i, int64_t count) TAPEGRAD_LAMBDA {
        Exponentials<T> e{load_some(x + i, count, -std::numeric_limits<T>::infinity()), Batch<T>(T(1))};
        if constexpr (W > 1) e = earlier(e, std::integral_constant<int, 1>()) + e;
        if constexpr (W > 2) e = earlier(e, std::integral_constant<int, 2>()) + e;
        if constexpr (W > 4) e = earlier(e, std::integral_constant<int, 4>()) + e;
        if constexpr (W > 8) e = earlier(e, std::integral_constant<int, 8>()) + e;
        e = before + e;
        store_some(e.log_sum(), y + i, count);
        before = {Batch<T>(e.top.raw.get(W - 1)), Batch<T>(e.sum.raw.get(W - 1))};
    });
}

}

/// y[o, i, j] = log of the sum of exp(x[o, k, j]) over k <= i.
/// Numeric  no overflow for finite x; -inf of -inf alone, +inf from the first +inf on, NaN from a NaN on
template <Vectorized T>
void logcumsumexp(const T* x, T* y, int64_t outer, int64_t n, int64_t inner) {
    if (outer * n * inner == 0) return;
    if (inner == 1)
        return detail::scan_rows(outer, n,
                                 [=](int64_t row) { detail::logcumsumexp_row(x + row, y + row, n); });
    struct State {
        T top[detail::scan_strip], sum[detail::scan_strip];
    };
    detail::scan_columns<T, State>(
        outer, n, inner, false,
        [=](State& state, int64_t at, int64_t count, int64_t k, int64_t row) TAPEGRAD_LAMBDA {
            detail::Exponentials<T> e{detail::load_some(x + at, count), Batch<T>(T(1))};
            if (row > 0)
                e = detail::Exponentials<T>{detail::load_some(state.top + k, count),
                                            detail::load_some(state.sum + k, count)} +
                    e;
            detail::store_some(e.top, state.top + k, count);
            detail::store_some(e.sum, state.sum + k, count);
            detail::store_some(e.log_sum(), y + at, count);
        });
}

/// For each element the extreme so far and its place: the last one of several, and of NaN, which is the
/// extreme from its first one on, as in PyTorch. `Better(v, best)` says whether v replaces best.
template <class T, class Better>
void cumulative_extreme(const T* x, T* y, int64_t* places, int64_t outer, int64_t n, int64_t inner,
                        const Better& better) {
    if (outer * n * inner == 0) return;
    const int64_t strip = detail::columns_of_strip(outer), strips = (inner - 1) / strip + 1;
    parallel_for(outer * strips, detail::scan_piece / (n * (inner < strip ? inner : strip)),
                 [&](int64_t begin, int64_t end) {
                     for (int64_t i = begin; i < end; ++i) {
                         const int64_t from = i % strips * strip, rest = inner - from;
                         const int64_t columns = rest < strip ? rest : strip;
                         for (int64_t row = 0, at = i / strips * n * inner + from; row < n;
                              ++row, at += inner)
                             for (int64_t j = at; j < at + columns; ++j) {
                                 const bool taken = row == 0 || better(x[j], y[j - inner]);
                                 y[j] = taken ? x[j] : y[j - inner];
                                 places[j] = taken ? row : places[j - inner];
                             }
                     }
                 });
}
template <class T>
void cummax(const T* x, T* y, int64_t* places, int64_t outer, int64_t n, int64_t inner) {
    cumulative_extreme(x, y, places, outer, n, inner, [](T v, T best) { return v != v || v >= best; });
}
template <class T>
void cummin(const T* x, T* y, int64_t* places, int64_t outer, int64_t n, int64_t inner) {
    cumulative_extreme(x, y, places, outer, n, inner, [](T v, T best) { return v != v || v <= best; });
}

}
