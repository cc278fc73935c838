// Writing GGUF files tensor by tensor, in the types that llama.cpp computes with.
#pragma once

#include "../core/parallel.hpp"
#include "atomic_file.hpp"
#include "gguf_header.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The type in which a GGUF file holds a tensor of a type; empty when there is none.
constexpr std::string_view gguf_type(DType dtype) {
    for (const detail::GgufTensorType& type : detail::gguf_tensor_types)
        if (type.dtype == detail::plain(dtype)) return type.name;
    return {};
}

namespace detail {
using GgufEncode = bool (*)(const float*, std::uint8_t*);
constexpr GgufEncode gguf_encoder(std::string_view type) {
    return type == "Q8_0" ? encode_q8_0 : type == "Q4_0" ? encode_q4_0 : nullptr;
}
}

/// The types in which llama.cpp's own converters store a model of which the matrices shall be in `type`:
///   F32 for vectors and for tables that are added (names that do not end in .weight, position_embd, token_types,
///   ffn_gate_inp); F16 for matrices whose rows are no whole blocks of `type`; integers as they are
/// Returns  the list with `stored` set; names are those of GGUF
inline std::vector<TensorInfo> with_gguf_type(std::vector<TensorInfo> tensors, std::string_view type) {
    const detail::GgufTensorType* const wanted = detail::find_gguf_tensor_type(type);
    if (wanted == nullptr || (!wanted->is_plain() && detail::gguf_encoder(type) == nullptr))
        detail::fail<ValueError>("gguf", "the type ", detail::shown(type), " is not written");
    for (TensorInfo& info : tensors) {
        if (!info.dtype || (info.dtype != DType::float32 && info.dtype != DType::float64 &&
                            info.dtype != DType::float16 && info.dtype != DType::bfloat16)) {
            info.stored = info.dtype ? gguf_type(*info.dtype) : "";
            continue;
        }
        const std::string_view name = info.name;
        const bool added = !name.ends_with(".weight") || name == "position_embd.weight" ||
                           name == "token_types.weight" || name.ends_with(".ffn_gate_inp.weight");
        const bool matrix = info.shape.rank() >= 2 && !added;
        const bool whole = matrix && info.shape[info.shape.rank() - 1] % wanted->block == 0;
        info.stored = !matrix ? "F32" : whole ? type : "F16";
    }
    return tensors;
}

/// A GGUF file that is written under a temporary name, which becomes `path` in `commit()`.
class GgufWriter {
public:
    /// `tensors` are what will be written, in this order; of them name, shape and `stored` are read, which is
    /// F32, F16, BF16, F64, I32, I64, Q8_0 or Q4_0; when it is empty, the type of `dtype`.
    ///   The elements of each are padded to general.alignment, or 32 without that key.
    /// Throws   IoError: the file cannot be written, or general.alignment is no power of two;
    ///          ValueError: a name that is empty, longer than the 63 bytes that ggml takes or there twice, more
    ///          than four axes, a type that is not written, or rows that are no whole blocks of it
    GgufWriter(const std::string& path, const std::vector<TensorInfo>& tensors, const GgufMetadata& metadata)
        : file_("gguf", path), tensors_(tensors) {
        alignment_ = metadata.integer("general.alignment", detail::gguf_alignment);
        if (alignment_ < 1 || alignment_ > detail::max_gguf_alignment || (alignment_ & (alignment_ - 1)) != 0)
            metadata.fail("general.alignment: ", alignment_, " is no power of two up to ",
                          detail::max_gguf_alignment);
        std::string header = "GGUF";
        detail::append_little(header, std::uint32_t{3});
        detail::append_little(header, std::uint64_t{tensors_.size()});
        detail::append_little(header, std::uint64_t{metadata.size()});
        for (const auto& [key, value] : metadata) put(header, key, value);
        int64_t at = 0;
        for (TensorInfo& info : tensors_) {
            put(header, info, at);
            at = detail::padded(at + info.bytes, alignment_);
        }
        check_names();
        write(header.data(), static_cast<int64_t>(header.size()));
        pad();
    }

    /// In which they are to be written: as they came, with their bytes in the file.
    const std::vector<TensorInfo>& order() const { return tensors_; }

    /// The next tensor, of any type of numbers; it is converted to what the file holds.
    /// Throws   IoError: the disk is full; ValueError: there is no next one, it is not of the shape that was
    ///          said, or holds what its type cannot: for Q8_0 and Q4_0 all must be finite, and not far above
    ///          float16
    void write(const TensorBase& x) {
        if (written_ == tensors_.size())
            detail::fail<ValueError>("gguf", "all ", written_, " tensors are written");
        const TensorInfo& info = tensors_[written_];
        check_whole();
        if (x.shape() != info.shape)
            detail::fail<ValueError>("gguf", "tensor ", detail::shown(info.name), " was to be ", info.shape,
                                     ", not ", x.shape());
        visit(x, [&](const auto& typed) { write_as(info, typed); });
        pad();
        ++written_;
    }

    /// Throws   IoError: the system fails; ValueError: a tensor was not written
    void commit() {
        if (written_ != tensors_.size()) {
            check_whole();
            detail::fail<ValueError>("gguf", "tensor ", detail::shown(tensors_[written_].name),
                                     " was not written");
        }
        file_.commit();
    }

private:
    static void put(std::string& out, std::string_view text) {
        detail::append_little(out, std::uint64_t{text.size()});
        out += text;
    }
    static void put(std::string& out, const std::string& key, const GgufValue& value) {
        if (key.empty() || key.size() > detail::max_gguf_key)
            detail::fail<ValueError>("gguf", "a key of ", key.size(), " bytes; 1 to 65535 are allowed");
        put(out, key);
        if (value.is_array()) detail::append_little(out, static_cast<std::uint32_t>(GgufType::array));
        detail::append_little(out, static_cast<std::uint32_t>(value.type()));
        if (value.is_array()) detail::append_little(out, static_cast<std::uint64_t>(value.count()));
        out += value.bytes();
    }
    static void put(std::string& out, TensorInfo& info, int64_t offset) {
        const std::string tensor = "tensor " + detail::shown(info.name) + ": ";
        if (info.stored.empty() && info.dtype) info.stored = gguf_type(*info.dtype);
        const detail::GgufTensorType* const type = detail::find_gguf_tensor_type(info.stored);
        if (type == nullptr || (!type->is_plain() && detail::gguf_encoder(type->name) == nullptr))
            detail::fail<ValueError>("gguf", tensor,
                                     info.stored.empty() && info.dtype ? name(*info.dtype) : info.stored,
                                     " is not written");
        const int rank = info.shape.rank();
        if (rank > detail::max_gguf_rank)
            detail::fail<ValueError>("gguf", tensor, rank, " axes; at most 4 are allowed");
        const int64_t row = rank > 0 ? info.shape[rank - 1] : 1;
        if (row % type->block != 0)
            detail::fail<ValueError>("gguf", tensor, "rows of ", row, " elements; ", type->name,
                                     " holds multiples of ", type->block);
        if (info.name.empty() || info.name.size() >= detail::max_gguf_name)
            detail::fail<ValueError>("gguf", tensor, "a name of ", info.name.size(),
                                     " bytes; ggml takes 1 to 63");
        info.bytes = numel_of(info.shape, "gguf") / type->block * type->bytes;
        put(out, info.name);
        detail::append_little(out, static_cast<std::uint32_t>(rank));
        for (int axis = rank; axis-- > 0;)
            detail::append_little(out, static_cast<std::uint64_t>(info.shape[axis]));
        detail::append_little(out, type->id);
        detail::append_little(out, static_cast<std::uint64_t>(offset));
    }
    void check_names() const {
        std::vector<const std::string*> sorted;
        for (const TensorInfo& info : tensors_) sorted.push_back(&info.name);
        std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return *a < *b; });
        for (std::size_t i = 1; i < sorted.size(); ++i)
            if (*sorted[i - 1] == *sorted[i])
                detail::fail<ValueError>("gguf", "tensor ", detail::shown(*sorted[i]), ": is there twice");
    }

    void write(const void* data, int64_t n) {
        file_.write(data, n);
        at_ += n;
    }
    void pad() {
        const std::string zeros(static_cast<std::size_t>(detail::padded(at_, alignment_) - at_), '\0');
        write(zeros.data(), static_cast<int64_t>(zeros.size()));
    }
    /// Nobody goes on behind half a tensor.
    void check_whole() const {
        if (is_cut_)
            detail::fail<ValueError>("gguf", "tensor ", detail::shown(tensors_[written_].name),
                                     " was written in part");
    }
    template <class T>
    void write_as(const TensorInfo& info, const Tensor<T>& x) {
        const detail::GgufTensorType& type = *detail::find_gguf_tensor_type(info.stored);
        if (!type.is_plain()) return write_blocks(info, type, detail::cast<float>(x));
        switch (static_cast<DType>(type.dtype)) {
            case DType::float32:
                return write_plain(detail::cast<float>(x));
            case DType::float16:
                return write_plain(detail::cast<float16>(x));
            case DType::bfloat16:
                return write_plain(detail::cast<bfloat16>(x));
            case DType::float64:
                return write_plain(detail::cast<double>(x));
            case DType::int32:
                return write_plain(detail::cast<int32_t>(x));
            default:
                return write_plain(detail::cast<int64_t>(x));
        }
    }
    template <class T>
    void write_plain(const Tensor<T>& x) {
        write(x.data(), x.numel() * static_cast<int64_t>(sizeof(T)));
    }
    /// Some blocks at a time, so that little more than the floats is in memory.
    void write_blocks(const TensorInfo& info, const detail::GgufTensorType& type, const Tensor<float>& x) {
        const detail::GgufEncode encode = detail::gguf_encoder(type.name);
        const int64_t blocks = x.numel() / type.block, some = std::min<int64_t>(blocks, 1 << 15);
        std::vector<std::uint8_t> buffer(static_cast<std::size_t>(some * type.bytes));
        const float* const from = x.data();
        for (int64_t first = 0; first < blocks; first += some) {
            const int64_t n = std::min(some, blocks - first);
            std::atomic<bool> fits{true};
            parallel_for(n, 4096 / type.block, [&](int64_t begin, int64_t end) {
                for (int64_t i = begin; i < end; ++i)
                    if (!encode(from + (first + i) * type.block, buffer.data() + i * type.bytes))
                        fits.store(false, std::memory_order_relaxed);
            });
            if (!fits) {
                is_cut_ = first > 0;
                detail::fail<ValueError>("gguf", "tensor ", detail::shown(info.name),
                                         ": holds what is not finite, or too large for ", type.name);
            }
            write(buffer.data(), n * type.bytes);
        }
    }

    AtomicFile file_;
    std::vector<TensorInfo> tensors_;
    int64_t alignment_ = detail::gguf_alignment, at_ = 0;
    std::size_t written_ = 0;
    bool is_cut_ = false;
};

/// Writes tensors and metadata as a GGUF file, under a temporary name that becomes `path` when all is on the
/// disk. Matrices are stored as `type`: F32, F16, BF16, Q8_0 or Q4_0; the rest as with_gguf_type says. Without a
/// type everything is stored as it is.
/// Throws   as GgufWriter
inline void save_gguf(const std::string& path, const StateDict& dict, const GgufMetadata& metadata,
                      std::string_view type = {}) {
    std::vector<TensorInfo> tensors;
    for (const auto& [name, x] : dict) tensors.push_back({name, x.shape(), x.dtype(), "", 0});
    if (!type.empty()) tensors = with_gguf_type(std::move(tensors), type);
    GgufWriter file(path, tensors, metadata);
    for (const TensorInfo& info : file.order()) file.write(*dict.find(info.name));
    file.commit();
}

}
