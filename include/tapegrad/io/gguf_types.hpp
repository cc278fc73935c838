// The element types of tensors in GGUF files: how many bytes hold how many elements, and what they decode to.
// Source   https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include "../core/dtype.hpp"
#include "gguf_super_blocks.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

struct GgufTensorType {
    std::uint32_t id;
    std::string_view name;
    std::int64_t block, bytes;  // so many elements of a row lie in so many bytes
    int dtype;                  // of DType when elements lie as they are in memory; else -1
    void (*decode)(const std::uint8_t*, float*) = nullptr;  // one block to floats; null when nobody reads it

    bool is_plain() const { return dtype >= 0; }
};
constexpr int plain(DType dtype) { return static_cast<int>(dtype); }

// Numbers that are not here were given up (4, 5, 31-33, 36-38), or are of no file (9, 15).
inline constexpr GgufTensorType gguf_tensor_types[] = {
    {0, "F32", 1, 4, plain(DType::float32)},
    {1, "F16", 1, 2, plain(DType::float16)},
    {2, "Q4_0", 32, 18, -1, decode_q4_0},
    {3, "Q4_1", 32, 20, -1, decode_q4_1},
    {6, "Q5_0", 32, 22, -1, decode_q5_0},
    {7, "Q5_1", 32, 24, -1, decode_q5_1},
    {8, "Q8_0", 32, 34, -1, decode_q8_0},
    {10, "Q2_K", 256, 84, -1, decode_q2_k},
    {11, "Q3_K", 256, 110, -1, decode_q3_k},
    {12, "Q4_K", 256, 144, -1, decode_q4_k},
    {13, "Q5_K", 256, 176, -1, decode_q5_k},
    {14, "Q6_K", 256, 210, -1, decode_q6_k},
    {16, "IQ2_XXS", 256, 66, -1},
    {17, "IQ2_XS", 256, 74, -1},
    {18, "IQ3_XXS", 256, 98, -1},
    {19, "IQ1_S", 256, 50, -1},
    {20, "IQ4_NL", 32, 18, -1},
    {21, "IQ3_S", 256, 110, -1},
    {22, "IQ2_S", 256, 82, -1},
    {23, "IQ4_XS", 256, 136, -1},
    {24, "I8", 1, 1, -1},
    {25, "I16", 1, 2, -1},
    {26, "I32", 1, 4, plain(DType::int32)},
    {27, "I64", 1, 8, plain(DType::int64)},
    {28, "F64", 1, 8, plain(DType::float64)},
    {29, "IQ1_M", 256, 56, -1},
    {30, "BF16", 1, 2, plain(DType::bfloat16)},
    {34, "TQ1_0", 256, 54, -1},
    {35, "TQ2_0", 256, 66, -1},
    {39, "MXFP4", 32, 17, -1},
    {40, "NVFP4", 64, 36, -1},
};
constexpr const GgufTensorType* find_gguf_tensor_type(std::uint32_t id) {
    for (const GgufTensorType& type : gguf_tensor_types)
        if (type.id == id) return &type;
    return nullptr;
}
constexpr const GgufTensorType* find_gguf_tensor_type(std::string_view name) {
    for (const GgufTensorType& type : gguf_tensor_types)
        if (type.name == name) return &type;
    return nullptr;
}

}
