// A file of tensors under other names: what a map makes of each, when it is asked for.
//
//   const MappedWeights weights(open_weights("model.gguf"), gguf_llama_keys({.heads = 32}));
//   load_weights(weights, model);
#pragma once

#include <algorithm>
#include <memory>

#include "key_map.hpp"
#include "weight_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

class MappedWeights final : public WeightFile {
public:
    /// Names that the map does not know or drops are in the report.
    /// Throws   ValueError: two names become one
    MappedWeights(std::shared_ptr<const WeightFile> file, const KeyMap& map) : file_(std::move(file)) {
        for (const std::string& name : file_->names()) {
            std::optional<MappedKey> key = map.find(name);
            if (!key)
                report_.unmatched.push_back(name);
            else if (key->name.empty())
                report_.dropped.push_back(name);
            else
                entries_.push_back({name, std::move(*key)});
        }
        for (std::size_t i = 0; i < entries_.size(); ++i) by_name_.push_back(i);
        std::sort(by_name_.begin(), by_name_.end(), [this](std::size_t a, std::size_t b) {
            return entries_[a].key.name < entries_[b].key.name;
        });
        for (std::size_t i = 1; i < by_name_.size(); ++i)
            if (entries_[by_name_[i - 1]].key.name == entries_[by_name_[i]].key.name)
                detail::fail<ValueError>(
                    "mapped_weights", "two tensors become '", entries_[by_name_[i]].key.name,
                    "': ", entries_[by_name_[i - 1]].source, " and ", entries_[by_name_[i]].source);
    }

    const KeyReport& report() const { return report_; }
    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const Entry& e : entries_) result.push_back(e.key.name);
        return result;
    }
    bool contains(std::string_view name) const override { return find(name) != nullptr; }
    TensorInfo info(std::string_view name) const override {
        const Entry& e = get(name);
        TensorInfo result = file_->info(e.source);
        result.name = e.key.name;
        result.shape = e.key.shape_of(result.shape);
        return result;
    }
    /// Throws   as the file's; ShapeError: what the map does not fit the shape
    TensorBase load_any(std::string_view name) const override {
        const Entry& e = get(name);
        return e.key(file_->load_any(e.source));
    }

private:
    struct Entry {
        std::string source;
        MappedKey key;
    };
    const Entry* find(std::string_view name) const {
        const auto at =
            std::lower_bound(by_name_.begin(), by_name_.end(), name,
                             [this](std::size_t i, std::string_view n) { return entries_[i].key.name < n; });
        return at != by_name_.end() && entries_[*at].key.name == name ? &entries_[*at] : nullptr;
    }
    const Entry& get(std::string_view name) const {
        const Entry* const e = find(name);
        if (e == nullptr) detail::fail<IoError>("mapped_weights", "there is no tensor '", name, "'");
        return *e;
    }
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        detail::fail<IoError>("mapped_weights", "tensor '", name, "' (", get(name).source, " in the file) ",
                              reason);
    }

    std::shared_ptr<const WeightFile> file_;
    std::vector<Entry> entries_;
    std::vector<std::size_t> by_name_;
    KeyReport report_;
};

}
