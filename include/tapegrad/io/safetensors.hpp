// safetensors files: what Python's package reads and writes. https://github.com/huggingface/safetensors
#pragma once

#include <bit>

#include "../nn/load_state_dict.hpp"
#include "safetensors_writer.hpp"
#include "weight_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

static_assert(std::endian::native == std::endian::little,
              "tapegrad: safetensors files are read on little endian machines");

/// A safetensors file. Opening reads and checks the whole header; elements are read when they are asked for,
/// into the memory of their tensor.
class SafetensorsFile final : public WeightFile {
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
    std::vector<std::string> names() const override {
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
    bool contains(std::string_view name) const override { return find(name) != nullptr; }
    TensorInfo info(std::string_view name) const override {
        const SafetensorsEntry& e = get(name);
        const int type = detail::find_safetensors_type(e.type)->dtype;
        return {e.name, e.shape, type < 0 ? std::nullopt : std::optional(static_cast<DType>(type)), e.type,
                e.end - e.begin};
    }
    /// Throws   IoError: no such name, a type that no tensor holds, or a bool that is neither 0 nor 1
    TensorBase load_any(std::string_view name) const override {
        const SafetensorsEntry& e = get(name);
        const int type = detail::find_safetensors_type(e.type)->dtype;
        if (type < 0) fail_at(name, "holds " + e.type + ", which no tensor does");
        TensorBase x = detail::empty_any(static_cast<DType>(type), e.shape);
        file_.read(data_begin_ + e.begin, x.body().data, e.end - e.begin);
        if (x.dtype() == DType::boolean) {
            const auto* bytes = static_cast<const unsigned char*>(x.body().data);
            for (int64_t i = 0; i < x.numel(); ++i)
                if (bytes[i] > 1)
                    file_.fail(data_begin_ + e.begin + i, "tensor ", detail::shown(e.name), ": the bool ",
                               bytes[i]);
        }
        return x;
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
        if (e == nullptr) file_.fail(8, "there is no tensor ", detail::shown(name));
        return *e;
    }
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        const SafetensorsEntry& e = get(name);
        file_.fail(data_begin_ + e.begin, "tensor ", detail::shown(e.name), " ", reason);
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
    SafetensorsWriter file(path, detail::infos_of(dict), metadata);
    for (const TensorInfo& info : file.order()) file.write(*dict.find(info.name));
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
