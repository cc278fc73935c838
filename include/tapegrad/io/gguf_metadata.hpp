// GGUF's metadata: values under keys such as "llama.block_count".
#pragma once

#include <algorithm>

#include "gguf_value.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

class GgufMetadata {
public:
    using Entry = std::pair<std::string, GgufValue>;

    GgufMetadata() = default;
    GgufMetadata(std::initializer_list<Entry> entries)
        : GgufMetadata("metadata", std::vector<Entry>(entries)) {}
    /// `where` names the file in errors.
    /// Throws   IoError: a key that is there twice
    GgufMetadata(std::string where, std::vector<Entry> entries)
        : where_(std::move(where)), entries_(std::move(entries)) {
        for (std::size_t i = 0; i < entries_.size(); ++i) by_key_.push_back(i);
        std::sort(by_key_.begin(), by_key_.end(),
                  [this](std::size_t a, std::size_t b) { return entries_[a].first < entries_[b].first; });
        for (std::size_t i = 1; i < by_key_.size(); ++i)
            if (entries_[by_key_[i - 1]].first == entries_[by_key_[i]].first)
                fail("the key '", entries_[by_key_[i]].first, "' is there twice");
    }

    std::size_t size() const { return entries_.size(); }
    /// In the order of the file.
    std::vector<Entry>::const_iterator begin() const { return entries_.begin(); }
    std::vector<Entry>::const_iterator end() const { return entries_.end(); }

    /// The value of a key; null when there is none.
    const GgufValue* find(std::string_view key) const {
        const auto at = place(key);
        return at != by_key_.end() && entries_[*at].first == key ? &entries_[*at].second : nullptr;
    }
    bool contains(std::string_view key) const { return find(key) != nullptr; }
    /// Throws   IoError: no such key
    const GgufValue& at(std::string_view key) const {
        const GgufValue* const found = find(key);
        if (found == nullptr) fail("there is no key '", key, "'");
        return *found;
    }
    /// Gives a key a value, instead of the one that it had.
    void set(std::string key, GgufValue value) {
        const auto at = place(key);
        if (at != by_key_.end() && entries_[*at].first == key) {
            entries_[*at].second = std::move(value);
            return;
        }
        by_key_.insert(at, entries_.size());
        entries_.emplace_back(std::move(key), std::move(value));
    }

    /// Values of one type; with `absent`, that is the value of a key that is not there.
    /// Throws   IoError: no such key, a list, or a value of another type
    int64_t integer(std::string_view key) const {
        return single<int64_t>(key, [](const GgufValue& v) { return v.integer(); });
    }
    int64_t integer(std::string_view key, int64_t absent) const {
        return contains(key) ? integer(key) : absent;
    }
    double real(std::string_view key) const {
        return single<double>(key, [](const GgufValue& v) { return v.real(); });
    }
    double real(std::string_view key, double absent) const { return contains(key) ? real(key) : absent; }
    bool boolean(std::string_view key) const {
        return single<bool>(key, [](const GgufValue& v) { return v.boolean(); });
    }
    bool boolean(std::string_view key, bool absent) const { return contains(key) ? boolean(key) : absent; }
    std::string string(std::string_view key) const {
        return single<std::string>(key, [](const GgufValue& v) { return std::string(v.string()); });
    }
    std::string string(std::string_view key, std::string_view absent) const {
        return contains(key) ? string(key) : std::string(absent);
    }
    /// Lists of one type.
    /// Throws   IoError: no such key, a single value, or values of another type
    std::vector<int64_t> integers(std::string_view key) const {
        return list<int64_t>(key, [](const GgufValue& v, int64_t i) { return v.integer(i); });
    }
    std::vector<double> reals(std::string_view key) const {
        return list<double>(key, [](const GgufValue& v, int64_t i) { return v.real(i); });
    }
    std::vector<std::string> strings(std::string_view key) const {
        return list<std::string>(key, [](const GgufValue& v, int64_t i) { return std::string(v.string(i)); });
    }

    /// An IoError that names the file.
    template <class... Parts>
    [[noreturn, gnu::cold]] void fail(const Parts&... parts) const {
        detail::fail<IoError>("gguf", where_, ": ", parts...);
    }

private:
    std::vector<std::size_t>::const_iterator place(std::string_view key) const {
        return std::lower_bound(by_key_.begin(), by_key_.end(), key,
                                [this](std::size_t i, std::string_view k) { return entries_[i].first < k; });
    }
    template <class T, class F>
    T single(std::string_view key, F get) const {
        const GgufValue& value = at(key);
        if (value.is_array()) fail(key, ": holds ", value.type_name(), ", not a single value");
        return checked<T>(key, [&] { return get(value); });
    }
    template <class T, class F>
    std::vector<T> list(std::string_view key, F get) const {
        const GgufValue& value = at(key);
        if (!value.is_array()) fail(key, ": holds ", value.type_name(), ", not a list");
        std::vector<T> result;
        for (int64_t i = 0; i < value.count(); ++i)
            result.push_back(checked<T>(key, [&] { return get(value, i); }));
        return result;
    }
    template <class T, class F>
    T checked(std::string_view key, F get) const {
        try {
            return get();
        } catch (const DtypeError& e) {
            fail(key, ": ", std::string_view(e.what()).substr(12));  // without "gguf_value: "
        }
    }

    std::string where_ = "metadata";
    std::vector<Entry> entries_;
    std::vector<std::size_t> by_key_;  // places in entries_, ascending by key
};

}
