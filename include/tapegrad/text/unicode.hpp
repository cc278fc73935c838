// What Unicode 16 says of a code point: its general category and its small letter.
#pragma once

#include <array>
#include <vector>

#include "unicode_tables.hpp"
#include "utf8.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// The general categories, in the order of the tables.
enum class Category : std::uint8_t {
    Lu,
    Ll,
    Lt,
    Lm,
    Lo,
    Mn,
    Mc,
    Me,
    Nd,
    Nl,
    No,
    Pc,
    Pd,
    Ps,
    Pe,
    Pi,
    Pf,
    Po,
    Sm,
    Sc,
    Sk,
    So,
    Zs,
    Zl,
    Zp,
    Cc,
    Cf,
    Cs,
    Co,
    Cn
};

namespace detail {

/// Reads the numbers of a table.
class PackedNumbers {
public:
    explicit PackedNumbers(std::string_view text) : text_(text) {}
    bool done() const { return at_ == text_.size(); }
    std::uint32_t next() {
        std::uint32_t value = 0;
        for (unsigned shift = 0;; shift += 5) {
            const char c = text_[at_++];
            const auto digit = static_cast<std::uint32_t>(c - 48 - (c > 92));
            value |= (digit & 31) << shift;
            if (digit < 32) return value;
        }
    }
    std::int32_t next_signed() {
        const std::uint32_t value = next();
        const auto size = static_cast<std::int32_t>(value >> 1);
        return (value & 1) != 0 ? -size : size;
    }

private:
    std::string_view text_;
    std::size_t at_ = 0;
};

/// A number for each code point, in pages of 256 of which equal ones exist once.
template <class T>
class CodePointMap {
public:
    /// Sets [first, first + count); what lies before must have been set or is T(). In ascending order.
    void assign(char32_t first, std::uint32_t count, T value) {
        if (flat_.size() < first + count) flat_.resize(first + count);
        for (std::uint32_t i = 0; i < count; ++i) flat_[first + i] = value;
    }
    void finish() {
        flat_.resize(0x110000);
        std::vector<std::vector<std::uint16_t>> seen(1u << 8);  // pages by a hash of their content
        for (std::size_t page = 0; page < pages_.size(); ++page) {
            const T* from = flat_.data() + page * 256;
            std::uint32_t hash = 0;
            for (int i = 0; i < 256; ++i) hash = hash * 31 + static_cast<std::uint32_t>(from[i]);
            auto& bucket = seen[(hash ^ hash >> 16) & 0xFF];
            std::uint16_t found = 0xFFFF;
            for (const std::uint16_t other : bucket)
                if (std::equal(from, from + 256, values_.begin() + other * 256)) found = other;
            if (found == 0xFFFF) {
                found = static_cast<std::uint16_t>(values_.size() / 256);
                values_.insert(values_.end(), from, from + 256);
                bucket.push_back(found);
            }
            pages_[page] = found;
        }
        flat_ = {};
    }
    /// T() for what is no code point.
    T operator[](char32_t point) const {
        return point > 0x10FFFF ? T() : values_[std::size_t{pages_[point >> 8]} * 256 + (point & 0xFF)];
    }

private:
    std::vector<T> flat_, values_;
    std::array<std::uint16_t, 0x1100> pages_{};
};

/// Membership of ranges of code points, given as gap and length.
class CodePointSet {
public:
    explicit CodePointSet(std::string_view table) {
        PackedNumbers numbers(table);
        for (char32_t end = 0; !numbers.done();) {
            const char32_t begin = end + numbers.next();
            end = begin + numbers.next();
            bounds_.push_back(begin);
            bounds_.push_back(end);
        }
    }
    bool contains(char32_t point) const {
        std::size_t low = 0, high = bounds_.size();
        while (low < high) {
            const std::size_t middle = (low + high) / 2;
            if (bounds_[middle] <= point)
                low = middle + 1;
            else
                high = middle;
        }
        return low % 2 == 1;
    }

private:
    std::vector<char32_t> bounds_;
};

/// 1 + category of each code point, so that what is none has 0.
inline const CodePointMap<std::uint8_t>& category_map() {
    static const CodePointMap<std::uint8_t> map = [] {
        CodePointMap<std::uint8_t> m;
        PackedNumbers numbers(unicode::categories);
        for (char32_t at = 0; !numbers.done();) {
            const std::uint32_t length = numbers.next(), category = numbers.next();
            if (category < 30)
                m.assign(at, length, static_cast<std::uint8_t>(category + 1));
            else  // Lu and Ll in turn, or the other way round
                for (std::uint32_t i = 0; i < length; ++i)
                    m.assign(at + i, 1, static_cast<std::uint8_t>(1 + ((i + category) & 1)));
            at += length;
        }
        m.finish();
        return m;
    }();
    return map;
}

inline const CodePointMap<std::int32_t>& lower_map() {
    static const CodePointMap<std::int32_t> map = [] {
        CodePointMap<std::int32_t> m;
        PackedNumbers numbers(unicode::lower);
        for (char32_t at = 0; !numbers.done();) {
            at += numbers.next();
            const std::uint32_t length = numbers.next(), step = numbers.next();
            const std::int32_t distance = numbers.next_signed();
            for (std::uint32_t i = 0; i < length; ++i) m.assign(at + i * step, 1, distance);
            at += (length - 1) * step + 1;
        }
        m.finish();
        return m;
    }();
    return map;
}

}

/// The general category of a code point; Cn for what is unassigned or no code point.
inline Category category_of(char32_t point) {
    const std::uint8_t found = detail::category_map()[point];
    return found == 0 ? Category::Cn : static_cast<Category>(found - 1);
}

inline bool is_letter(char32_t point) { return category_of(point) <= Category::Lo; }
inline bool is_mark(char32_t point) {
    const Category c = category_of(point);
    return c >= Category::Mn && c <= Category::Me;
}
inline bool is_number(char32_t point) {
    const Category c = category_of(point);
    return c >= Category::Nd && c <= Category::No;
}
inline bool is_punctuation(char32_t point) {
    const Category c = category_of(point);
    return c >= Category::Pc && c <= Category::Po;
}
inline bool is_symbol(char32_t point) {
    const Category c = category_of(point);
    return c >= Category::Sm && c <= Category::So;
}
/// The property White_Space.
inline bool is_space(char32_t point) {
    if (point < 0x80) return point == ' ' || (point >= '\t' && point <= '\r');
    const Category c = category_of(point);
    return point == 0x85 || (c >= Category::Zs && c <= Category::Zp);
}

/// The small letter of a code point alone; itself where there is none. (U+0130 has two: `append_lower`.)
inline char32_t lower(char32_t point) {
    if (point < 0x80) return point >= 'A' && point <= 'Z' ? point + 32 : point;
    return static_cast<char32_t>(static_cast<std::int32_t>(point) + detail::lower_map()[point]);
}
/// Adds the small letter; that of the Turkish capital I with a dot is two code points.
inline void append_lower(std::string& out, char32_t point) {
    append_utf8(out, point == 0x130 ? U'i' : lower(point));
    if (point == 0x130) append_utf8(out, 0x307);
}
/// Part of a word: letters, marks, digits, connectors.
inline bool is_word_character(char32_t p) {
    if (p < 0x80) return (p | 32) - 'a' < 26 || p - '0' < 10 || p == '_';
    const Category c = category_of(p);
    return c <= Category::Nl || c == Category::Pc || p == 0x200C || p == 0x200D ||
           (p >= 0x24B6 && p <= 0x24E9) || (p >= 0x1F130 && p <= 0x1F149) || (p >= 0x1F150 && p <= 0x1F169) ||
           (p >= 0x1F170 && p <= 0x1F189);
}

}
