// All elementary functions of a batch.
#pragma once

#include "erf.hpp"
#include "exp.hpp"
#include "fmod.hpp"
#include "gamma.hpp"
#include "hypot.hpp"
#include "inverse_hyperbolic.hpp"
#include "inverse_trig.hpp"
#include "log.hpp"
#include "polygamma.hpp"
#include "pow.hpp"
#include "round.hpp"
#include "trig.hpp"
