// Rows of weights stored in fewer bits than they are computed with: they are widened to floats when they are
// read, so that they cost less memory and less of its bandwidth.
#pragma once

#include <cstdint>

#include "../core/half.hpp"
#include "lanes.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::simd {

namespace detail {

/// As many neighbours as a batch of floats has, each as a word. g++ 12 makes four instructions of a conversion
/// that is one.
TAPEGRAD_INLINE Ints<float> load_words(const std::uint16_t* p) {
#if defined(__AVX512F__)
    return (Ints<float>)_mm512_maskz_cvtepu16_epi32(0xffff,
                                                    _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p)));
#elif defined(__AVX2__)
    return (Ints<float>)_mm256_cvtepu16_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#else
    typedef std::uint16_t Halves __attribute__((vector_size(Batch<float>::size * 2)));
    Halves halves;
    std::memcpy(&halves, p, sizeof halves);
    return __builtin_convertvector(halves, Ints<float>);
#endif
}
TAPEGRAD_INLINE Ints<float> load_words(const std::int8_t* p) {
#if defined(__AVX512F__)
    return (Ints<float>)_mm512_maskz_cvtepi8_epi32(0xffff,
                                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__AVX2__)
    return (Ints<float>)_mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
    typedef std::int8_t Bytes __attribute__((vector_size(Batch<float>::size)));
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(bytes, Ints<float>);
#endif
}
TAPEGRAD_INLINE Ints<float> load_words(const std::uint8_t* p) {
#if defined(__AVX512F__)
    return (Ints<float>)_mm512_maskz_cvtepu8_epi32(0xffff,
                                                   _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)));
#elif defined(__AVX2__)
    return (Ints<float>)_mm256_cvtepu8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p)));
#else
    typedef std::uint8_t Bytes __attribute__((vector_size(Batch<float>::size)));
    Bytes bytes;
    std::memcpy(&bytes, p, sizeof bytes);
    return __builtin_convertvector(bytes, Ints<float>);
#endif
}

}

/// What rows are read in where nothing is left over: `parts` batches, which share a scale.
inline constexpr int64_t stored_run = 32;
inline constexpr int stored_parts = static_cast<int>(stored_run / width<float>);

/// Element (i, p) at data[i * stride + p].
struct FloatRows {
    using Element = float;
    static constexpr bool scaled = false;
    const float* data;
    int64_t stride;

    TAPEGRAD_INLINE const Element* at(int64_t i, int64_t p) const { return data + i * stride + p; }
    /// Batch J of the run that lies at `from`; times `scale` where there is one.
    template <int J>
    TAPEGRAD_INLINE Batch<float> part(const Element* from) const {
        return Batch<float>::load(from + J * width<float>);
    }
    /// The elements from (i, p), which lie at `from`.
    TAPEGRAD_INLINE Batch<float> widen(const Element* from, int64_t, int64_t) const { return part<0>(from); }
};

/// The same in bfloat16, which is the upper half of its float.
struct Bfloat16Rows {
    using Element = bfloat16;
    static constexpr bool scaled = false;
    const bfloat16* data;
    int64_t stride;

    TAPEGRAD_INLINE const Element* at(int64_t i, int64_t p) const { return data + i * stride + p; }
    template <int J>
    TAPEGRAD_INLINE Batch<float> part(const Element* from) const {
        const auto* const words = reinterpret_cast<const std::uint16_t*>(from) + J * width<float>;
        return detail::from_bits<float>(detail::load_words(words) << 16);
    }
    TAPEGRAD_INLINE Batch<float> widen(const Element* from, int64_t, int64_t) const { return part<0>(from); }
};

/// Element (i, p) is the number data[i * stride + p] times a scale, that of its group of 2^shift neighbours in the
/// row; a group is a whole number of runs.
struct Int8Rows {
    using Element = std::int8_t;
    static constexpr bool scaled = true;
    const std::int8_t* data;
    int64_t stride;
    const float* scales;  // groups of row i from scales[i * groups]
    int64_t groups;
    int shift;

    TAPEGRAD_INLINE const Element* at(int64_t i, int64_t p) const { return data + i * stride + p; }
    template <int J>
    TAPEGRAD_INLINE Batch<float> part(const Element* from) const {
        const auto words = detail::load_words(from + J * width<float>);
        return detail::batch_of<float>(__builtin_convertvector(words, detail::Registers<float>));
    }
    TAPEGRAD_INLINE Batch<float> scale(int64_t i, int64_t p) const {
        return scales[i * groups + (p >> shift)];
    }
    TAPEGRAD_INLINE Batch<float> widen(const Element* from, int64_t i, int64_t p) const {
        return part<0>(from) * scale(i, p);
    }
};

/// Elements of 4 bits: element (i, p) is (its number - 8) times the scale of its group of 32 neighbours in the
/// row. A group is 16 bytes: byte j holds element j in its low half and element j + 16 in its high half, as the
/// blocks of GGUF's Q4_0 do. The last group of a row is whole, whatever is behind the last element.
struct Int4Rows {
    using Element = std::uint8_t;
    static constexpr int64_t group = 32, bytes = group / 2;
    static constexpr bool scaled = true;
    static constexpr bool whole = true;  // a batch may be read behind the last element of a row
    static_assert(group == stored_run);
    const std::uint8_t* data;
    int64_t groups;       // a row's
    const float* scales;  // those of row i from scales[i * groups]

    TAPEGRAD_INLINE const Element* at(int64_t i, int64_t p) const {
        return data + (i * groups + p / group) * bytes + p % bytes;
    }
    template <int J>
    TAPEGRAD_INLINE Batch<float> part(const Element* from) const {
        constexpr int64_t first = J * width<float>;
        const auto words = detail::load_words(from + first % bytes);
        return numbers(first < bytes ? words : words >> 4);
    }
    TAPEGRAD_INLINE Batch<float> scale(int64_t i, int64_t p) const { return scales[i * groups + p / group]; }
    TAPEGRAD_INLINE Batch<float> widen(const Element* from, int64_t i, int64_t p) const {
        return numbers(detail::load_words(from) >> static_cast<int>(p / bytes % 2 * 4)) * scale(i, p);
    }

private:
    /// The low four bits of each word, less 8.
    TAPEGRAD_INLINE static Batch<float> numbers(detail::Ints<float> words) {
#if defined(__AVX512F__)
        // A permutation reads four bits of an index: a table of 16 floats makes it the conversion.
        const auto table = _mm512_setr_ps(-8, -7, -6, -5, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7);
        return detail::batch_of<float>(_mm512_maskz_permutexvar_ps(0xffff, (__m512i)words, table));
#else
        const auto values = __builtin_convertvector((words & 15) - 8, detail::Registers<float>);
        return detail::batch_of<float>(values);
#endif
    }
};

/// A batch of the row i from p, of which the first n exist; finite behind them.
template <class Rows>
TAPEGRAD_INLINE Batch<float> load_row(const Rows& w, int64_t i, int64_t p, int64_t n) {
    if constexpr (requires { Rows::whole; }) return w.widen(w.at(i, p), i, p);
    if (n >= width<float>) return w.widen(w.at(i, p), i, p);
    typename Rows::Element edge[Batch<float>::size] = {};
    std::memcpy(edge, w.at(i, p), static_cast<std::size_t>(n) * sizeof(typename Rows::Element));
    return w.widen(edge, i, p);
}

}
