// Rows in order, and the first few of an order.
//
// An element becomes an unsigned key whose order is that of the elements: -0 equals 0, NaN is the largest,
// and a descending order is that of the inverted keys. What is sorted are keys with places behind them, so
// that equals keep their order and the code below exists twice, not for every type.
//
//   short rows    std::sort
//   long rows     radix sort by bytes, from the last to the first; a byte that all keys share is passed over
//   top k         one pass that drops what is behind the k best so far, a batch at a time
#pragma once

#include <algorithm>
#include <bit>
#include <limits>

#include "../core/parallel.hpp"
#include "batch.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// A key of 32 bits and a place below 2^32, as one number.
struct NarrowItem {
    using Key = uint32_t;
    uint64_t bits;
    NarrowItem() = default;
    NarrowItem(Key key, int64_t place) : bits(uint64_t{key} << 32 | static_cast<uint64_t>(place)) {}
    Key key() const { return static_cast<Key>(bits >> 32); }
    int64_t place() const { return static_cast<int64_t>(bits & 0xFFFFFFFF); }
    friend bool operator<(const NarrowItem& a, const NarrowItem& b) { return a.bits < b.bits; }
};
/// A key of 64 bits and any place.
struct WideItem {
    using Key = uint64_t;
    uint64_t bits;
    int64_t at;
    WideItem() = default;
    WideItem(Key key, int64_t place) : bits(key), at(place) {}
    Key key() const { return bits; }
    int64_t place() const { return at; }
    friend bool operator<(const WideItem& a, const WideItem& b) {
        return a.bits != b.bits ? a.bits < b.bits : a.at < b.at;
    }
};

/// A number in the order of v among values of T.
template <class T>
TAPEGRAD_INLINE auto order_key(T v, bool descending) {
    if constexpr (std::is_floating_point_v<T>) {
        using Key = std::conditional_t<sizeof(T) == 4, uint32_t, uint64_t>;
        constexpr Key sign = Key{1} << (8 * sizeof(T) - 1);
        const Key bits = std::bit_cast<Key>(v + T(0));  // -0 is 0
        const Key key = v != v ? ~Key{0} : bits ^ ((bits & sign) != 0 ? ~Key{0} : sign);
        return descending ? static_cast<Key>(~key) : key;
    } else {
        using Key = std::conditional_t<(sizeof(T) > 4), uint64_t, uint32_t>;
        Key key = static_cast<Key>(v);
        if constexpr (std::is_signed_v<T>) key ^= Key{1} << (8 * sizeof(T) - 1);
        return descending ? static_cast<Key>(~key) : key;
    }
}

/// Items of a row; with less, comparing is faster than counting.
template <class Item>
inline constexpr int64_t radix_least = 24 * static_cast<int64_t>(sizeof(typename Item::Key));

/// Sorts a[0, n), which stand in the order of their places, with the help of b[0, n); returns the one that holds the result.
template <class Item>
Item* sort_items(Item* a, Item* b, int64_t n) {
    if (n < radix_least<Item>) {
        std::sort(a, a + n);
        return a;
    }
    constexpr int digits = sizeof(typename Item::Key);
    constexpr int shift = 8 * (8 - digits);  // of the key in `bits`
    Scratch<uint32_t> count(n < (int64_t{1} << 32) ? digits * 256 : 0);
    if (count.size() == 0) {  // more than the counters hold
        std::sort(a, a + n);
        return a;
    }
    std::fill_n(count.data(), count.size(), 0U);
    for (int64_t i = 0; i < n; ++i)
        for (int d = 0; d < digits; ++d)
            ++count[d * 256 + static_cast<int64_t>(a[i].bits >> (shift + 8 * d) & 255)];
    for (int d = 0; d < digits; ++d) {
        uint32_t* const next = count.data() + d * 256;
        const auto byte = [at = shift + 8 * d](const Item& item) { return item.bits >> at & 255; };
        if (next[byte(a[0])] == static_cast<uint32_t>(n)) continue;
        uint32_t start = 0;
        for (int i = 0; i < 256; ++i) start += std::exchange(next[i], start);
        for (int64_t i = 0; i < n; ++i) b[next[byte(a[i])]++] = a[i];
        std::swap(a, b);
    }
    return a;
}

/// The items of a row in its order.
template <class Item, class T>
void fill_items(const T* x, int64_t n, bool descending, Item* items) {
    for (int64_t i = 0; i < n; ++i) items[i] = Item(order_key(x[i], descending), i);
}
/// Writes the elements of the first `count` items, and their places.
template <class Item, class T>
void write_items(const T* x, const Item* items, int64_t count, T* values, int64_t* places) {
    for (int64_t i = 0; i < count; ++i) {
        const int64_t at = items[i].place();
        if (values != nullptr) values[i] = x[at];
        places[i] = at;
    }
}

/// The `k` first items of a row of n in its order, at the start of `items`, unsorted. `items` has room for n
/// items where 4 k > n, and for 4 k otherwise.
template <class Item, class T>
void first_items(const T* x, int64_t n, int64_t k, bool descending, Item* items) {
    if (k == 0) return;
    if (4 * k >= n) {
        fill_items(x, n, descending, items);
        if (k < n) std::nth_element(items, items + (k - 1), items + n);
        return;
    }
    const int64_t room = 4 * k;
    int64_t count = 0;
    auto worst = std::numeric_limits<typename Item::Key>::max();  // a key has to be below
    bool full = false;  // there are k items, and items[k - 1] is the last of them
    const auto keep_in_order = [&](const Item& item) {
        int64_t at = full ? k - 1 : count++;
        for (; at > 0 && item < items[at - 1]; --at) items[at] = items[at - 1];
        items[at] = item;
        full = count == k;
    };
    const auto offer = [&](int64_t i) {
        const auto key = order_key(x[i], descending);
        if (full && key >= worst) return;  // of equals the earlier ones stay
        if (k <= 16) {
            keep_in_order(Item(key, i));
        } else {
            items[count++] = Item(key, i);
            if (count < room) return;
            std::nth_element(items, items + (k - 1), items + count);
            count = k;
            full = true;
        }
        if (full) worst = items[k - 1].key();
    };
    int64_t i = 0;
    for (; i < n && !full; ++i) offer(i);
    if constexpr (Vectorized<T>) {
        constexpr auto W = static_cast<int64_t>(Batch<T>::size);
        while (i + W <= n) {
            const T bound = x[items[k - 1].place()];
            const Batch<T> limit(bound);
            const auto seen = worst;
            // A batch is looked at when an element of it may come before the bound; NaN is the largest.
            for (; i + W <= n && worst == seen; i += W) {
                const Batch<T> v = Batch<T>::load(x + i);
                const Mask<T> before = descending       ? (v > limit) | (v != v)
                                       : bound != bound ? v == v
                                                        : v < limit;
                if (xsimd::any(before.raw))
                    for (int64_t j = i; j < i + W; ++j) offer(j);
            }
        }
    }
    for (; i < n; ++i) offer(i);
    if (count > k) std::nth_element(items, items + (k - 1), items + count);
}

/// f(Item()) with the kind of item that a row of n elements of T needs.
template <class T, class F>
void with_item(int64_t n, const F& f) {
    if constexpr (sizeof(T) <= 4)
        if (n < (int64_t{1} << 32)) return f(NarrowItem());
    f(WideItem());
}

inline constexpr int64_t sort_grain = int64_t{1} << 12;  // elements: some 10 us of a core

}

/// The elements of each row of (outer, n) in order, with their places; equals keep their order.
/// `values` may be null. NaN counts as the largest.
template <class T>
void sort(const T* x, T* values, int64_t* places, int64_t outer, int64_t n, bool descending) {
    if (outer * n == 0) return;
    detail::with_item<T>(n, [=]<class Item>(Item) {
        parallel_for(outer, detail::sort_grain / n, [=](int64_t begin, int64_t end) {
            Scratch<Item> items(2 * n);
            for (int64_t o = begin; o < end; ++o) {
                detail::fill_items(x + o * n, n, descending, items.data());
                const Item* const sorted = detail::sort_items(items.data(), items.data() + n, n);
                detail::write_items(x + o * n, sorted, n, values == nullptr ? nullptr : values + o * n,
                                    places + o * n);
            }
        });
    });
}

/// The first k elements of each row of (outer, n) in an order, with their places; as `sort` would put them,
/// or in the order of their places.
template <class T>
void topk(const T* x, T* values, int64_t* places, int64_t outer, int64_t n, int64_t k, bool largest,
          bool sorted) {
    if (outer * k == 0) return;
    detail::with_item<T>(n, [=]<class Item>(Item) {
        parallel_for(outer, detail::sort_grain / n, [=](int64_t begin, int64_t end) {
            Scratch<Item> items(4 * k < n ? 4 * k : n);
            for (int64_t o = begin; o < end; ++o) {
                detail::first_items(x + o * n, n, k, largest, items.data());
                if (sorted)
                    std::sort(items.data(), items.data() + k);
                else
                    std::sort(items.data(), items.data() + k,
                              [](const Item& a, const Item& b) { return a.place() < b.place(); });
                detail::write_items(x + o * n, items.data(), k, values + o * k, places + o * k);
            }
        });
    });
}

/// The place of the element that `sort` would put at k, for each row of (outer, n); with `nan_first` that of
/// the first NaN where there is one.
template <class T>
void kth(const T* x, int64_t* places, int64_t outer, int64_t n, int64_t k, bool nan_first = false) {
    if (outer == 0) return;
    detail::with_item<T>(n, [=]<class Item>(Item) {
        parallel_for(outer, detail::sort_grain / n, [=](int64_t begin, int64_t end) {
            Scratch<Item> items(n);
            for (int64_t o = begin; o < end; ++o) {
                const T* const row = x + o * n;
                const T* nan = row + n;
                if constexpr (std::is_floating_point_v<T>)
                    if (nan_first) nan = std::find_if(row, row + n, [](T v) { return v != v; });
                places[o] = nan - row;
                if (nan < row + n) continue;
                detail::fill_items(row, n, false, items.data());
                std::nth_element(items.data(), items.data() + k, items.data() + n);
                places[o] = items[k].place();
            }
        });
    });
}

/// The last place of the most frequent element of each row of (outer, n): of the smallest of several.
template <class T>
void mode(const T* x, int64_t* places, int64_t outer, int64_t n) {
    if (outer == 0) return;
    detail::with_item<T>(n, [=]<class Item>(Item) {
        parallel_for(outer, detail::sort_grain / n, [=](int64_t begin, int64_t end) {
            Scratch<Item> items(2 * n);
            for (int64_t o = begin; o < end; ++o) {
                detail::fill_items(x + o * n, n, false, items.data());
                const Item* const sorted = detail::sort_items(items.data(), items.data() + n, n);
                int64_t run = 0, longest = 0;
                for (int64_t i = 0; i < n; ++i) {
                    run = i > 0 && sorted[i].key() == sorted[i - 1].key() ? run + 1 : 1;
                    if (run <= longest) continue;
                    longest = run;
                    places[o] = sorted[i].place();
                }
            }
        });
    });
}

}
