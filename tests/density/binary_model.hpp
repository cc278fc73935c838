// What every density of variables that are 0 or 1 must hold.
#pragma once

#include <cmath>
#include <tapegrad/density/binary.hpp>

#include "golden.hpp"

namespace support {

/// All 2^n pictures of n variables.
inline Tensor<double> every_picture(int64_t n) {
    Tensor<double> x = empty<double>({int64_t{1} << n, n});
    for (int64_t i = 0; i < x.numel(); ++i)
        detail::output(x)[i] = static_cast<double>((i / n) >> (n - 1 - i % n) & 1);
    return x;
}

/// Probabilities add up to 1, draws have them, and what is known of draws stays and leads to what follows.
template <class M>
void check_binary_model(const M& model, int64_t n = 3) {
    const no_grad constant;
    const Tensor<double> pictures = every_picture(n);
    const std::vector<double> p = to_vector(exp(model.log_prob(pictures)));
    double total = 0;
    for (const double v : p) total += v;
    CHECK(total == doctest::Approx(1).epsilon(1e-12));

    Generator g(5);
    const int64_t draws = 8000;
    const auto count = [&](const Tensor<double>& x) {
        std::vector<double> often(p.size());
        const std::vector<double> v = to_vector(x);
        for (std::size_t i = 0; i < v.size(); i += static_cast<std::size_t>(n)) {
            std::size_t picture = 0;
            for (std::size_t d = 0; d < static_cast<std::size_t>(n); ++d)
                picture = 2 * picture + (v[i + d] == 1 ? 1 : 0);
            often[picture] += 1 / static_cast<double>(draws);
        }
        return often;
    };
    const auto near = [&](double often, double chance) {
        return std::fabs(often - chance) < 5 * std::sqrt((chance * (1 - chance) + 1e-4) / draws);
    };
    const std::vector<double> often = count(model.sample(draws, g));
    for (std::size_t i = 0; i < p.size(); ++i) CHECK_MESSAGE(near(often[i], p[i]), often[i], " for ", p[i]);

    Tensor<bool> known = zeros<bool>({n});
    detail::output(known)[0] = true;
    const Tensor<double> ones_known = ones<double>({draws, n});
    const std::vector<double> rest = count(model.inpaint(ones_known, known, g));
    double with = 0;
    for (std::size_t i = p.size() / 2; i < p.size(); ++i) with += p[i];
    for (std::size_t i = 0; i < p.size(); ++i)
        CHECK_MESSAGE(near(rest[i], i < p.size() / 2 ? 0 : p[i] / with), rest[i]);
}

/// Logits of a variable depend on the variables before it and on no other; place is the turn of each.
inline void check_autoregressive(const OfTensor& logits, std::vector<int64_t> place, bool all_before = true) {
    const auto n = static_cast<int64_t>(place.size());
    const auto sees = dependencies(
        [&](const Tensor<double>& x) { return reshape(logits(unsqueeze(x, 0)), {n}); }, normal<double>({n}));
    for (std::size_t a = 0; a < place.size(); ++a)
        for (std::size_t b = 0; b < place.size(); ++b) {
            const bool may = place[b] < place[a];
            CHECK_MESSAGE((all_before ? sees[a][b] == may : may || !sees[a][b]), a, " of ", b);
        }
}

}
