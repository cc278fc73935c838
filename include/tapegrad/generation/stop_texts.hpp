// Text that comes in parts, up to the first of some texts that end it: never a part of one of those is let through.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "../core/error.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// What comes out does not depend on where the parts are cut: it ends before the stop text that is complete first;
/// of several, before the one that began first.
class StopTexts {
public:
    StopTexts() = default;
    /// Throws   ValueError: an empty text
    explicit StopTexts(std::vector<std::string> stops) : stops_(std::move(stops)) {
        for (const std::string& stop : stops_)
            if (stop.empty()) detail::fail<ValueError>("StopTexts", "an empty text stops everything");
    }

    /// What may be shown once this part has come; what could be the beginning of a stop text waits.
    std::string push(std::string_view part) {
        if (stopped_) return {};
        waiting_ += part;
        std::size_t begin = 0, end = std::string::npos;
        for (const std::string& stop : stops_) {
            const std::size_t at = waiting_.find(stop);
            if (at == std::string::npos) continue;
            if (at + stop.size() < end || (at + stop.size() == end && at < begin)) {
                begin = at;
                end = at + stop.size();
            }
        }
        if (end != std::string::npos) {
            stopped_ = true;
            return take(begin);
        }
        return take(waiting_.size() - begun());
    }
    /// What waited; nothing behind a stop text.
    std::string finish() { return stopped_ ? std::string() : take(waiting_.size()); }
    bool stopped() const { return stopped_; }

private:
    /// How many bytes at the end could be the beginning of a stop text.
    std::size_t begun() const {
        std::size_t longest = 0;
        for (const std::string& stop : stops_)
            for (std::size_t n = std::min(stop.size() - 1, waiting_.size()); n > longest; --n)
                if (waiting_.ends_with(std::string_view(stop).substr(0, n))) longest = n;
        return longest;
    }
    std::string take(std::size_t n) {
        std::string out = waiting_.substr(0, n);
        waiting_.erase(0, n);
        return out;
    }

    std::vector<std::string> stops_;
    std::string waiting_;
    bool stopped_ = false;
};

}
