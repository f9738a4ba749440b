// Products of points and secrets, remembered. Each seat recomputes every box of a key that is
// offered (core/keys/sealing), and in this program all seats are one process: a sixth of the
// simulator's time went into asking the same again. What a product is depends on nothing else, so
// nobody checks less. The name takes the library's place in this program alone.

#include <array>
#include <cstddef>
#include <cstring>
#include <sodium.h>
#include <string_view>
#include <unordered_map>

namespace {

struct Question {
    std::array<unsigned char, 64> bytes{}; ///< secret, point

    friend bool operator==(const Question &a, const Question &b) noexcept
    {
        return std::memcmp(a.bytes.data(), b.bytes.data(), a.bytes.size()) == 0;
    }
};
struct HashOf {
    std::size_t operator()(const Question &question) const noexcept
    {
        return std::hash<std::string_view>()(
            {reinterpret_cast<const char *>(question.bytes.data()), question.bytes.size()});
    }
};
struct Answer {
    int result = 0;
    std::array<unsigned char, 32> product{};
};

constexpr std::size_t kRememberedMax = 16'384; // of some worlds

/// Without a point: the secret times the base.
template <typename Multiply>
int remembered(unsigned char *q, const unsigned char *n, const unsigned char *p, Multiply multiply)
{
    static std::unordered_map<Question, Answer, HashOf> known;
    Question question;
    std::memcpy(question.bytes.data(), n, 32);
    if (p != nullptr)
        std::memcpy(question.bytes.data() + 32, p, 32);
    if (known.size() >= kRememberedMax)
        known.clear();
    const auto [answer, isNew] = known.try_emplace(question);
    if (isNew)
        answer->second.result = multiply(answer->second.product.data());
    std::memcpy(q, answer->second.product.data(), answer->second.product.size());
    return answer->second.result;
}

} // namespace

extern "C" int crypto_scalarmult(unsigned char *q, const unsigned char *n, const unsigned char *p)
{
    return remembered(q, n, p, [n, p](unsigned char *product) {
        return crypto_scalarmult_curve25519(product, n, p);
    });
}

extern "C" int crypto_scalarmult_base(unsigned char *q, const unsigned char *n)
{
    return remembered(q, n, nullptr, [n](unsigned char *product) {
        return crypto_scalarmult_curve25519_base(product, n);
    });
}
