// JSON from outside, as events with places, and texts written as JSON strings.
//
// A handler has the functions of `JsonEvents` that it wants to hear of; what it does not override is refused.
// Nothing is built, so that a hostile text costs no more than its own length, and nothing recurses.
#pragma once

#include <nlohmann/json.hpp>

#include "../core/shape.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What happens in a JSON text. A number without a point or an exponent that fits into 64 bits is an
/// `integer` (or `large`, from 2^63 on), every other one is `real`; `text` is how it was written.
struct JsonEvents {
    virtual ~JsonEvents() = default;
    virtual void null() { fail("null is not expected"); }
    virtual void boolean(bool) { fail("true or false is not expected"); }
    virtual void integer(int64_t) { fail("a number is not expected"); }
    virtual void large(std::uint64_t) { fail("a number from 2^63 on is not expected"); }
    virtual void real(double, const std::string& text) {
        fail("the number " + text.substr(0, 40) + " is not expected");
    }
    virtual void string(std::string&) { fail("a string is not expected"); }
    virtual void begin_object() { fail("{ is not expected"); }
    virtual void key(std::string&) {}
    virtual void end_object() {}
    virtual void begin_array() { fail("[ is not expected"); }
    virtual void end_array() {}
    /// Must throw; `offset` is where the text was read to.
    virtual void error(int64_t offset, const std::string& reason) = 0;

    /// Where the text was read to.
    int64_t offset() const { return position != nullptr ? *position - begin : 0; }
    [[noreturn]] void fail(const std::string& reason) {
        error(offset(), reason);
        throw Error("json: error() must throw");
    }

    const char* begin = nullptr;
    const char* const* position = nullptr;
};

namespace detail {

/// Reads characters and leaves behind how far it came.
struct CountingIterator {
    using iterator_category = std::input_iterator_tag;
    using value_type = char;
    using difference_type = std::ptrdiff_t;
    using pointer = const char*;
    using reference = const char&;

    const char* at = nullptr;
    const char** position = nullptr;

    reference operator*() const { return *at; }
    CountingIterator& operator++() {
        *position = ++at;
        return *this;
    }
    CountingIterator operator++(int) {
        CountingIterator before = *this;
        ++*this;
        return before;
    }
    friend bool operator==(const CountingIterator& a, const CountingIterator& b) { return a.at == b.at; }
    friend bool operator!=(const CountingIterator& a, const CountingIterator& b) { return a.at != b.at; }
};

/// Passes the parser's events on.
struct JsonRelay {
    using number_integer_t = nlohmann::json::number_integer_t;
    using number_unsigned_t = nlohmann::json::number_unsigned_t;
    using number_float_t = nlohmann::json::number_float_t;
    using string_t = nlohmann::json::string_t;
    using binary_t = nlohmann::json::binary_t;

    JsonEvents& events;

    bool null() { return events.null(), true; }
    bool boolean(bool v) { return events.boolean(v), true; }
    bool number_integer(number_integer_t v) { return events.integer(v), true; }
    bool number_unsigned(number_unsigned_t v) {
        if (v >> 63 != 0)
            events.large(v);
        else
            events.integer(static_cast<int64_t>(v));
        return true;
    }
    bool number_float(number_float_t v, const string_t& text) { return events.real(v, text), true; }
    bool string(string_t& v) { return events.string(v), true; }
    bool binary(binary_t&) { return true; }
    bool start_object(std::size_t) { return events.begin_object(), true; }
    bool key(string_t& v) { return events.key(v), true; }
    bool end_object() { return events.end_object(), true; }
    bool start_array(std::size_t) { return events.begin_array(), true; }
    bool end_array() { return events.end_array(), true; }
    bool parse_error(std::size_t position, const std::string&, const nlohmann::json::exception& e) {
        // "[json.exception.parse_error.101] parse error at line 1, column 7: syntax error while ...": from
        // there on.
        std::string reason = e.what();
        const std::size_t cut = reason.find("error while ");
        if (cut != reason.npos) reason.erase(0, cut + 12);
        if (reason.size() > 200) reason.resize(200);
        events.error(static_cast<int64_t>(position), "invalid JSON: " + reason);
        return false;
    }
};

}

/// Reads one JSON value that is all of `text`, but for white space around it, and tells `events` what is in
/// it.
/// Throws   what events.error throws: a text that is no JSON or no UTF-8
inline void parse_json(std::string_view text, JsonEvents& events) {
    const char* position = text.data();
    events.begin = text.data();
    events.position = &position;
    detail::JsonRelay relay{events};
    const detail::CountingIterator first{text.data(), &position}, last{text.data() + text.size(), &position};
    nlohmann::json::sax_parse(first, last, &relay);
    events.position = nullptr;
}

/// True when `text` is UTF-8: no overlong forms, no surrogates, nothing above U+10FFFF.
constexpr bool is_utf8(std::string_view text) {
    for (std::size_t i = 0; i < text.size();) {
        const auto byte = [&](std::size_t k) -> unsigned {
            return i + k < text.size() ? static_cast<unsigned char>(text[i + k]) : 0;
        };
        const auto follows = [&](std::size_t k) { return (byte(k) & 0xC0) == 0x80; };
        const unsigned lead = byte(0);
        std::size_t length = 0;
        if (lead < 0x80)
            length = 1;
        else if (lead >= 0xC2 && lead < 0xE0)
            length = 2;
        else if (lead >= 0xE0 && lead < 0xF0)
            length = 3;
        else if (lead >= 0xF0 && lead < 0xF5)
            length = 4;
        if (length == 0) return false;
        for (std::size_t k = 1; k < length; ++k)
            if (!follows(k)) return false;
        if ((lead == 0xE0 && byte(1) < 0xA0) || (lead == 0xED && byte(1) >= 0xA0)) return false;
        if ((lead == 0xF0 && byte(1) < 0x90) || (lead == 0xF4 && byte(1) >= 0x90)) return false;
        i += length;
    }
    return true;
}

/// Adds `text` to `out` as a JSON string, with its quotes.
/// Throws   ValueError: the text is not UTF-8
inline void append_json_string(std::string& out, std::string_view text) {
    if (!is_utf8(text)) detail::fail<ValueError>("json", "a text of ", text.size(), " bytes is not UTF-8");
    out += '"';
    for (const char c : text) {
        const auto code = static_cast<unsigned char>(c);
        if (c == '"' || c == '\\') {
            out += '\\';
            out += c;
        } else if (code < 0x20) {
            constexpr char digits[] = "0123456789abcdef";
            out += "\\u00";
            out += digits[code >> 4];
            out += digits[code & 15];
        } else {
            out += c;
        }
    }
    out += '"';
}

}
