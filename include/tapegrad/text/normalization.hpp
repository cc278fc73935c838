// The four normalization forms of Unicode (UAX #15), over the data of Unicode 12: what is younger stays as it
// is, as in the tokenizers whose models were trained so.
#pragma once

#include <algorithm>
#include <unordered_map>

#include "unicode.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

enum class NormalForm { nfd, nfc, nfkd, nfkc };

namespace detail {

/// Decompositions in full, classes of marks, and the pairs that are composed again.
class NormalizationData {
public:
    static const NormalizationData& get() {
        static const NormalizationData data;
        return data;
    }

    std::uint8_t combining_class(char32_t point) const { return classes_[point]; }

    /// Adds what a code point decomposes to.
    void decompose(char32_t point, bool compatible, std::vector<char32_t>& out) const {
        if (point < 0xA0) {
            out.push_back(point);
        } else if (point >= hangul && point < hangul + 11172) {
            const char32_t index = point - hangul;
            out.push_back(0x1100 + index / 588);
            out.push_back(0x1161 + index % 588 / 28);
            if (index % 28 != 0) out.push_back(0x11A7 + index % 28);
        } else if (const std::uint16_t entry = entries_[point]; entry == 0) {
            out.push_back(point);
        } else {
            const Entry& e = table_[entry - 1u];
            const std::uint32_t end = compatible ? e.compatible_end : e.canonical_end;
            for (std::uint32_t i = compatible ? e.canonical_end : e.begin; i < end; ++i)
                out.push_back(points_[i]);
        }
    }
    /// The code point that two compose to, or 0.
    char32_t compose(char32_t first, char32_t second) const {
        if (second >= 0x1161 && second < 0x1176 && first >= 0x1100 && first < 0x1113)
            return hangul + (first - 0x1100) * 588 + (second - 0x1161) * 28;
        if (second > 0x11A7 && second < 0x11C3 && first >= hangul && first < hangul + 11172)
            return (first - hangul) % 28 == 0 ? first + second - 0x11A7 : 0;
        const auto found = pairs_.find(std::uint64_t{first} << 32 | second);
        return found == pairs_.end() ? 0 : found->second;
    }

private:
    static constexpr char32_t hangul = 0xAC00;
    struct Entry {  // of points_: [begin, canonical_end) and [canonical_end, compatible_end)
        std::uint32_t begin, canonical_end, compatible_end;
    };
    struct Raw {
        char32_t point;
        bool compatible;
        std::vector<char32_t> to;
    };

    NormalizationData() {
        PackedNumbers classes(unicode::combining_classes);
        for (char32_t at = 0; !classes.done();) {
            at += classes.next();
            const std::uint32_t length = classes.next();
            classes_.assign(at, length, static_cast<std::uint8_t>(classes.next()));
            at += length;
        }
        classes_.finish();

        std::vector<Raw> raw;
        std::unordered_map<char32_t, std::size_t> place;
        PackedNumbers numbers(unicode::decompositions);
        for (char32_t at = 0; !numbers.done(); ++at) {
            at += numbers.next();
            const std::uint32_t kind = numbers.next();
            Raw& r = raw.emplace_back(Raw{at, (kind & 2) != 0, {}});
            auto before = static_cast<std::int32_t>(at);
            for (std::uint32_t i = 0; i < kind / 4; ++i)
                r.to.push_back(static_cast<char32_t>(before += numbers.next_signed()));
            if ((kind & 3) == 0) pairs_[std::uint64_t{r.to[0]} << 32 | r.to[1]] = at;
            place[at] = raw.size() - 1;
        }
        // What a code point decomposes to may decompose further: a few levels, of data that is our own.
        const auto expand = [&](auto& self, char32_t point, bool compatible) -> void {
            const auto found = place.find(point);
            if (found == place.end() || (raw[found->second].compatible && !compatible))
                points_.push_back(point);
            else
                for (const char32_t part : raw[found->second].to) self(self, part, compatible);
        };
        for (const Raw& r : raw) {
            Entry e{};
            e.begin = static_cast<std::uint32_t>(points_.size());
            expand(expand, r.point, false);
            e.canonical_end = static_cast<std::uint32_t>(points_.size());
            expand(expand, r.point, true);
            e.compatible_end = static_cast<std::uint32_t>(points_.size());
            table_.push_back(e);
            entries_.assign(r.point, 1, static_cast<std::uint16_t>(table_.size()));
        }
        entries_.finish();
    }

    CodePointMap<std::uint8_t> classes_;
    CodePointMap<std::uint16_t> entries_;
    std::vector<Entry> table_;
    std::vector<char32_t> points_;
    std::unordered_map<std::uint64_t, char32_t> pairs_;
};

/// Sorts each run of marks by class, equal classes as they stand.
inline void order_marks(const NormalizationData& data, std::vector<char32_t>& points) {
    struct Mark {
        std::size_t place;
        char32_t point;
        std::uint8_t combining_class;
    };
    std::vector<Mark> run;
    const auto end_run = [&](std::size_t end) {
        std::sort(run.begin(), run.end(), [](const Mark& a, const Mark& b) {
            return a.combining_class != b.combining_class ? a.combining_class < b.combining_class
                                                          : a.place < b.place;
        });
        for (std::size_t i = 0; i < run.size(); ++i) points[end - run.size() + i] = run[i].point;
        run.clear();
    };
    for (std::size_t i = 0; i < points.size(); ++i) {
        const std::uint8_t k = data.combining_class(points[i]);
        if (k != 0)
            run.push_back({i, points[i], k});
        else if (!run.empty())
            end_run(i);
    }
    end_run(points.size());
}

/// Composes in place: each starter with what follows it and is not blocked.
inline void compose(const NormalizationData& data, std::vector<char32_t>& points) {
    std::size_t out = 0, starter = 0;
    bool has_starter = false;
    int last_class = -1;  // of what was kept behind the starter
    for (std::size_t i = 0; i < points.size(); ++i) {
        const char32_t point = points[i];
        const int k = data.combining_class(point);
        if (has_starter && last_class < k) {
            if (const char32_t composed = data.compose(points[starter], point); composed != 0) {
                points[starter] = composed;
                continue;
            }
        }
        if (k == 0) {
            starter = out;
            has_starter = true;
            last_class = -1;
        } else {
            last_class = k;
        }
        points[out++] = point;
    }
    points.resize(out);
}

}

/// The text in a normalization form; malformed UTF-8 becomes U+FFFD.
/// Source   Unicode Standard Annex #15
inline std::string normalize(std::string_view text, NormalForm form) {
    bool ascii = true;
    for (const char c : text) ascii &= static_cast<unsigned char>(c) < 0x80;
    if (ascii) return std::string(text);
    const detail::NormalizationData& data = detail::NormalizationData::get();
    std::vector<char32_t> points;
    points.reserve(text.size());
    const bool compatible = form == NormalForm::nfkd || form == NormalForm::nfkc;
    detail::for_each_point(text,
                           [&](char32_t p, std::string_view) { data.decompose(p, compatible, points); });
    detail::order_marks(data, points);
    if (form == NormalForm::nfc || form == NormalForm::nfkc) detail::compose(data, points);
    std::string out;
    out.reserve(text.size());
    for (const char32_t p : points) append_utf8(out, p);
    return out;
}

}
