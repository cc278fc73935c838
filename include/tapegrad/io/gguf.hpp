// GGUF files: what llama.cpp reads and writes. https://github.com/ggml-org/ggml/blob/master/docs/gguf.md
#pragma once

#include "../core/parallel.hpp"
#include "gguf_header.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// A GGUF file. Opening reads and checks the whole header; elements are read when they are asked for.
///   F32, F16, BF16, F64, I32 and I64 are what they are; Q4_0, Q4_1, Q5_0, Q5_1, Q8_0 and Q2_K to Q6_K become
///   floats. A shape is that of PyTorch: its last axis is the first of the file.
class GgufFile final : public WeightFile {
public:
    /// Throws   IoError: no such file, or anything in its header is not as the format says
    explicit GgufFile(const std::string& path)
        : file_("gguf", path), header_(detail::GgufHeaderReader(file_).read()) {
        for (std::size_t i = 0; i < header_.entries.size(); ++i) by_name_.push_back(i);
        std::sort(by_name_.begin(), by_name_.end(), [this](std::size_t a, std::size_t b) {
            return header_.entries[a].name < header_.entries[b].name;
        });
    }

    const GgufMetadata& metadata() const { return header_.metadata; }
    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const auto& e : header_.entries) result.push_back(e.name);
        return result;
    }
    bool contains(std::string_view name) const override { return find(name) != nullptr; }
    TensorInfo info(std::string_view name) const override {
        const detail::GgufEntry& e = get(name);
        std::optional<DType> dtype;
        if (e.type->is_plain()) dtype = static_cast<DType>(e.type->dtype);
        if (e.type->decode != nullptr) dtype = DType::float32;
        return {e.name, e.shape, dtype, std::string(e.type->name), e.bytes};
    }
    TensorBase load_any(std::string_view name) const override {
        const detail::GgufEntry& e = get(name);
        if (e.type->decode != nullptr) return decoded(e);
        if (!e.type->is_plain())
            fail_at(name, "holds " + std::string(e.type->name) + ", which is not decoded");
        TensorBase x = detail::empty_any(static_cast<DType>(e.type->dtype), e.shape);
        file_.read(header_.data_begin + e.begin, x.body().data, e.bytes);
        return x;
    }

private:
    const detail::GgufEntry* find(std::string_view name) const {
        const auto at = std::lower_bound(
            by_name_.begin(), by_name_.end(), name,
            [this](std::size_t i, std::string_view n) { return header_.entries[i].name < n; });
        return at != by_name_.end() && header_.entries[*at].name == name ? &header_.entries[*at] : nullptr;
    }
    const detail::GgufEntry& get(std::string_view name) const {
        const detail::GgufEntry* const e = find(name);
        if (e == nullptr) file_.fail(24, "there is no tensor ", detail::shown(name));
        return *e;
    }
    /// Some blocks at a time, so that little more than the floats is in memory.
    Tensor<float> decoded(const detail::GgufEntry& e) const {
        Tensor<float> x = empty<float>(e.shape);
        float* const to = detail::output(x);
        const int64_t blocks = e.bytes / e.type->bytes, some = std::min<int64_t>(blocks, 1 << 15);
        std::vector<std::uint8_t> buffer(static_cast<std::size_t>(some * e.type->bytes));
        for (int64_t first = 0; first < blocks; first += some) {
            const int64_t n = std::min(some, blocks - first);
            file_.read(header_.data_begin + e.begin + first * e.type->bytes, buffer.data(),
                       n * e.type->bytes);
            parallel_for(n, 4096 / e.type->block, [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                    e.type->decode(buffer.data() + i * e.type->bytes, to + (first + i) * e.type->block);
            });
        }
        return x;
    }
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        const detail::GgufEntry& e = get(name);
        file_.fail(header_.data_begin + e.begin, "tensor ", detail::shown(e.name), " ", reason);
    }

    InputFile file_;
    detail::GgufHeader header_;
    std::vector<std::size_t> by_name_;
};

/// Every tensor of a GGUF file.
inline StateDict load_gguf(const std::string& path) { return GgufFile(path).load_all(); }

}
