// All chance of a run from one seed.
#pragma once

#include <cstdlib>

#include "../core/random.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Starts the default generator of this thread and the C library's `rand` from the seed, and returns
/// generators by name that have nothing to do with each other or with the default one.
///   const Streams streams = seed_everything(1);
///   Generator data = streams("data"), dropout = streams("dropout");
class Streams {
public:
    explicit Streams(std::uint64_t seed) : base_(seed, 0x73747265616d73) {}
    std::uint64_t seed() const { return base_.seed(); }
    Generator operator()(std::string_view name) const {
        // FNV-1a, a hash of the name.
        std::uint64_t hash = 0xcbf29ce484222325;
        for (const char c : name) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
        return base_.split(hash);
    }

private:
    Generator base_;
};

inline Streams seed_everything(std::uint64_t seed) {
    manual_seed(seed);
    std::srand(static_cast<unsigned>(seed));
    return Streams(seed);
}

}
