// All elementary functions of a batch.
#pragma once

#include "erf.hpp"
#include "exp.hpp"
#include "inverse_trig.hpp"
#include "log.hpp"
#include "pow.hpp"
#include "round.hpp"
#include "trig.hpp"
