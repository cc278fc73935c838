// safetensors files: what Python's package reads and writes. https://github.com/huggingface/safetensors
#pragma once

#include <bit>

#include "../nn/load_state_dict.hpp"
#include "atomic_file.hpp"
#include "safetensors_header.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

static_assert(std::endian::native == std::endian::little,
              "tapegrad: safetensors files are read on little endian machines");

/// A safetensors file. Opening reads and checks the whole header; elements are read when they are asked for,
/// into the memory of their tensor.
class SafetensorsFile {
public:
    /// Throws   IoError: no such file, or anything in its header is not as the format says
    explicit SafetensorsFile(const std::string& path) : file_("safetensors", path) {
        data_begin_ = detail::read_safetensors_header(file_, entries_, metadata_);
        for (std::size_t i = 0; i < entries_.size(); ++i) by_name_.push_back(i);
        std::sort(by_name_.begin(), by_name_.end(),
                  [this](std::size_t a, std::size_t b) { return entries_[a].name < entries_[b].name; });
    }

    /// In the order of the header.
    const std::vector<SafetensorsEntry>& entries() const { return entries_; }
    const SafetensorsMetadata& metadata() const { return metadata_; }
    std::vector<std::string> names() const {
        std::vector<std::string> result;
        for (const SafetensorsEntry& e : entries_) result.push_back(e.name);
        return result;
    }
    /// The value of a metadata key; null when there is none.
    const std::string* find_metadata(std::string_view key) const {
        for (const auto& [k, value] : metadata_)
            if (k == key) return &value;
        return nullptr;
    }
    bool contains(std::string_view name) const { return find(name) != nullptr; }

    /// A tensor of the file.
    /// Throws   IoError: no such name, another element type than T, or a bool that is neither 0 nor 1
    template <class T>
    Tensor<T> load(std::string_view name) const {
        const SafetensorsEntry& e = get(name);
        if (e.type != detail::safetensors_name(dtype_of<T>))
            file_.fail(data_begin_ + e.begin, "tensor ", detail::shown(e.name), " holds ", e.type, ", not ",
                       tapegrad::name(dtype_of<T>));
        return read<T>(e);
    }
    /// A tensor of the file, of the type that it has there.
    /// Throws   IoError: no such name, or a type that no tensor holds
    TensorBase load_any(std::string_view name) const {
        const SafetensorsEntry& e = get(name);
        const int type = detail::find_safetensors_type(e.type)->dtype;
        if (type < 0)
            file_.fail(data_begin_ + e.begin, "tensor ", detail::shown(e.name), " holds ", e.type,
                       ", which no tensor does");
        switch (static_cast<DType>(type)) {
            case DType::float32:
                return read<float>(e);
            case DType::float64:
                return read<double>(e);
            case DType::bfloat16:
                return read<bfloat16>(e);
            case DType::float16:
                return read<float16>(e);
            case DType::int32:
                return read<int32_t>(e);
            case DType::int64:
                return read<int64_t>(e);
            case DType::uint8:
                return read<uint8_t>(e);
            default:
                return read<bool>(e);
        }
    }
    /// All of them, in the order of the header.
    /// Throws   as load_any
    StateDict load_all() const {
        std::vector<NamedTensor> tensors;
        for (const SafetensorsEntry& e : entries_) tensors.push_back({e.name, load_any(e.name)});
        return StateDict(std::move(tensors));
    }

private:
    const SafetensorsEntry* find(std::string_view name) const {
        const auto at =
            std::lower_bound(by_name_.begin(), by_name_.end(), name,
                             [this](std::size_t i, std::string_view n) { return entries_[i].name < n; });
        return at != by_name_.end() && entries_[*at].name == name ? &entries_[*at] : nullptr;
    }
    const SafetensorsEntry& get(std::string_view name) const {
        const SafetensorsEntry* const e = find(name);
        if (e == nullptr) file_.fail(8, "there is no tensor ", detail::shown(std::string(name)));
        return *e;
    }
    template <class T>
    Tensor<T> read(const SafetensorsEntry& e) const {
        Tensor<T> x = empty<T>(e.shape);
        file_.read(data_begin_ + e.begin, detail::output(x), e.end - e.begin);
        if constexpr (std::is_same_v<T, bool>) {
            const auto* bytes = static_cast<const unsigned char*>(std::as_const(x).body().data);
            for (int64_t i = 0; i < x.numel(); ++i)
                if (bytes[i] > 1)
                    file_.fail(data_begin_ + e.begin + i, "tensor ", detail::shown(e.name), ": the bool ",
                               bytes[i]);
        }
        return x;
    }

    InputFile file_;
    std::vector<SafetensorsEntry> entries_;
    std::vector<std::size_t> by_name_;
    SafetensorsMetadata metadata_;
    int64_t data_begin_ = 0;
};

/// Every tensor of a file.
inline StateDict load_safetensors(const std::string& path) { return SafetensorsFile(path).load_all(); }

/// Writes tensors and metadata as one file, under a temporary name that becomes `path` when all is on the
/// disk.
///   The tensors lie in the order of `dict`, those with larger elements first, so that each is aligned.
/// Throws   IoError: the file cannot be written; ValueError: a name or text that is not UTF-8, or
/// `__metadata__`
inline void save_safetensors(const std::string& path, const StateDict& dict,
                             const SafetensorsMetadata& metadata = {}) {
    std::vector<const NamedTensor*> order;
    for (std::size_t size = 8; size > 0; size /= 2)
        for (const NamedTensor& entry : dict)
            if (itemsize(entry.tensor.dtype()) == size) order.push_back(&entry);
    std::string header = "{";
    const auto separate = [&] { header += header.size() > 1 ? "," : ""; };
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
    for (const NamedTensor* entry : order) {
        const TensorBase& x = entry->tensor;
        if (entry->name == "__metadata__")
            detail::fail<ValueError>("safetensors", "no tensor may be named __metadata__");
        separate();
        append_json_string(header, entry->name);
        detail::append(header,
                       detail::text(":{\"dtype\":\"", detail::safetensors_name(x.dtype()), "\",\"shape\":["));
        for (int axis = 0; axis < x.rank(); ++axis)
            detail::append(header, detail::text(axis > 0 ? "," : "", x.shape()[axis]));
        const int64_t end = at + x.numel() * static_cast<int64_t>(itemsize(x.dtype()));
        detail::append(header, detail::text("],\"data_offsets\":[", at, ",", end, "]}"));
        at = end;
    }
    header += '}';
    header.append((8 - header.size() % 8) % 8, ' ');
    if (static_cast<int64_t>(header.size()) > detail::max_safetensors_header)
        detail::fail<ValueError>("safetensors", path, ": a header of ", header.size(),
                                 " bytes; the format allows 100000000");

    AtomicFile file("safetensors", path);
    const std::uint64_t length = header.size();
    file.write(&length, 8);
    file.write(header.data(), static_cast<int64_t>(header.size()));
    for (const NamedTensor* entry : order)
        visit(entry->tensor, [&]<class T>(const Tensor<T>& x) {
            const Tensor<T> packed = detail::contiguous(x);
            file.write(packed.data(), packed.numel() * static_cast<int64_t>(sizeof(T)));
        });
    file.commit();
}

/// The same for the parameters and buffers of a module; one with several names is written under the first.
template <Module M>
void save_safetensors(const std::string& path, const M& module, const SafetensorsMetadata& metadata = {}) {
    save_safetensors(path, state_dict_once(module), metadata);
}
/// Reads a file into a module; see load_state_dict.
/// Throws   IoError: the file; ValueError: strict, and the names or shapes differ
template <Module M>
LoadReport load_safetensors(const std::string& path, M& module, LoadOptions options = {}) {
    return load_state_dict(module, load_safetensors(path), options);
}

}
