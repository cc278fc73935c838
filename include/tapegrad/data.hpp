// Data sets, loaders, splits; pictures and texts.
#pragma once

#include "data/augment.hpp"
#include "data/characters.hpp"
#include "data/collate.hpp"
#include "data/dataset.hpp"
#include "data/idx.hpp"
#include "data/images.hpp"
#include "data/loader.hpp"
#include "data/packing.hpp"
#include "data/point_sets.hpp"
#include "data/prefetch.hpp"
#include "data/split.hpp"
#include "data/windows.hpp"
