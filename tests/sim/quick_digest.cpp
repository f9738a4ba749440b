// Digests, remembered. Every seat digests what it is told, and in this program all seats are one
// process: three of four digests were reckoned a moment before. The names take the library's place
// in this program alone; what is not remembered its one-shot function reckons.

#include "tests/sim/remembered.h"

#include <new>
#include <sodium.h>
#include <vector>

namespace {

using Digests = nlbd::sim::Remembered<216, crypto_generichash_blake2b_BYTES_MAX, 4096>;

/// Lies in the caller's state: what is to be digested, until it ends.
struct Question {
    std::uint32_t size = 0;
    std::uint32_t head = 0;                     ///< before what is digested: sizes, personal, key
    std::vector<unsigned char> *rest = nullptr; ///< all of it, where it is longer
    std::array<unsigned char, 320> bytes;

    void add(const void *more, std::size_t count)
    {
        if (count == 0)
            return;
        const auto *from = static_cast<const unsigned char *>(more);
        if (rest == nullptr && size + count > bytes.size())
            rest = new std::vector<unsigned char>(bytes.begin(), bytes.begin() + size);
        if (rest != nullptr)
            rest->insert(rest->end(), from, from + count);
        else
            std::memcpy(bytes.data() + size, from, count);
        size += static_cast<std::uint32_t>(count);
    }
    [[nodiscard]] const unsigned char *data() const noexcept
    {
        return rest != nullptr ? rest->data() : bytes.data();
    }
};
static_assert(sizeof(Question) <= sizeof(crypto_generichash_blake2b_state));
static_assert(alignof(Question) <= alignof(crypto_generichash_blake2b_state));

constexpr std::size_t kPersonalAt = 2; // after the sizes of result and key
constexpr std::size_t kKeyAt = kPersonalAt + crypto_generichash_blake2b_PERSONALBYTES;

Question &questionIn(crypto_generichash_blake2b_state *state)
{
    return *std::launder(reinterpret_cast<Question *>(state));
}

int reckon(const Question &question, unsigned char *out)
{
    const unsigned char *at = question.data();
    return crypto_generichash_blake2b_salt_personal(
        out, at[0], at + question.head, question.size - question.head,
        at[1] == 0 ? nullptr : at + kKeyAt, at[1], nullptr, at + kPersonalAt);
}

} // namespace

extern "C" int crypto_generichash_blake2b_init_salt_personal(
    crypto_generichash_blake2b_state *state, const unsigned char *key, const size_t keylen,
    const size_t outlen, const unsigned char *salt, const unsigned char *personal)
{
    if (salt != nullptr || personal == nullptr)
        return -1; // nobody asks for it
    Question &question = *new (state) Question;
    const std::array<unsigned char, 2> sizes{static_cast<unsigned char>(outlen),
                                             static_cast<unsigned char>(keylen)};
    question.add(sizes.data(), sizes.size());
    question.add(personal, crypto_generichash_blake2b_PERSONALBYTES);
    question.add(key, keylen);
    question.head = question.size;
    return 0;
}

extern "C" int crypto_generichash_blake2b_update(crypto_generichash_blake2b_state *state,
                                                 const unsigned char *in, unsigned long long inlen)
{
    questionIn(state).add(in, inlen);
    return 0;
}

extern "C" int crypto_generichash_blake2b_final(crypto_generichash_blake2b_state *state,
                                                unsigned char *out, const size_t outlen)
{
    static Digests known;
    const Question &question = questionIn(state);
    if (question.size > Digests::kBytesMax) {
        const int result = reckon(question, out);
        delete question.rest;
        return result;
    }
    Digests::Entry &entry = known.placeOf(question.data(), question.size);
    if (!Digests::isAnswered(entry, question.data(), question.size)) {
        if (const int result = reckon(question, entry.answer.data()); result != 0)
            return result;
        Digests::take(entry, question.data(), question.size);
    }
    std::memcpy(out, entry.answer.data(), outlen);
    return 0;
}
