// The version of the library; semantic versioning, `0.x` may change interfaces between minor versions.
#pragma once

#include "config.hpp"

#define TAPEGRAD_VERSION_MAJOR 0
#define TAPEGRAD_VERSION_MINOR 1
#define TAPEGRAD_VERSION_PATCH 0

namespace tapegrad::inline TAPEGRAD_ISA {

/// The version as text, "major.minor.patch".
constexpr const char* version() {
    return TAPEGRAD_STRING(TAPEGRAD_VERSION_MAJOR) "." TAPEGRAD_STRING(
        TAPEGRAD_VERSION_MINOR) "." TAPEGRAD_STRING(TAPEGRAD_VERSION_PATCH);
}

}
