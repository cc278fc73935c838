// Densities of pictures and other vectors, one variable after the other: exact log-probabilities, draws, inpainting.
#pragma once

#include "data/binarize.hpp"
#include "density/binary.hpp"
#include "density/fvsbn.hpp"
#include "density/made.hpp"
#include "density/made_density.hpp"
#include "density/nade.hpp"
#include "density/orderless_nade.hpp"
#include "density/rnade.hpp"
#include "density/vae.hpp"
