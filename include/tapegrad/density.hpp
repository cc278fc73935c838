// Densities of pictures and other vectors, one variable after the other: exact log-probabilities, draws, inpainting.
#pragma once

#include "data/binarize.hpp"
#include "density/binary.hpp"
#include "density/fvsbn.hpp"
#include "density/gated_pixel_cnn.hpp"
#include "density/gated_pixels.hpp"
#include "density/image.hpp"
#include "density/image_gpt.hpp"
#include "density/made.hpp"
#include "density/made_density.hpp"
#include "density/nade.hpp"
#include "density/orderless_nade.hpp"
#include "density/pixel_cnn.hpp"
#include "density/pixel_cnn_pp.hpp"
#include "density/rnade.hpp"
#include "density/vae.hpp"
