#include "core/identity/recovery_words.h"

#include "core/base/digest.h"
#include "core/identity/word_list.h"

#include <algorithm>
#include <sodium.h>

namespace nlbd::identity {

namespace {

constexpr Domain kWordSeed{"rt1.wordseed"};
constexpr Domain kWordCheck{"rt1.wordcheck"};
constexpr std::size_t kHalf = 16; // bytes that are drawn: 128 bits
constexpr std::size_t kSeedBytes = 32;
constexpr std::size_t kBitsPerWord = 11;
constexpr std::size_t kTextBytesMax = 1024; // 24 words of 7 letters, numbered, take 300
constexpr std::size_t kTypedBytesMax = 24;  // of a word, to be shown again
constexpr std::size_t kMeantMax = 3;
constexpr std::size_t kPrefix = 4; // no two words of the list share so many letters

/// The words for so many bytes: their bits and, as a checksum, one more for every 32.
constexpr std::size_t wordCountOf(std::size_t bytes)
{
    return (bytes * 8 + bytes / 4) / kBitsPerWord;
}
static_assert(wordCountOf(kHalf) == 12 && wordCountOf(kSeedBytes) == 24);

SecretBytes seedFromHalf(ByteView half)
{
    Hash rest = digest(kWordSeed, half);
    SecretBytes seed(kSeedBytes);
    std::ranges::copy(half, seed.bytes().begin());
    std::ranges::copy(ByteView(rest.value).first(kHalf), seed.bytes().begin() + kHalf);
    sodium_memzero(rest.value.data(), rest.value.size());
    return seed;
}

bool isFromHalf(ByteView seed)
{
    const SecretBytes same = seedFromHalf(seed.first(kHalf));
    return std::ranges::equal(same.view(), seed);
}

/// The byte behind the content, whose first bits are the checksum.
std::byte checkOf(ByteView content)
{
    return digest(kWordCheck, content).value.front();
}

bool isSeparator(char c)
{
    return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '.' || c == ',' || c == ';'
        || c == ':' || c == ')' || (c >= '0' && c <= '9');
}

std::vector<std::string> splitWords(std::string_view text)
{
    std::vector<std::string> words;
    bool isInside = false;
    for (const char c : text) {
        if (isSeparator(c)) {
            isInside = false;
            continue;
        }
        if (!isInside)
            words.emplace_back();
        isInside = true;
        words.back() += c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    }
    return words;
}

std::optional<std::size_t> placeOf(std::string_view word)
{
    const auto *const found = std::ranges::lower_bound(kWordList, word);
    if (found == kWordList.end())
        return std::nullopt;
    const bool isMeant = *found == word || (word.size() == kPrefix && found->starts_with(word));
    return isMeant ? std::optional(static_cast<std::size_t>(found - kWordList.begin()))
                   : std::nullopt;
}

/// One letter is another, is missing or too many, or two neighbours changed places.
bool isOneSlip(std::string_view typed, std::string_view word)
{
    const auto [a, b] = std::ranges::mismatch(typed, word);
    const std::string_view left = typed.substr(static_cast<std::size_t>(a - typed.begin()));
    const std::string_view right = word.substr(static_cast<std::size_t>(b - word.begin()));
    if (left.empty() || right.empty())
        return left.size() + right.size() <= 1;
    const bool isSwapped = left.size() >= 2 && right.size() >= 2 && left[0] == right[1]
        && left[1] == right[0] && left.substr(2) == right.substr(2);
    return isSwapped || left.substr(1) == right.substr(1) || left.substr(1) == right
        || left == right.substr(1);
}

std::vector<std::string_view> meantBy(std::string_view typed)
{
    std::vector<std::string_view> meant;
    for (const std::string_view word : kWordList)
        if (meant.size() < kMeantMax
            && (isOneSlip(typed, word)
                || (typed.size() > kPrefix && word.substr(0, kPrefix) == typed.substr(0, kPrefix))))
            meant.push_back(word);
    return meant;
}

} // namespace

SecretKey drawRecoverableKey(Random &random)
{
    SecretBytes half(kHalf);
    random.fill(half.bytes());
    return SecretKey::fromSeed(seedFromHalf(half.view()).view32());
}

std::string recoveryWords(const SecretKey &key)
{
    const SecretBytes seed = key.seed();
    const ByteView content = isFromHalf(seed.view()) ? seed.view().first(kHalf) : seed.view();
    SecretBytes bits(content.size() + 1);
    std::ranges::copy(content, bits.bytes().begin());
    bits.bytes().back() = checkOf(content);
    std::string text;
    for (std::size_t word = 0; word < wordCountOf(content.size()); ++word) {
        std::size_t place = 0;
        for (std::size_t bit = word * kBitsPerWord; bit < (word + 1) * kBitsPerWord; ++bit)
            place = place << 1U
                | (std::to_integer<std::size_t>(bits.view()[bit / 8]) >> (7 - bit % 8) & 1U);
        text += (word > 0 ? " " : "") + std::string(kWordList[place]);
    }
    return text;
}

std::expected<SecretKey, WordSlip> keyFromWords(std::string_view text)
{
    if (text.size() > kTextBytesMax)
        return std::unexpected(WordSlip{WordSlip::Kind::Length});
    const std::vector<std::string> words = splitWords(text);
    std::vector<std::size_t> places;
    for (const std::string &word : words) {
        const auto place = placeOf(word);
        if (!place)
            return std::unexpected(WordSlip{WordSlip::Kind::Unknown, places.size() + 1,
                                            word.substr(0, kTypedBytesMax), meantBy(word)});
        places.push_back(*place);
    }
    const std::size_t size = words.size() == wordCountOf(kHalf) ? kHalf : kSeedBytes;
    if (words.size() != wordCountOf(size))
        return std::unexpected(WordSlip{WordSlip::Kind::Count, words.size()});
    SecretBytes bits(size + 1);
    for (std::size_t bit = 0; bit < words.size() * kBitsPerWord; ++bit)
        if ((places[bit / kBitsPerWord] >> (kBitsPerWord - 1 - bit % kBitsPerWord) & 1U) != 0)
            bits.bytes()[bit / 8] |= std::byte{1} << (7 - bit % 8);
    const ByteView content = bits.view().first(size);
    const std::size_t spare = (size + 1) * 8 - words.size() * kBitsPerWord;
    if (checkOf(content) >> spare != bits.view().back() >> spare)
        return std::unexpected(WordSlip{WordSlip::Kind::Checksum});
    return SecretKey::fromSeed(size == kHalf ? seedFromHalf(content).view32()
                                             : content.first<kSeedBytes>());
}

std::string sentenceOf(const WordSlip &slip)
{
    std::string meant;
    for (std::size_t i = 0; i < slip.meant.size(); ++i)
        meant += (i == 0                           ? ""
                      : i + 1 == slip.meant.size() ? " or "
                                                   : ", ")
            + ("\"" + std::string(slip.meant[i]) + "\"");
    switch (slip.kind) {
    case WordSlip::Kind::Count:
        return "Recovery words are 12 or 24, and these are " + std::to_string(slip.place) + ".";
    case WordSlip::Kind::Unknown:
        return "Word " + std::to_string(slip.place) + ", \"" + slip.typed
            + "\", is not in the list of words."
            + (meant.empty() ? "" : " Perhaps it is " + meant + ".");
    case WordSlip::Kind::Checksum:
        return "Each word is in the list, but together they are no key: one of them is another "
               "than was written down, or two changed places.";
    case WordSlip::Kind::Length:
        return "This is too long to be recovery words, which are 12 or 24.";
    }
    return {};
}

} // namespace nlbd::identity
