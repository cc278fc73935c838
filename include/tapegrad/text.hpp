// UTF-8 and what tokenizers ask of Unicode.
#pragma once

#include "text/unicode.hpp"
#include "text/unicode_tables.hpp"
#include "text/utf8.hpp"
