// model.safetensors.index.json: which file of a model that was cut into several holds which tensor.
//
//   {"metadata": {"total_size": 28}, "weight_map": {"name": "model-00001-of-00002.safetensors", ...}}
#pragma once

#include <algorithm>
#include <map>
#include <optional>
#include <vector>

#include "input_file.hpp"
#include "json.hpp"
#include "safetensors_header.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

struct SafetensorsIndex {
    struct Entry {
        std::string tensor;
        std::size_t shard;  // of `shards`
    };
    std::optional<int64_t> total_size;  // bytes of all tensors, as the file says
    std::vector<std::string> shards;    // names of files beside the index
    std::vector<Entry> entries;         // in the order of the file
};

namespace detail {

inline constexpr int64_t max_safetensors_index = 100'000'000;

/// Follows the events through an index. What is neither of its two members is passed over.
class SafetensorsIndexParser final : public JsonEvents {
public:
    SafetensorsIndexParser(const InputFile& file, SafetensorsIndex& into) : file_(file), index_(into) {}

    bool has_map() const { return has_map_; }

    void null() override { other("null is not expected"); }
    void boolean(bool) override { other("true or false is not expected"); }
    void large(std::uint64_t) override { other("a number from 2^63 on is not expected"); }
    void real(double value, const std::string& written) override {
        if (at_total() && value >= 0 && value < 9e15 && value == static_cast<double>(int64_t(value)))
            index_.total_size = static_cast<int64_t>(value);
        else
            other("the number " + written.substr(0, 40) + " is not expected");
    }
    void integer(int64_t value) override {
        if (at_total() && value >= 0)
            index_.total_size = value;
        else
            other("the number " + std::to_string(value) + " is not expected");
    }
    void string(std::string& value) override {
        if (in_ != In::map || depth_ != 2) return other("a string is not expected");
        check_name(value);
        const auto [at, fresh] = shard_of_.try_emplace(std::move(value), index_.shards.size());
        if (fresh) index_.shards.push_back(at->first);
        index_.entries.back().shard = at->second;
    }
    void begin_object() override {
        if (depth_ == 2 && in_ == In::map) fail("{ is not expected");
        if (depth_ == 2 && at_total()) fail("{ is not expected");
        descend();
    }
    void begin_array() override {
        if (depth_ < 2 && in_ != In::other) fail("[ is not expected");
        if (depth_ == 2 && (in_ == In::map || at_total())) fail("[ is not expected");
        descend();
    }
    void end_object() override { ascend(); }
    void end_array() override { ascend(); }
    void key(std::string& name) override {
        total_follows_ = false;
        if (depth_ == 1) {
            in_ = name == "weight_map" ? In::map : name == "metadata" ? In::metadata : In::other;
            if (in_ == In::map && std::exchange(has_map_, true)) fail("is there twice");
            if (in_ == In::metadata && std::exchange(has_metadata_, true)) fail("is there twice");
        } else if (depth_ == 2 && in_ == In::map) {
            index_.entries.push_back({std::move(name), 0});
        } else if (depth_ == 2 && in_ == In::metadata && name == "total_size") {
            total_follows_ = true;
            if (index_.total_size) fail("is there twice");
        }
    }
    void error(int64_t offset, const std::string& reason) override {
        std::string place = in_ == In::map ? "weight_map: " : in_ == In::metadata ? "metadata: " : "";
        if (in_ == In::map && depth_ == 2 && !index_.entries.empty())
            place += "tensor " + shown(index_.entries.back().tensor) + ": ";
        if (total_follows_) place += "total_size: ";
        file_.fail(offset, place, reason);
    }

private:
    enum class In { nothing, metadata, map, other };

    bool at_total() const { return total_follows_ && depth_ == 2; }
    /// A value that is no place for what stands there, unless nobody reads it.
    void other(const std::string& reason) {
        const bool unread = depth_ > 0 && (in_ == In::other || (in_ == In::metadata && depth_ >= 2));
        if (!unread || at_total()) fail(reason);
    }
    void descend() {
        if (++depth_ > 32) fail("nested more than 32 deep");
    }
    void ascend() {
        if (--depth_ == 1) in_ = In::nothing;
        total_follows_ = false;
    }
    /// A shard lies beside its index, wherever its name would lead.
    void check_name(const std::string& name) {
        bool plain = !name.empty() && name.size() <= 255 && name.find("..") == name.npos && name != ".";
        for (const char c : name)
            plain &= c != '/' && c != '\\' && static_cast<unsigned char>(c) >= 0x20 && c != 0x7f;
        if (!plain) fail(shown(name) + " is no name of a file beside the index");
    }

    const InputFile& file_;
    SafetensorsIndex& index_;
    std::map<std::string, std::size_t, std::less<>> shard_of_;
    In in_ = In::nothing;
    int depth_ = 0;
    bool has_map_ = false, has_metadata_ = false, total_follows_ = false;
};

}

/// Throws   IoError: no such file, or anything in it is not as it should be
inline SafetensorsIndex read_safetensors_index(const std::string& path) {
    const InputFile file("safetensors_index", path);
    if (file.size() > detail::max_safetensors_index)
        file.fail(0, "an index of ", file.size(), " bytes; 100000000 are read");
    std::string content(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, content.data(), file.size());
    SafetensorsIndex result;
    detail::SafetensorsIndexParser parser(file, result);
    parse_json(content, parser);
    if (!parser.has_map()) file.fail(file.size(), "there is no weight_map");
    std::vector<const std::string*> sorted;
    for (const auto& entry : result.entries) sorted.push_back(&entry.tensor);
    std::sort(sorted.begin(), sorted.end(), [](const auto* a, const auto* b) { return *a < *b; });
    for (std::size_t i = 1; i < sorted.size(); ++i)
        if (*sorted[i - 1] == *sorted[i])
            file.fail(0, "weight_map: tensor ", detail::shown(*sorted[i]), " is there twice");
    return result;
}

/// As Python writes it: indented, the tensors by name.
/// Throws   ValueError: a name that is not UTF-8
inline std::string to_json(const SafetensorsIndex& index) {
    std::vector<const SafetensorsIndex::Entry*> sorted;
    for (const auto& entry : index.entries) sorted.push_back(&entry);
    std::sort(sorted.begin(), sorted.end(),
              [](const auto* a, const auto* b) { return a->tensor < b->tensor; });
    std::string out = "{\n  \"metadata\": {";
    if (index.total_size)
        detail::append(out, detail::text("\n    \"total_size\": ", *index.total_size, "\n  "));
    out += "},\n  \"weight_map\": {";
    for (std::size_t i = 0; i < sorted.size(); ++i) {
        out += i > 0 ? ",\n    " : "\n    ";
        append_json_string(out, sorted[i]->tensor);
        out += ": ";
        append_json_string(out, index.shards[sorted[i]->shard]);
    }
    out += sorted.empty() ? "}\n}\n" : "\n  }\n}\n";
    return out;
}

}
