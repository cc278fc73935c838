// GGUF files that were cut into several: model-00001-of-00003.gguf, ... The first has the metadata, each its tensors.
#pragma once

#include <memory>

#include "gguf.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// The parts that a name stands for: "x-00001-of-00003.gguf" is the first of three. 0 for any other name, and for
/// another part than the first.
inline int64_t gguf_parts(std::string_view path) {
    constexpr std::string_view first = "-00001-of-", last = ".gguf";
    const std::size_t tail = first.size() + 5 + last.size();
    if (path.size() < tail || !path.ends_with(last)) return 0;
    path = path.substr(path.size() - tail);
    if (!path.starts_with(first)) return 0;
    int64_t count = 0;
    for (const char c : path.substr(first.size(), 5)) {
        if (c < '0' || c > '9') return 0;
        count = 10 * count + (c - '0');
    }
    return count;
}
inline std::string gguf_part(const std::string& path, int64_t i) {
    std::string digits = std::to_string(i + 1);
    digits.insert(0, 5 - digits.size(), '0');
    std::string name = path;
    return name.replace(path.size() - 19, 5, digits);
}

}

/// The parts of a model as one. All are opened, none of their tensors is read.
class SplitGguf final : public WeightFile {
public:
    /// `path` is that of the first.
    /// Throws   IoError: a name that is of no first part, a part that is missing, damaged, or of another model; a tensor
    ///          that is in two
    explicit SplitGguf(const std::string& path) : path_(path) {
        const int64_t count = detail::gguf_parts(path);
        if (count == 0) fail("is not named as the first of several, x-00001-of-00003.gguf");
        for (int64_t i = 0; i < count; ++i) {
            parts_.push_back(std::make_unique<GgufFile>(detail::gguf_part(path, i)));
            const GgufMetadata& m = parts_.back()->metadata();
            if (m.integer("split.count") != count)
                m.fail("split.count: ", m.integer("split.count"), " in a file that is named one of ", count);
            if (m.integer("split.no") != i)
                m.fail("split.no: ", m.integer("split.no"), " in the file that is named ", i + 1);
            for (std::string& name : parts_.back()->names())
                names_.emplace_back(std::move(name), parts_.size() - 1);
        }
        const auto& m = metadata();
        if (m.integer("split.tensors.count", static_cast<int64_t>(names_.size())) !=
            static_cast<int64_t>(names_.size()))
            m.fail("split.tensors.count: ", m.integer("split.tensors.count"), ", the parts hold ",
                   names_.size());
        by_name_ = names_;
        std::sort(by_name_.begin(), by_name_.end());
        for (std::size_t i = 1; i < by_name_.size(); ++i)
            if (by_name_[i - 1].first == by_name_[i].first)
                fail("tensor ", detail::shown(by_name_[i].first), " is in two parts");
    }

    /// Of the first part.
    const GgufMetadata& metadata() const { return parts_[0]->metadata(); }
    std::vector<std::string> names() const override {
        std::vector<std::string> result;
        for (const auto& [name, part] : names_) result.push_back(name);
        return result;
    }
    bool contains(std::string_view name) const override { return find(name) != nullptr; }
    TensorInfo info(std::string_view name) const override { return part_of(name).info(name); }
    TensorBase load_any(std::string_view name) const override { return part_of(name).load_any(name); }

private:
    const GgufFile* find(std::string_view name) const {
        const auto at =
            std::lower_bound(by_name_.begin(), by_name_.end(), name,
                             [](const auto& entry, std::string_view n) { return entry.first < n; });
        return at != by_name_.end() && at->first == name ? parts_[at->second].get() : nullptr;
    }
    const GgufFile& part_of(std::string_view name) const {
        const GgufFile* const file = find(name);
        if (file == nullptr) fail("there is no tensor ", detail::shown(name));
        return *file;
    }
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(const Parts&... reason) const {
        detail::fail<IoError>("split_gguf", path_, ": ", reason...);
    }
    [[noreturn]] void fail_at(std::string_view name, const std::string& reason) const override {
        fail("tensor ", detail::shown(name), " ", reason);
    }

    std::string path_;
    std::vector<std::unique_ptr<GgufFile>> parts_;
    std::vector<std::pair<std::string, std::size_t>> names_, by_name_;
};

}
