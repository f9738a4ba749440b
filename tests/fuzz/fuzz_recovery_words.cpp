#include "core/identity/recovery_words.h"

#include <cstdlib>

/// Any bytes as words that somebody typed. What is a key is the same key in its own words; what is
/// none has a sentence.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    using namespace nlbd;
    const auto key = identity::keyFromWords(viewOf(std::as_bytes(std::span(data, size))));
    if (!key)
        return identity::sentenceOf(key.error()).empty() ? std::abort(), 0 : 0;
    const auto again = identity::keyFromWords(identity::recoveryWords(*key));
    if (!again || again->publicKey() != key->publicKey())
        std::abort();
    return 0;
}
