// Tokenizers: byte-level BPE, SentencePiece, WordPiece, read from the files of others, trained and saved; chat
// templates. The files need nlohmann_json.
#pragma once

#include "text/added_tokens.hpp"
#include "text/bpe_merge.hpp"
#include "text/bpe_model.hpp"
#include "text/byte_alphabet.hpp"
#include "text/decoder.hpp"
#include "text/gpt2_files.hpp"
#include "text/json_value.hpp"
#include "text/normalization.hpp"
#include "text/normalizer.hpp"
#include "text/pre_tokenizer.hpp"
#include "text/scanner.hpp"
#include "text/split_pattern.hpp"
#include "text/text_file.hpp"
#include "text/token_model.hpp"
#include "text/tokenizer.hpp"
#include "text/unicode.hpp"
#include "text/unicode_tables.hpp"
#include "text/utf8.hpp"
#include "text/vocabulary.hpp"
#include "text/vocabulary_json.hpp"
