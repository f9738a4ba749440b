#pragma once

#include "core/identity/secret_key.h"

#include <expected>
#include <string>
#include <vector>

namespace nlbd::identity {

/// The words from word_list.h that are an identity key, on paper: whoever types them on a new
/// computer holds the key itself, and with it the word of that person in every workspace (PROTOCOL
/// C7, C16). Nothing else has to be stored, registered or trusted, and they are never sent.
///
///     12 words   16 bytes e | 4 bits of H("rt1.wordcheck", e)     seed = e | H("rt1.wordseed",
///     e)[0..16] 24 words   32 bytes seed | 8 bits of H("rt1.wordcheck", seed)           any other
///     seed
///
/// 11 bits per word, most significant first. Keys are drawn so that twelve are enough; the seed of
/// an older one is random in all its 32 bytes, and takes twice as many. Which it is shows in the
/// seed, so nothing is kept beside it. That half of a seed follows from the other does not show in
/// the key: Ed25519 hashes the seed before use. 128 random bits are out of reach of any search, so
/// no slow derivation is needed, as one would be for words that people choose.
[[nodiscard]] std::string recoveryWords(const SecretKey &key);

/// A fresh key that twelve words are enough for.
[[nodiscard]] SecretKey drawRecoverableKey(Random &random);

/// What is wrong with words that were typed.
struct WordSlip {
    enum class Kind : std::uint8_t {
        Count,    ///< neither 12 nor 24: `place` says how many
        Unknown,  ///< the word at `place` is not in the list
        Checksum, ///< all are in the list, but one of them is another, or two changed places
        Length,   ///< too long to be words of ours; nothing was looked at
    } kind = Kind::Count;
    std::size_t place = 0;                 ///< from 1
    std::string typed{};                   ///< lower case, cut if it is long
    std::vector<std::string_view> meant{}; ///< words of the list that are one slip away; few
    friend bool operator==(const WordSlip &, const WordSlip &) = default;
};

/// The key. Case, numbering ("1. abandon") and how words are separated do not matter; the first
/// four letters of a word stand for it. A word taken for another of the list goes unnoticed once in
/// 16 times with twelve words, once in 256 with 24: it is then a key that nobody knows, and the
/// four words of the public key tell.
[[nodiscard]] std::expected<SecretKey, WordSlip> keyFromWords(std::string_view text);

/// The slip as a sentence: what is wrong, and which word.
[[nodiscard]] std::string sentenceOf(const WordSlip &slip);

} // namespace nlbd::identity
