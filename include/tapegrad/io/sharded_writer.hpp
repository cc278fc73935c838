// Writing a model into a folder: as model.safetensors, or cut into several files with an index.
#pragma once

#include <memory>

#include "safetensors_index.hpp"
#include "safetensors_writer.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct ShardOptions {
    /// Bytes of the tensors of one file; a tensor that is larger has a file of its own.
    int64_t max_shard_size = 5'000'000'000;
    SafetensorsMetadata metadata = {{"format", "pt"}};  // of each file
};

namespace detail {

/// Cuts a list of tensors, in its order, where a file would become too large.
inline std::vector<std::vector<TensorInfo>> cut_into_shards(const std::vector<TensorInfo>& tensors,
                                                            int64_t max_size) {
    std::vector<std::vector<TensorInfo>> shards(1);
    int64_t size = 0;
    for (const TensorInfo& info : tensors) {
        const int64_t bytes = bytes_of(info);
        if (!shards.back().empty() && bytes > max_size - size) {
            shards.emplace_back();
            size = 0;
        }
        shards.back().push_back(info);
        size += bytes;
    }
    return shards;
}

inline std::string five_digits(std::size_t n) {
    const std::string digits = std::to_string(n);
    return std::string(digits.size() < 5 ? 5 - digits.size() : 0, '0') + digits;
}
inline std::string shard_name(std::size_t i, std::size_t count) {
    return count == 1 ? "model.safetensors"
                      : "model-" + five_digits(i + 1) + "-of-" + five_digits(count) + ".safetensors";
}
/// True for the names that `shard_name` gives: only such files are ever taken away.
inline bool is_shard_name(std::string_view name) {
    if (!name.starts_with("model-") || !name.ends_with(".safetensors")) return false;
    name = name.substr(6, name.size() - 18);
    const std::size_t of = name.find("-of-");
    return of != name.npos && name.find_first_not_of("0123456789") == of &&
           name.find_first_not_of("0123456789", of + 4) == name.npos;
}

}

/// A model that is written into a folder. Until `commit()` what is there stays as it is; then the files take
/// their names, the index last, and those of an older model are taken away.
///   No file system renames several files at once. A machine that stops meanwhile leaves the old model, the
///   new one, or one without an index, which nobody opens; never files of both under one index.
class ShardedWriter {
public:
    /// `tensors` are what will be written; the folder is made when it is not there.
    /// Throws   IoError: the folder cannot be written to; ValueError: as SafetensorsWriter, or a size below 1
    ShardedWriter(std::string folder, const std::vector<TensorInfo>& tensors, ShardOptions options = {})
        : folder_(std::move(folder)), options_(std::move(options)) {
        detail::check_infos("save_sharded", tensors);
        if (options_.max_shard_size < 1)
            detail::fail<ValueError>("save_sharded", "max_shard_size ", options_.max_shard_size,
                                     " is below 1");
        if (::mkdir(folder_.c_str(), 0777) != 0 && errno != EEXIST)
            detail::fail_system("save_sharded", folder_, "cannot be made");
        shards_ = detail::cut_into_shards(tensors, options_.max_shard_size);
        for (auto& shard : shards_) {
            shard = detail::aligned_order(shard);
            order_.insert(order_.end(), shard.begin(), shard.end());
        }
    }

    /// The order in which they are to be written.
    const std::vector<TensorInfo>& order() const { return order_; }

    /// The next tensor.
    /// Throws   IoError: the disk is full; ValueError: there is no next one, or it is not as it was said to be
    void write(const TensorBase& x) {
        if (written_ == order_.size())
            detail::fail<ValueError>("save_sharded", "all ", written_, " tensors are written");
        if (left_ == 0) begin_file();
        files_.back()->write(x);
        ++written_;
        if (--left_ == 0) files_.back()->flush();
    }

    /// Throws   IoError: the system fails; ValueError: a tensor was not written
    void commit() {
        if (written_ != order_.size())
            detail::fail<ValueError>("save_sharded", "tensor ", detail::shown(order_[written_].name),
                                     " was not written");
        if (files_.empty()) {  // a model without tensors
            begin_file();
            files_.back()->flush();
        }
        const std::vector<std::string> old = old_files();
        std::vector<std::string> names;
        for (std::size_t i = 0; i < files_.size(); ++i) names.push_back(detail::shard_name(i, files_.size()));
        std::unique_ptr<AtomicFile> index;
        if (files_.size() > 1) {
            const std::string content = to_json(index_of(names));
            index = std::make_unique<AtomicFile>("save_sharded", folder_ + "/" + index_name);
            index->write(content.data(), static_cast<int64_t>(content.size()));
            index->flush();
        }
        const auto is_new = [&](const std::string& name) {
            return std::find(names.begin(), names.end(), name) != names.end();
        };
        // Files that go and come under one name: meanwhile there is no model rather than a mixed one.
        if (index != nullptr && std::any_of(old.begin(), old.end(), is_new)) remove(index_name);
        for (const auto& file : files_) file->commit();
        if (index != nullptr) index->commit();
        // A reader takes model.safetensors first: it goes when the index is there, or came before the index goes.
        for (const std::string& name : old)
            if (!is_new(name) && !(index != nullptr && name == index_name)) remove(name);
    }

    /// The files that `commit` gave names to, without the index.
    std::vector<std::string> files() const {
        std::vector<std::string> result;
        for (std::size_t i = 0; i < files_.size(); ++i)
            result.push_back(detail::shard_name(i, files_.size()));
        return result;
    }

private:
    static constexpr const char* index_name = "model.safetensors.index.json";

    void begin_file() {
        const std::size_t i = files_.size();
        files_.push_back(std::make_unique<SafetensorsWriter>(
            folder_ + "/" + detail::shard_name(i, shards_.size()), shards_[i], options_.metadata));
        left_ = shards_[i].size();
    }
    SafetensorsIndex index_of(const std::vector<std::string>& names) const {
        SafetensorsIndex index{0, names, {}};
        for (std::size_t i = 0; i < shards_.size(); ++i)
            for (const TensorInfo& info : shards_[i]) {
                *index.total_size += detail::bytes_of(info);
                index.entries.push_back({info.name, i});
            }
        return index;
    }
    /// The model that is there: its one file, its index, and the files that its index names.
    std::vector<std::string> old_files() const {
        std::vector<std::string> result{"model.safetensors"};
        if (::access((folder_ + "/" + index_name).c_str(), F_OK) != 0) return result;
        result.push_back(index_name);
        try {
            for (const std::string& shard : read_safetensors_index(folder_ + "/" + index_name).shards)
                if (detail::is_shard_name(shard)) result.push_back(shard);
        } catch (const IoError&) {  // a damaged index names nothing
        }
        return result;
    }
    void remove(const std::string& name) const {
        const std::string path = folder_ + "/" + name;
        if (::unlink(path.c_str()) != 0 && errno != ENOENT)
            detail::fail_system("save_sharded", path, "cannot be taken away");
    }

    std::string folder_;
    ShardOptions options_;
    std::vector<std::vector<TensorInfo>> shards_;
    std::vector<TensorInfo> order_;
    std::vector<std::unique_ptr<SafetensorsWriter>> files_;
    std::size_t written_ = 0, left_ = 0;
};

/// Writes a model into a folder: as model.safetensors, or as model-00001-of-00003.safetensors, ... and
/// model.safetensors.index.json when its tensors are larger than one file may be.
/// Throws   as ShardedWriter
inline void save_sharded(const std::string& folder, const StateDict& dict, ShardOptions options = {}) {
    ShardedWriter file(folder, detail::infos_of(dict), std::move(options));
    for (const TensorInfo& info : file.order()) file.write(*dict.find(info.name));
    file.commit();
}

}
