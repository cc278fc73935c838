// Files: safetensors, npy, npz, CSV, JSON, PNG; DLPack. Compression is the library's own: nothing is linked. JSON
// needs nlohmann_json.
#pragma once

#include "io/atomic_file.hpp"
#include "io/byte_source.hpp"
#include "io/bytes.hpp"
#include "io/csv.hpp"
#include "io/deflate.hpp"
#include "io/dlpack.hpp"
#include "io/gzip.hpp"
#include "io/inflate.hpp"
#include "io/input_file.hpp"
#include "io/json.hpp"
#include "io/jsonl.hpp"
#include "io/npy.hpp"
#include "io/npy_header.hpp"
#include "io/npz.hpp"
#include "io/png.hpp"
#include "io/png_file.hpp"
#include "io/safetensors.hpp"
#include "io/safetensors_header.hpp"
#include "io/zip.hpp"
#include "io/zip_writer.hpp"
