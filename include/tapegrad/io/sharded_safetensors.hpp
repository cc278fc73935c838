// Models in several safetensors files with an index beside them.
#pragma once

#include <memory>
#include <mutex>

#include "safetensors.hpp"
#include "safetensors_index.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The tensors that an index names. A file is opened when the first of its tensors is asked for.
class ShardedSafetensors final : public WeightFile {
public:
    /// `path` is the index; its files lie beside it.
    /// Throws   IoError: no such file, or anything in it is not as it should be
    explicit ShardedSafetensors(const std::string& path)
        : path_(path), index_(read_safetensors_index(path)), shards_(index_.shards.size()) {
        for (std::size_t i = 0; i < index_.entries.size(); ++i) by_name_.push_back(i);
        std::sort(by_name_.begin(), by_name_.end(), [this](std::size_t a, std::size_t b) {
            return index_.entries[a].tensor < index_.entries[b].tensor;
        });
    }

    const SafetensorsIndex& index() const { return index_; }
    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const auto& entry : index_.entries) result.push_back(entry.tensor);
        return result;
    }
    bool contains(std::string_view name) const override { return find(name) != nullptr; }
    /// Throws   IoError: no such name, or its file is not there, is damaged or lacks it
    TensorInfo info(std::string_view name) const override { return file_of(name).info(name); }
    TensorBase load_any(std::string_view name) const override { return file_of(name).load_any(name); }

    /// How many of the files were opened so far.
    std::size_t opened() const {
        const std::scoped_lock lock(mutex_);
        return static_cast<std::size_t>(std::count_if(shards_.begin(), shards_.end(),
                                                      [](const auto& shard) { return shard != nullptr; }));
    }

private:
    const SafetensorsIndex::Entry* find(std::string_view name) const {
        const auto at = std::lower_bound(
            by_name_.begin(), by_name_.end(), name,
            [this](std::size_t i, std::string_view n) { return index_.entries[i].tensor < n; });
        return at != by_name_.end() && index_.entries[*at].tensor == name ? &index_.entries[*at] : nullptr;
    }
    const SafetensorsFile& file_of(std::string_view name) const {
        const SafetensorsIndex::Entry* const entry = find(name);
        if (entry == nullptr)
            detail::fail<IoError>("safetensors_index", path_, ": there is no tensor ", detail::shown(name));
        const std::string& shard = index_.shards[entry->shard];
        const std::scoped_lock lock(mutex_);
        auto& file = shards_[entry->shard];
        if (file == nullptr)
            file = std::make_unique<SafetensorsFile>(path_.substr(0, path_.rfind('/') + 1) + shard);
        if (!file->contains(name)) fail_at(name, "is not in " + shard);
        return *file;
    }
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        detail::fail<IoError>("safetensors_index", path_, ": tensor ", detail::shown(name), " ", reason);
    }

    std::string path_;
    SafetensorsIndex index_;
    std::vector<std::size_t> by_name_;
    mutable std::mutex mutex_;
    mutable std::vector<std::unique_ptr<SafetensorsFile>> shards_;
};

}
