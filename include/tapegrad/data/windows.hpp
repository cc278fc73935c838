// Random stretches of a long sequence of tokens, and what follows each token.
#pragma once

#include <cstring>

#include "../core/random.hpp"
#include "../tensor/copy.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// x and what a model should say to it.
struct TokenBatch {
    Tensor<int64_t> x, y;
};

/// `batch` stretches of `length` tokens that begin anywhere, each start as likely as the others.
///   y[b, t] = x[b, t + 1] = tokens[start_b + t + 1]
/// Shape    tokens (n,), n above length -> x, y (batch, length)
/// Throws   ShapeError: tokens too short, or not of rank 1; ValueError: batch or length not positive
inline TokenBatch random_windows(const Tensor<int64_t>& tokens, int64_t batch, int64_t length,
                                 Generator& generator) {
    if (batch < 1 || length < 1)
        detail::fail<ValueError>("random_windows", "batch ", batch, " and length ", length,
                                 " must be positive");
    if (tokens.rank() != 1 || tokens.numel() <= length)
        detail::fail<ShapeError>("random_windows", "tokens ", tokens.shape(), " must be one row longer than ",
                                 length);
    const Tensor<int64_t> source = detail::contiguous(tokens);
    Tensor<int64_t> starts = empty<int64_t>({batch});
    fill_randint(detail::output(starts), batch, generator, 0, source.numel() - length);
    TokenBatch result{empty<int64_t>({batch, length}), empty<int64_t>({batch, length})};
    const std::size_t bytes = static_cast<std::size_t>(length) * sizeof(int64_t);
    for (int64_t b = 0; b < batch; ++b) {
        const int64_t* const from = source.data() + starts.data()[b];
        std::memcpy(detail::output(result.x) + b * length, from, bytes);
        std::memcpy(detail::output(result.y) + b * length, from + 1, bytes);
    }
    return result;
}

/// The first part of the tokens and the rest, as views.
struct TokenSplit {
    Tensor<int64_t> train, validation;
};
/// Shape    tokens (n,) -> train (int(fraction n),), validation: the rest
/// Throws   ShapeError: rank not 1; ValueError: fraction outside [0, 1]
inline TokenSplit split_tokens(const Tensor<int64_t>& tokens, double fraction = 0.9) {
    if (tokens.rank() != 1)
        detail::fail<ShapeError>("split_tokens", "tokens ", tokens.shape(), " must have rank 1");
    if (!(fraction >= 0 && fraction <= 1))
        detail::fail<ValueError>("split_tokens", "fraction ", fraction, " is outside [0, 1]");
    const int64_t n = tokens.numel(), first = static_cast<int64_t>(fraction * static_cast<double>(n));
    return {detail::view_of(tokens, {first}, tokens.strides()),
            detail::view_of(tokens, {n - first}, tokens.strides(), first * tokens.strides()[0])};
}

}
