// Forward declarations.
#pragma once

#include "core/config.hpp"

namespace tapegrad::inline TAPEGRAD_ISA {

/// Base of everything that a `map` lambda is evaluated on: batches, duals, traces and tensors. It is what
/// brings the functions of this namespace into argument-dependent lookup from a lambda that names none of it.
struct ValueTag {};

class bfloat16;
class float16;
class Generator;
template <class T>
class Tensor;

}
