// Files: safetensors, npy, npz, CSV, JSON, PNG; DLPack. JSON needs nlohmann_json; with TAPEGRAD_WITH_ZLIB and
// TAPEGRAD_WITH_PNG compressed files and pictures are there too, and zlib and libpng are linked.
#pragma once

#include "io/atomic_file.hpp"
#include "io/byte_source.hpp"
#include "io/bytes.hpp"
#include "io/compression.hpp"
#include "io/csv.hpp"
#include "io/dlpack.hpp"
#include "io/input_file.hpp"
#include "io/json.hpp"
#include "io/jsonl.hpp"
#include "io/npy.hpp"
#include "io/npy_header.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "io/safetensors.hpp"
#include "io/safetensors_header.hpp"
#include "io/safetensors_index.hpp"
#include "io/safetensors_writer.hpp"
#include "io/weight_file.hpp"
#include "io/zip.hpp"
#include "io/zip_writer.hpp"
