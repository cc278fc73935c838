// Whole models, and their files in Hugging Face's forms. JSON needs nlohmann_json.
#pragma once

#include "models/bert.hpp"
#include "models/config_file.hpp"
#include "models/config_json.hpp"
#include "models/configs.hpp"
#include "models/decoder.hpp"
#include "models/deepseek_v2.hpp"
#include "models/gpt.hpp"
#include "models/llama.hpp"
#include "models/pretrained.hpp"
