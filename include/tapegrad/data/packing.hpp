// Documents of different lengths in rows of one length, behind each other.
#pragma once

#include <algorithm>

#include "../ops/logical.hpp"
#include "../ops/slicing.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Rows of documents; what is left of a row is padding.
///   model.loss(packed.x, packed.y, {.mask = packed.mask(), .positions = packed.positions})
struct PackedTokens {
    Tensor<int64_t> x, y;       // (rows, length); y: the token behind, -100 where there is none
    Tensor<int64_t> positions;  // (rows, length): 0, 1, ... in each document
    Tensor<int64_t> documents;  // (rows, length): a number for each document, or part of one; -1: padding

    /// True where a token may see another: both are of one document, or one part.
    /// Shape    -> (rows, length, length)
    Tensor<bool> mask() const {
        return (unsqueeze(documents, 2) == unsqueeze(documents, 1)) & (unsqueeze(documents, 2) >= 0);
    }
    /// The tokens that have one behind them, which count in the loss.
    int64_t targets() const {
        return std::count_if(y.data(), y.data() + y.numel(), [](int64_t id) { return id >= 0; });
    }
};

/// Puts each document into the first of the rows that are open where it has room; 64 rows are open at a time. One that
/// is longer than a row is cut, and its parts do not see each other.
/// Shape    -> rows of `length` tokens, padded with 0
/// Numeric  the loss is the mean over all tokens that have one behind them, whatever the rows
/// Throws   ValueError: length not positive, a negative token
inline PackedTokens pack_documents(const std::vector<std::vector<int64_t>>& documents, int64_t length) {
    constexpr std::size_t open_rows = 64;
    if (length < 1) detail::fail<ValueError>("pack_documents", "length ", length, " must be positive");
    struct Part {
        std::size_t row;
        int64_t column, document, begin, count;  // tokens [begin, begin + count) of the document
    };
    std::vector<Part> parts;
    std::vector<int64_t> used;  // of each row
    std::size_t first_open = 0;
    for (std::size_t d = 0; d < documents.size(); ++d) {
        const auto size = static_cast<int64_t>(documents[d].size());
        for (int64_t begin = 0; begin < size; begin += length) {
            const int64_t count = std::min(length, size - begin);
            std::size_t row = first_open;
            while (row < used.size() && used[row] + count > length) ++row;
            if (row == used.size()) used.push_back(0);
            if (used.size() - first_open > open_rows) ++first_open;
            parts.push_back({row, used[row], static_cast<int64_t>(d), begin, count});
            used[row] += count;
        }
    }
    const Shape shape{static_cast<int64_t>(used.size()), length};
    PackedTokens packed{zeros<int64_t>(shape), full<int64_t>(shape, -100), zeros<int64_t>(shape),
                        full<int64_t>(shape, -1)};
    for (std::size_t p = 0; p < parts.size(); ++p) {
        const Part& part = parts[p];
        const std::vector<int64_t>& tokens = documents[static_cast<std::size_t>(part.document)];
        const int64_t start = static_cast<int64_t>(part.row) * length + part.column;
        std::fill_n(packed.documents.mutable_data() + start, part.count, static_cast<int64_t>(p));
        for (int64_t i = 0; i < part.count; ++i) {
            const auto at = static_cast<std::size_t>(part.begin + i);
            if (tokens[at] < 0)
                detail::fail<ValueError>("pack_documents", "token ", tokens[at], " at place ", at,
                                         " of document ", part.document, " is negative");
            packed.x.mutable_data()[start + i] = tokens[at];
            if (at + 1 < tokens.size()) packed.y.mutable_data()[start + i] = tokens[at + 1];
            packed.positions.mutable_data()[start + i] = i;
        }
    }
    return packed;
}

}
