// The chores of a training run: checkpoints, logs, progress, evaluation, signals, profiles.
#pragma once

#include "train/checkpoint.hpp"
#include "train/checkpoints.hpp"
#include "train/evaluate.hpp"
#include "train/interrupt.hpp"
#include "train/log.hpp"
#include "train/loss_curve.hpp"
#include "train/master_weights.hpp"
#include "train/profiler.hpp"
#include "train/progress.hpp"
#include "train/seed.hpp"
#include "train/spike_guard.hpp"
#include "train/tensorboard.hpp"
