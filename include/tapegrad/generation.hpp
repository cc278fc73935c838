// Text from a language model: samplers, and what puts them to work.
#pragma once

#include "generation/adaptive.hpp"
#include "generation/candidates.hpp"
#include "generation/contrastive.hpp"
#include "generation/dola.hpp"
#include "generation/draw.hpp"
#include "generation/generate.hpp"
#include "generation/generation_options.hpp"
#include "generation/language_model.hpp"
#include "generation/penalties.hpp"
#include "generation/perplexity.hpp"
#include "generation/sampler.hpp"
#include "generation/sampler_list.hpp"
#include "generation/scoring.hpp"
#include "generation/stop_texts.hpp"
#include "generation/token_text.hpp"
#include "generation/truncation.hpp"
