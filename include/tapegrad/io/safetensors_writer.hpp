// Writing a safetensors file tensor by tensor, so that only one of them need be in memory.
#pragma once

#include "atomic_file.hpp"
#include "safetensors_header.hpp"
#include "weight_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// What a dictionary holds, as a file of it would.
inline std::vector<TensorInfo> infos_of(const StateDict& dict) {
    std::vector<TensorInfo> result;
    for (const auto& [name, x] : dict)
        result.push_back({name, x.shape(), x.dtype(), std::string(safetensors_name(x.dtype())),
                          x.numel() * static_cast<int64_t>(itemsize(x.dtype()))});
    return result;
}

inline int64_t bytes_of(const TensorInfo& info) {
    return numel_of(info.shape, "safetensors") * static_cast<int64_t>(itemsize(*info.dtype));
}

/// The order in which a file holds them: larger elements first, so that each is aligned; otherwise as they are.
inline std::vector<TensorInfo> aligned_order(const std::vector<TensorInfo>& tensors) {
    std::vector<TensorInfo> order;
    for (std::size_t size = 8; size > 0; size /= 2)
        for (const TensorInfo& info : tensors)
            if (itemsize(*info.dtype) == size) order.push_back(info);
    return order;
}

/// Every one has a type and a name of its own.
/// Throws   ValueError: it is not so
inline void check_infos(std::string_view op, const std::vector<TensorInfo>& tensors) {
    std::vector<const std::string*> sorted;
    for (const TensorInfo& info : tensors) {
        if (!info.dtype)
            fail<ValueError>(op, "tensor ", shown(info.name), " holds ", info.stored,
                             ", which no tensor does");
        sorted.push_back(&info.name);
    }
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return *a < *b; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
        if (*sorted[i - 1] == *sorted[i])
            fail<ValueError>(op, "tensor ", shown(*sorted[i]), " is there twice");
}

/// The header of a file in which these tensors follow each other.
inline std::string safetensors_header(const std::vector<TensorInfo>& tensors,
                                      const SafetensorsMetadata& metadata) {
    std::string header = "{";
    if (!metadata.empty()) {
        header += "\"__metadata__\":{";
        for (std::size_t i = 0; i < metadata.size(); ++i) {
            if (i > 0) header += ',';
            append_json_string(header, metadata[i].first);
            header += ':';
            append_json_string(header, metadata[i].second);
        }
        header += '}';
    }
    int64_t at = 0;
    for (const TensorInfo& info : tensors) {
        if (info.name == "__metadata__")
            fail<ValueError>("safetensors", "no tensor may be named __metadata__");
        if (header.size() > 1) header += ',';
        append_json_string(header, info.name);
        append(header, text(":{\"dtype\":\"", safetensors_name(*info.dtype), "\",\"shape\":["));
        for (int axis = 0; axis < info.shape.rank(); ++axis)
            append(header, text(axis > 0 ? "," : "", info.shape[axis]));
        const int64_t end = at + bytes_of(info);
        append(header, text("],\"data_offsets\":[", at, ",", end, "]}"));
        at = end;
    }
    header += '}';
    header.append((8 - header.size() % 8) % 8, ' ');
    return header;
}

}

/// A safetensors file that is written under a temporary name, which becomes `path` in `commit()`.
class SafetensorsWriter {
public:
    /// `tensors` are what will be written; of them name, shape and dtype are read.
    /// Throws   IoError: the file cannot be written; ValueError: a name or text that is not UTF-8, a name that
    ///          is there twice or is `__metadata__`, or a tensor without a dtype
    SafetensorsWriter(const std::string& path, const std::vector<TensorInfo>& tensors,
                      const SafetensorsMetadata& metadata = {})
        : file_("safetensors", path) {
        detail::check_infos("safetensors", tensors);
        order_ = detail::aligned_order(tensors);
        const std::string header = detail::safetensors_header(order_, metadata);
        if (static_cast<int64_t>(header.size()) > detail::max_safetensors_header)
            detail::fail<ValueError>("safetensors", path, ": a header of ", header.size(),
                                     " bytes; the format allows 100000000");
        const std::uint64_t length = header.size();
        file_.write(&length, 8);
        file_.write(header.data(), static_cast<int64_t>(header.size()));
    }

    /// The order in which they are to be written.
    const std::vector<TensorInfo>& order() const { return order_; }

    /// The next tensor.
    /// Throws   IoError: the disk is full; ValueError: there is no next one, or it is not as it was said to be
    void write(const TensorBase& x) {
        if (written_ == order_.size())
            detail::fail<ValueError>("safetensors", "all ", written_, " tensors are written");
        const TensorInfo& info = order_[written_];
        if (x.shape() != info.shape || x.dtype() != *info.dtype)
            detail::fail<ValueError>("safetensors", "tensor ", detail::shown(info.name), " was to be ",
                                     name(*info.dtype), " ", info.shape, ", not ", name(x.dtype()), " ",
                                     x.shape());
        visit(x, [&]<class T>(const Tensor<T>& typed) {
            const Tensor<T> packed = detail::contiguous(typed);
            file_.write(packed.data(), packed.numel() * static_cast<int64_t>(sizeof(T)));
        });
        ++written_;
    }

    /// As AtomicFile's.
    /// Throws   IoError: the system fails; ValueError: a tensor was not written
    void flush() {
        if (written_ != order_.size())
            detail::fail<ValueError>("safetensors", "tensor ", detail::shown(order_[written_].name),
                                     " was not written");
        file_.flush();
        flushed_ = true;
    }
    void commit() {
        if (!flushed_) flush();
        file_.commit();
    }

private:
    AtomicFile file_;
    std::vector<TensorInfo> order_;
    std::size_t written_ = 0;
    bool flushed_ = false;
};

}
