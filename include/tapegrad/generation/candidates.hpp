// The tokens that may come next, with their logits: the whole vocabulary at first, then what samplers leave of it.
//
// As long as nothing was thrown out, the logits lie as the model gave them and a token is its place. Then those that
// are left stand close together, in the order of their tokens, and what comes later looks at them alone.
#pragma once

#include <algorithm>
#include <cmath>
#include <optional>
#include <span>

#include "../core/dtype.hpp"
#include "../core/error.hpp"
#include "../simd/argmax.hpp"
#include "../simd/keep.hpp"
#include "../simd/weights.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

template <Floating T>
class Candidates {
public:
    /// All tokens of a vocabulary. The logits are read only, and must outlive this; -inf is no candidate.
    /// Throws   ValueError: no logits, a logit that is NaN or +inf, all of them -inf
    explicit Candidates(std::span<const T> logits)
        : logits_(logits.data()), size_(std::ssize(logits)), vocabulary_(size_) {
        if (size_ == 0) detail::fail<ValueError>("sample", "there are no logits: the vocabulary is empty");
        static_cast<void>(top());
    }
    Candidates(const Candidates&) = delete;
    Candidates& operator=(const Candidates&) = delete;

    /// How many are left.
    int64_t size() const { return size_; }
    int64_t vocabulary() const { return vocabulary_; }
    std::span<const T> logits() const { return {logits_, static_cast<std::size_t>(size_)}; }
    int64_t token(int64_t place) const { return dense_ ? place : tokens_[place]; }
    /// The place of a token, or -1 if it was thrown out.
    /// Throws   IndexError: a token outside the vocabulary
    int64_t find(int64_t token) const {
        if (token < 0 || token >= vocabulary_)
            detail::fail<IndexError>("sample", "token ", token, " is outside a vocabulary of ", vocabulary_);
        if (dense_) return token;
        const int64_t* const end = tokens_.data() + size_;
        const int64_t* const at = std::lower_bound(tokens_.data(), end, token);
        return at != end && *at == token ? at - tokens_.data() : -1;
    }

    /// The largest logit.
    /// Throws   ValueError: a logit is NaN or +inf, or all are -inf
    T top() const {
        if (!top_) top_ = checked_top();
        return *top_;
    }
    /// Sums over all weights e^(logit - top()).
    const simd::WeightSums& sums() const {
        if (!sums_) sums_ = simd::sum_weights(logits_, size_, top());
        return *sums_;
    }
    /// The logarithm of the sum of e^logit.
    double log_total() const { return static_cast<double>(top()) + std::log(sums().total); }
    /// In nats.
    double entropy() const {
        const double h = std::log(sums().total) - sums().weighted / sums().total;
        return h > 0 ? h : 0;  // rounding of a distribution of one
    }

    /// The logits, to be changed.
    std::span<T> edit() {
        own();
        top_.reset();
        sums_.reset();
        return {work_.data(), static_cast<std::size_t>(size_)};
    }
    /// Throws out what is less than `least`, but never the largest.
    void keep_at_least(T least) {
        replace(simd::keep_at_least(logits_, names(), size_, least < top() ? least : top(), room(),
                                    tokens_room()));
    }
    /// Throws out what is farther than `distance` from `center`. Something has to be left.
    void keep_within(T center, T distance) {
        replace(simd::keep_within(logits_, names(), size_, center, distance, room(), tokens_room()));
        top_.reset();
    }
    /// Throws out everything but one.
    void keep_only(int64_t place) {
        const T logit = logits_[place];
        const int64_t only = token(place);
        *room() = logit;
        *tokens_room() = only;
        replace(1);
        top_ = logit;
    }
    /// The place of the largest, the first of several.
    int64_t largest() const {
        static_cast<void>(top());
        int64_t place = 0;
        simd::argmax(logits_, &place, 1, size_, 1);
        return place;
    }

    /// Puts a draw's sums where `sums()` finds them: they are the same.
    void remember(const simd::WeightSums& sums) { sums_ = sums; }

    /// Writes a logit for each token of the vocabulary: -inf for those that were thrown out.
    void write(T* out) const {
        if (dense_) {
            std::copy(logits_, logits_ + size_, out);
            return;
        }
        std::fill(out, out + vocabulary_, -std::numeric_limits<T>::infinity());
        for (int64_t i = 0; i < size_; ++i) out[tokens_[i]] = logits_[i];
    }

private:
    const int64_t* names() const { return dense_ ? nullptr : tokens_.data(); }

    T checked_top() const {
        T value;
        simd::amax(logits_, &value, 1, size_, 1);
        if (!(std::abs(value) <= std::numeric_limits<T>::max())) refuse(value);
        return value;
    }
    [[noreturn, gnu::cold, gnu::noinline]] void refuse(T value) const {
        if (value < T(0)) detail::fail<ValueError>("sample", "all logits are -inf: no token can come next");
        int64_t place = 0;
        simd::argmax(logits_, &place, 1, size_, 1);
        detail::fail<ValueError>("sample", "the logit of token ", token(place), " is ",
                                 value != value ? "NaN" : "+inf");
    }

    T* room() {
        if (work_.size() == 0) work_ = Scratch<T>(vocabulary_);
        return work_.data();
    }
    int64_t* tokens_room() {
        if (tokens_.size() == 0) tokens_ = Scratch<int64_t>(vocabulary_);
        return tokens_.data();
    }
    void replace(int64_t count) {
        dense_ = false;
        logits_ = work_.data();
        size_ = count;
        sums_.reset();
    }
    void own() {
        if (logits_ == work_.data()) return;
        std::copy(logits_, logits_ + size_, room());
        logits_ = work_.data();
    }

    const T* logits_;
    int64_t size_, vocabulary_;
    bool dense_ = true;        // all are there: the place of a token is its number
    Scratch<T> work_;          // the logits, once they were changed
    Scratch<int64_t> tokens_;  // the tokens, once some were thrown out
    mutable std::optional<T> top_;
    mutable std::optional<simd::WeightSums> sums_;
};

}
