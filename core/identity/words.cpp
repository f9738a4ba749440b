#include "core/identity/words.h"

#include "core/base/digest.h"
#include "core/identity/word_list.h"

namespace nlbd::identity {

namespace {

constexpr Domain kWords{"rt1.words"};
constexpr unsigned kWordCount = 4;
constexpr unsigned kBitsPerWord = 11;

} // namespace

std::string fourWords(const PublicKey &key)
{
    const Hash hash = digest(kWords, key.view());
    std::uint64_t bits = 0; // the digest's first eight bytes, the first one on top
    for (std::size_t i = 0; i < sizeof bits; ++i)
        bits = bits << 8U | static_cast<std::uint64_t>(hash.value[i]);

    std::string text;
    for (unsigned word = 0; word < kWordCount; ++word) {
        const unsigned shift = 64 - kBitsPerWord * (word + 1);
        const auto place = static_cast<std::size_t>(bits >> shift & ((1U << kBitsPerWord) - 1));
        if (word > 0)
            text += ' ';
        text += kWordList[place];
    }
    return text;
}

} // namespace nlbd::identity
