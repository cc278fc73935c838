// A JSON text as a tree, for the small structures of a file; its large lists go to handlers of their own.
#pragma once

#include <algorithm>
#include <map>

#include "../io/json.hpp"
#include "text_file.hpp"

namespace tapegrad::inline TAPEGRAD_ISA::detail {

/// A value and where it stood.
struct JsonValue {
    enum class Kind { null, boolean, number, real, string, array, object };
    Kind kind = Kind::null;
    bool flag = false;
    int64_t number = 0;
    double real = 0;  // of number and real
    std::string text;
    std::vector<std::string> keys;  // of an object, one for each item
    std::vector<JsonValue> items;
    int64_t offset = 0;

    bool is_null() const { return kind == Kind::null; }
    /// The member of an object, or null.
    const JsonValue* find(std::string_view key) const {
        for (std::size_t i = 0; i < keys.size(); ++i)
            if (keys[i] == key) return &items[i];
        return nullptr;
    }
};

/// Reads members with the type that they must have.
class JsonObject {
public:
    JsonObject(const InputFile& file, std::string where, const JsonValue& value)
        : file_(file), where_(std::move(where)), value_(value) {
        if (value.kind != JsonValue::Kind::object) fail(value, "must be an object");
    }

    const InputFile& file() const { return file_; }
    const std::string& where() const { return where_; }
    const JsonValue& value() const { return value_; }

    /// A member that is there and not null, or nothing.
    const JsonValue* find(std::string_view key) const {
        const JsonValue* found = value_.find(key);
        return found == nullptr || found->is_null() ? nullptr : found;
    }
    const JsonValue& at(std::string_view key) const {
        const JsonValue* found = find(key);
        if (found == nullptr) fail(value_, text("has no ", key));
        return *found;
    }
    JsonObject object(std::string_view key) const { return {file_, inside(key), at(key)}; }
    const std::vector<JsonValue>& array(std::string_view key) const {
        const JsonValue& found = at(key);
        if (found.kind != JsonValue::Kind::array) fail_member(key, found, "must be an array");
        return found.items;
    }
    const std::string& string(std::string_view key) const { return string_of(key, at(key)); }
    std::string string(std::string_view key, std::string_view absent) const {
        const JsonValue* found = find(key);
        return found == nullptr ? std::string(absent) : string_of(key, *found);
    }
    bool boolean(std::string_view key, bool absent) const {
        const JsonValue* found = find(key);
        if (found == nullptr) return absent;
        if (found->kind != JsonValue::Kind::boolean) fail_member(key, *found, "must be true or false");
        return found->flag;
    }
    /// A number in [low, high].
    int64_t integer(std::string_view key, int64_t low, int64_t high) const {
        const JsonValue& found = at(key);
        if (found.kind != JsonValue::Kind::number || found.number < low || found.number > high)
            fail_member(key, found, text("must be an integer in [", low, ", ", high, "]"));
        return found.number;
    }
    /// The same; `absent` when it is not there.
    int64_t integer(std::string_view key, int64_t low, int64_t high, int64_t absent) const {
        return find(key) == nullptr ? absent : integer(key, low, high);
    }
    /// A finite number.
    double real(std::string_view key) const {
        const JsonValue& found = at(key);
        if (found.kind != JsonValue::Kind::number && found.kind != JsonValue::Kind::real)
            fail_member(key, found, "must be a number");
        return found.real;
    }
    double real(std::string_view key, double absent) const {
        return find(key) == nullptr ? absent : real(key);
    }
    [[noreturn]] void fail(const JsonValue& value, std::string_view reason) const {
        file_.fail(value.offset, where_, where_.empty() ? "" : ": ", reason);
    }
    [[noreturn]] void fail_member(std::string_view key, const JsonValue& value,
                                  std::string_view reason) const {
        file_.fail(value.offset, inside(key), ": ", reason);
    }

private:
    std::string inside(std::string_view key) const {
        return where_.empty() ? std::string(key) : where_ + "." + std::string(key);
    }
    const std::string& string_of(std::string_view key, const JsonValue& value) const {
        if (value.kind != JsonValue::Kind::string) fail_member(key, value, "must be a string");
        return value.text;
    }
    const InputFile& file_;
    std::string where_;
    const JsonValue& value_;
};

/// Builds the tree. What stands under a path ("model.vocab") of `large` goes to its handler instead.
class JsonTree final : public JsonEvents {
public:
    static constexpr std::size_t max_depth = 32, max_values = 1'000'000;

    JsonTree(const InputFile& file, std::map<std::string, JsonEvents*, std::less<>> large = {})
        : file_(file), large_(std::move(large)) {}

    JsonValue& root() { return root_; }
    const JsonValue& root() const { return root_; }

    void null() override {
        pass([](JsonEvents& e) { e.null(); }, JsonValue::Kind::null);
    }
    void boolean(bool v) override {
        if (JsonValue* value = pass([&](JsonEvents& e) { e.boolean(v); }, JsonValue::Kind::boolean))
            value->flag = v;
    }
    void integer(int64_t v) override {
        if (JsonValue* value = pass([&](JsonEvents& e) { e.integer(v); }, JsonValue::Kind::number)) {
            value->number = v;
            value->real = static_cast<double>(v);
        }
    }
    void large(std::uint64_t v) override {
        if (JsonValue* value = pass([&](JsonEvents& e) { e.large(v); }, JsonValue::Kind::real))
            value->real = static_cast<double>(v);
    }
    void real(double v, const std::string& written) override {
        if (JsonValue* value = pass([&](JsonEvents& e) { e.real(v, written); }, JsonValue::Kind::real))
            value->real = v;
    }
    void string(std::string& v) override {
        if (JsonValue* value = pass([&](JsonEvents& e) { e.string(v); }, JsonValue::Kind::string))
            value->text = std::move(v);
    }
    void key(std::string& name) override {
        if (inner_ != nullptr) return inner_->key(name);
        open_.back()->keys.push_back(std::move(name));
    }
    void begin_object() override { begin(JsonValue::Kind::object); }
    void begin_array() override { begin(JsonValue::Kind::array); }
    void end_object() override {
        if (end([](JsonEvents& e) { e.end_object(); })) return;
        std::vector<std::string> keys = open_.back()->keys;
        std::sort(keys.begin(), keys.end());
        const auto twice = std::adjacent_find(keys.begin(), keys.end());
        if (twice != keys.end()) fail("the key " + shown(*twice) + " is there twice");
        open_.pop_back();
    }
    void end_array() override {
        if (!end([](JsonEvents& e) { e.end_array(); })) open_.pop_back();
    }
    void error(int64_t offset, const std::string& reason) override { file_.fail(offset, reason); }

private:
    JsonValue& place() {
        if (++count_ > max_values) fail("more than 1000000 values");
        if (open_.empty()) return root_;
        return open_.back()->items.emplace_back();
    }
    /// Gives an event to the handler of a large part, or makes a value of it.
    template <class Give>
    JsonValue* pass(Give give, JsonValue::Kind kind) {
        if (inner_ != nullptr) {
            give(*inner_);
            return nullptr;
        }
        JsonValue& value = place();
        value.kind = kind;
        value.offset = offset();
        return &value;
    }
    void begin(JsonValue::Kind kind) {
        const auto give = [kind](JsonEvents& e) {
            kind == JsonValue::Kind::object ? e.begin_object() : e.begin_array();
        };
        if (inner_ != nullptr) {
            if (++inner_depth_ > max_depth) fail("nested more than 32 deep");
            return give(*inner_);
        }
        if (open_.size() == max_depth) fail("nested more than 32 deep");
        if (const auto found = large_.find(path()); found != large_.end()) {
            JsonValue& value = place();  // stays as a sign that it was there
            value.kind = kind;
            value.offset = offset();
            inner_ = found->second;
            inner_->begin = JsonEvents::begin;
            inner_->position = position;
            inner_depth_ = 1;
            return give(*inner_);
        }
        JsonValue& value = place();
        value.kind = kind;
        value.offset = offset();
        open_.push_back(&value);
    }
    template <class Give>
    bool end(Give give) {
        if (inner_ == nullptr) return false;
        give(*inner_);
        if (--inner_depth_ == 0) inner_ = nullptr;
        return true;
    }
    std::string path() const {
        std::string out;
        for (const JsonValue* value : open_) {
            if (value->kind != JsonValue::Kind::object) return "[]";
            out += out.empty() ? "" : ".";
            out += value->keys.back();
        }
        return out;
    }

    const InputFile& file_;
    std::map<std::string, JsonEvents*, std::less<>> large_;
    JsonValue root_;
    std::vector<JsonValue*> open_;
    JsonEvents* inner_ = nullptr;
    std::size_t inner_depth_ = 0, count_ = 0;
};

}
