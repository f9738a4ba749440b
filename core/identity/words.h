#pragma once

#include "core/base/ids.h"

namespace nlbd::identity {

/// Four words that two people read to each other to know that they mean the same key: 44 bits of
/// its digest, 11 per word, first word first, from word_list.h. Separated by single spaces.
/// Finding another key with the same words takes about 2^44 key pairs: enough while both listen,
/// not a replacement for the key, which every signature is checked with.
[[nodiscard]] std::string fourWords(const PublicKey &key);

} // namespace nlbd::identity
