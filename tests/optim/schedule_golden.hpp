// Rates of torch.optim.lr_scheduler, tests/golden/schedule.safetensors. Compiled once, in schedule.cpp.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include <tapegrad/core/shape.hpp>

/// What the golden script stored under that name.
std::vector<double> golden_rates(const std::string& name);
/// Checks schedule(0), schedule(1), ... to 1e-14 of the largest.
void equals_golden_rates(const std::string& name, const std::function<double(std::int64_t)>& schedule);
