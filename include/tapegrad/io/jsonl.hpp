// JSON values as a tree, and files of one value a line.
#pragma once

#include <functional>

#include "input_file.hpp"
#include "json.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

namespace detail {

/// Builds the tree from the parser's events. Keys that are there twice and values nested too deep are
/// refused.
class JsonBuilder final : public JsonEvents {
public:
    using Fail = std::function<void(int64_t, const std::string&)>;
    explicit JsonBuilder(Fail fail) : fail_(std::move(fail)) {}

    nlohmann::json value;

    void null() override { put(nullptr); }
    void boolean(bool v) override { put(v); }
    void integer(int64_t v) override { put(v); }
    void large(std::uint64_t v) override { put(v); }
    void real(double v, const std::string&) override { put(v); }
    void string(std::string& v) override { put(std::move(v)); }
    void key(std::string& v) override {
        if (open_.back()->contains(v)) JsonEvents::fail("the key '" + v.substr(0, 40) + "' is there twice");
        key_ = std::move(v);
    }
    void begin_object() override { open(nlohmann::json::object()); }
    void end_object() override { open_.pop_back(); }
    void begin_array() override { open(nlohmann::json::array()); }
    void end_array() override { open_.pop_back(); }
    void error(int64_t offset, const std::string& reason) override { fail_(offset, reason); }

private:
    static constexpr std::size_t deepest = 100;

    nlohmann::json* put(nlohmann::json v) {
        if (open_.empty()) {
            value = std::move(v);
            return &value;
        }
        nlohmann::json& in = *open_.back();
        if (in.is_array()) {
            in.push_back(std::move(v));
            return &in.back();
        }
        return &(in[key_] = std::move(v));
    }
    void open(nlohmann::json v) {
        if (open_.size() == deepest) JsonEvents::fail("values more than 100 deep");
        open_.push_back(put(std::move(v)));
    }

    Fail fail_;
    std::vector<nlohmann::json*> open_;
    std::string key_;
};

}

/// The value of a JSON text. Keys must be there once, and values at most 100 deep.
/// Throws   IoError: `op: name: at byte N: ...` for a text that is no JSON
inline nlohmann::json parse_json_value(std::string_view text, const std::string& op,
                                       const std::string& name) {
    detail::JsonBuilder builder([&](int64_t offset, const std::string& reason) {
        detail::fail<IoError>(op, name, ": at byte ", offset, ": ", reason);
    });
    parse_json(text, builder);
    return std::move(builder.value);
}
/// The value of a JSON file.
/// Throws   IoError: it cannot be read, or is no JSON
inline nlohmann::json read_json(const std::string& path) {
    const InputFile file("json", path);
    std::string text(static_cast<std::size_t>(file.size()), '\0');
    file.read(0, text.data(), file.size());
    return parse_json_value(text, "json", path);
}

/// A file of one JSON value a line, read line by line; empty lines are passed over.
///   JsonLines lines("train.jsonl");
///   while (lines.next()) use(lines.value()["text"].get<std::string>());
class JsonLines {
public:
    /// Throws   IoError: the file cannot be opened
    explicit JsonLines(const std::string& path) : file_("jsonl", path) {}

    /// Goes to the next value; false at the end.
    /// Throws   IoError: with the line, for one that is no JSON
    bool next() {
        while (read_line()) {
            ++line_;
            if (text_.find_first_not_of(" \t\r") == text_.npos) continue;
            value_ = parse_json_value(text_, "jsonl", file_.path() + ": line " + std::to_string(line_));
            return true;
        }
        return false;
    }
    const nlohmann::json& value() const { return value_; }
    /// That of the value, from 1.
    int64_t line() const { return line_; }

private:
    bool read_line() {
        text_.clear();
        bool any = false;
        while (true) {
            if (begin_ == buffer_.size() && !fill()) return any;
            any = true;
            const std::size_t end = buffer_.find('\n', begin_);
            text_.append(buffer_, begin_, (end == buffer_.npos ? buffer_.size() : end) - begin_);
            begin_ = end == buffer_.npos ? buffer_.size() : end + 1;
            if (end != buffer_.npos) return true;
        }
    }
    bool fill() {
        const int64_t n = std::min<int64_t>(int64_t{1} << 16, file_.size() - at_);
        buffer_.resize(static_cast<std::size_t>(n));
        file_.read(at_, buffer_.data(), n);
        at_ += n;
        begin_ = 0;
        return n > 0;
    }

    InputFile file_;
    int64_t at_ = 0, line_ = 0;
    std::string buffer_, text_;
    std::size_t begin_ = 0;
    nlohmann::json value_;
};

}
