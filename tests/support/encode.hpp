// The tokens that a model makes of a piece of text.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace support {

template <class Model>
std::vector<std::int64_t> encode(const Model& model, std::string_view piece) {
    std::vector<std::int64_t> ids;
    model.encode(piece, ids);
    return ids;
}

}
