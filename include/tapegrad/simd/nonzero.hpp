// The places of elements that are not 0.
#pragma once

#include <cstring>

#include "../core/parallel.hpp"
#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {
inline constexpr int64_t nonzero_grain = int64_t{1} << 15;
}

/// How many elements of a part of x are not 0; NaN is not.
template <class T>
int64_t count_nonzero(const T* x, int64_t n) {
    constexpr int64_t block = 64;  // of a constant length it becomes SIMD at -O2 already
    int64_t count = 0, i = 0;
    for (; i + block <= n; i += block) {
        int in_block = 0;
        for (int64_t j = 0; j < block; ++j) in_block += x[i + j] != T(0) ? 1 : 0;
        count += in_block;
    }
    for (; i < n; ++i) count += x[i] != T(0) ? 1 : 0;
    return count;
}

/// The places of the elements of x that are not 0, in order.
template <class T>
class NonzeroPlaces {
public:
    NonzeroPlaces(const T* x, int64_t n) : x_(x), n_(n), starts_((n - 1) / detail::nonzero_grain + 2) {
        starts_[0] = 0;
        parallel_for(n, detail::nonzero_grain, [this](int64_t begin, int64_t end) {
            starts_[begin / detail::nonzero_grain + 1] = count_nonzero(x_ + begin, end - begin);
        });
        if (n == 0) starts_[1] = 0;
        for (int64_t i = 1; i < starts_.size(); ++i) starts_[i] += starts_[i - 1];
    }
    int64_t count() const { return starts_[starts_.size() - 1]; }
    void write(int64_t* out) const {
        parallel_for(n_, detail::nonzero_grain, [=, this](int64_t begin, int64_t end) {
            int64_t* to = out + starts_[begin / detail::nonzero_grain];
            // Without a branch, every place is written and only some advance; so they go by way of a block,
            // that nothing behind the last one is touched.
            constexpr int64_t block = 256;
            int64_t places[block];
            for (int64_t i = begin; i < end;) {
                const int64_t stop = end - i < block ? end : i + block;
                std::size_t found = 0;
                for (; i < stop; ++i) {
                    places[found] = i;
                    found += x_[i] != T(0) ? 1 : 0;
                }
                if (found > 0) std::memcpy(to, places, found * sizeof(int64_t));
                to += found;
            }
        });
    }

private:
    const T* x_;
    int64_t n_;
    Scratch<int64_t> starts_;
};

/// out[k, axis] = the position along each axis of the place places[k] in a row-major tensor.
template <std::same_as<int64_t> I>
void unravel(const I* places, int64_t count, const Shape& shape, I* out) {
    parallel_for(count, detail::nonzero_grain / 4, [&](int64_t begin, int64_t end) {
        for (int64_t k = begin; k < end; ++k) {
            int64_t rest = places[k];
            for (int axis = shape.rank() - 1; axis >= 0; --axis) {
                out[k * shape.rank() + axis] = rest % shape[axis];
                rest /= shape[axis];
            }
        }
    });
}

}
