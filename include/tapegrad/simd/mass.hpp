// How far around a number one must go to gather a given part of a row's weights e^(x - shift).
//
// No row is sorted: the elements that could matter are counted into buckets by their distance, and only the
// bucket in which the sum passes the mark is looked at again.
#pragma once

#include <algorithm>
#include <cmath>

#include "../core/storage.hpp"
#include "exp.hpp"
#include "walk.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

template <class T>
struct Distant {
    T distance, weight;
};

/// Weights by distance, in steps of 1 / scale.
struct DistanceBuckets {
    static constexpr int64_t count = 1024;
    double sums[count + 16] = {};  // behind the last one, what is too far away

    /// The bucket in which the running sum comes to `mass`, or the last one with any weight; `mass` becomes what it has
    /// to bring.
    int64_t crossing(double& mass) const {
        int64_t found = 0;
        double before = 0, sum = 0;
        for (int64_t b = 0; b < count && sum < mass; ++b) {
            if (!(sums[b] > 0)) continue;
            found = b;
            before = sum;
            sum += sums[b];
        }
        mass -= before;
        return found;
    }
};

/// The distance at which the running sum of weights, by distance, comes to `mass`; the largest if it never does.
/// Reorders the items, of which there is at least one.
template <class T>
T crossing_distance(Distant<T>* items, int64_t count, double mass) {
    constexpr int64_t few = 128;
    const auto nearer = [](const Distant<T>& a, const Distant<T>& b) { return a.distance < b.distance; };
    while (count > few) {
        const auto [least, most] = std::minmax_element(items, items + count, nearer);
        const T low = least->distance, scale = T(DistanceBuckets::count - 1) / (most->distance - low);
        // All the same, or next to it; of zeros of both signs the scale may be -inf.
        if (!(scale > T(0) && scale <= std::numeric_limits<T>::max())) return low;
        const auto bucket = [=](const Distant<T>& item) {
            return static_cast<int64_t>((item.distance - low) * scale);
        };
        DistanceBuckets buckets;
        for (int64_t i = 0; i < count; ++i)
            buckets.sums[bucket(items[i])] += static_cast<double>(items[i].weight);
        const int64_t found = buckets.crossing(mass);
        int64_t left = 0;
        for (int64_t i = 0; i < count; ++i)
            if (bucket(items[i]) == found) items[left++] = items[i];
        count = left;
    }
    std::sort(items, items + count, nearer);
    int64_t i = 0;
    for (double sum = 0; i < count; ++i)
        if ((sum += static_cast<double>(items[i].weight)) >= mass) break;
    return items[i < count ? i : count - 1].distance;
}

}

/// The smallest d for which the elements with |x_i - center| <= d weigh at least `mass` together, where element i
/// weighs e^(x_i - shift).
/// shift is the largest element, center at most that, `total` the weight of all and 0 < mass < total.
/// Numeric  weights are added in double; equals are one step, so that the order of x does not matter
template <Vectorized T>
T mass_distance(const T* x, int64_t n, T center, T shift, double total, double mass) {
    constexpr int64_t W = width<T>;
    // Elements of which even n together weigh less than what may be left out lie farther away.
    const double lowest = std::log((total - mass) / static_cast<double>(n));
    const double above = static_cast<double>(shift) - static_cast<double>(center);
    const double reach = std::max(above, -above - lowest);
    // A little more than it is: its rounding must not lose the element at the end.
    const T farthest = static_cast<T>(reach * (1 + 1e-6)) + std::numeric_limits<T>::min();
    const Batch<T> c(center), s(shift), limit(farthest);
    const auto distances = [=](int64_t i, int64_t some) TAPEGRAD_LAMBDA {
        const Batch<T> v = detail::load_some(x + i, some, -std::numeric_limits<T>::infinity());
        return where(v < c, c - v, v - c);
    };
    const auto weights = [=](int64_t i, int64_t some) TAPEGRAD_LAMBDA {
        return detail::exp_weight(detail::load_some(x + i, some) - s);
    };
    const T scale = T(detail::DistanceBuckets::count - 1) / farthest;
    const Batch<T> factor(scale);
    T place[static_cast<std::size_t>(W)], weight[static_cast<std::size_t>(W)];
    // Too far away: a place for each element of a batch, that none has to wait for the sum of another.
    static_assert(W <= 16);
    for (int64_t k = 0; k < W; ++k) place[k] = static_cast<T>(detail::DistanceBuckets::count + k);
    const Batch<T> behind = Batch<T>::load(place);
    detail::DistanceBuckets buckets;
    detail::for_batches<T>(n, [&](int64_t i, int64_t some) TAPEGRAD_LAMBDA {
        const Batch<T> d = distances(i, some);
        const Mask<T> near = d <= limit;
        if (!xsimd::any(near.raw)) return;
        where(near, d * factor, behind).store(place);
        weights(i, some).store(weight);
        for (int64_t k = 0; k < some; ++k)
            buckets.sums[static_cast<int64_t>(place[k])] += static_cast<double>(weight[k]);
    });
    const T found = static_cast<T>(buckets.crossing(mass));
    Scratch<detail::Distant<T>> items(n);
    int64_t count = 0;
    const Batch<T> low(found), high(found + T(1));
    detail::for_batches<T>(n, [&](int64_t i, int64_t some) TAPEGRAD_LAMBDA {
        const Batch<T> d = distances(i, some), at = d * factor;
        if (!xsimd::any(((at >= low) & (at < high)).raw)) return;
        T distance[static_cast<std::size_t>(W)];
        d.store(distance);
        at.store(place);
        weights(i, some).store(weight);
        for (int64_t k = 0; k < some; ++k)
            if (place[k] >= found && place[k] < found + T(1)) items[count++] = {distance[k], weight[k]};
    });
    return count > 0 ? detail::crossing_distance(items.data(), count, mass) : farthest;
}

}
