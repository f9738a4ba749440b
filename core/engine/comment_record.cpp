#include "core/engine/comment_record.h"

#include "core/base/check.h"
#include "core/base/limits.h"
#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"

#include <array>
#include <charconv>

namespace nlbd::engine {

namespace {

constexpr std::size_t kIdDigits = 16;
constexpr std::size_t kMemberDigits = 4;

void appendHex(std::string &out, std::uint64_t value, std::size_t digits)
{
    constexpr std::string_view kDigits = "0123456789abcdef";
    for (std::size_t i = digits; i-- > 0;)
        out += kDigits[value >> (4 * i) & 0xFU];
}

void appendId(std::string &out, const api::CommentId &id)
{
    appendHex(out, id.member.value, kMemberDigits);
    appendHex(out, id.number, kIdDigits - kMemberDigits);
}

std::optional<api::CommentId> idFrom(std::string_view digits)
{
    std::uint64_t value = 0;
    for (const char digit : digits) {
        const bool isDecimal = digit >= '0' && digit <= '9';
        if (!isDecimal && (digit < 'a' || digit > 'f'))
            return std::nullopt;
        value =
            value << 4U | static_cast<std::uint64_t>(isDecimal ? digit - '0' : digit - 'a' + 10);
    }
    return api::CommentId{MemberIndex(static_cast<std::uint16_t>(value >> 48U)),
                          value & 0xFFFF'FFFF'FFFFULL};
}

/// Takes a number and what must stand behind it off the front.
template <typename Number>
bool takeNumber(std::string_view &from, Number &number, char behind)
{
    const auto [end, error] = std::from_chars(from.data(), from.data() + from.size(), number);
    if (error != std::errc())
        return false;
    from.remove_prefix(static_cast<std::size_t>(end - from.data()));
    const bool isEnd = from.empty() && behind == ',';
    if (!isEnd && (from.empty() || from.front() != behind))
        return false;
    from.remove_prefix(isEnd ? 0 : 1);
    return true;
}

} // namespace

std::string encodeKey(const CommentKey &key)
{
    std::string text(crdt::kCommentPrefix);
    appendId(text, key.thread);
    if (key.message) {
        text += ':';
        appendId(text, *key.message);
    }
    return text;
}

std::optional<CommentKey> decodeKey(std::string_view key)
{
    if (!crdt::isCommentKey(key))
        return std::nullopt;
    key.remove_prefix(crdt::kCommentPrefix.size());
    const bool hasMessage = key.size() == 2 * kIdDigits + 1 && key[kIdDigits] == ':';
    if (!hasMessage && key.size() != kIdDigits)
        return std::nullopt;
    const auto thread = idFrom(key.substr(0, kIdDigits));
    if (!thread)
        return std::nullopt;
    CommentKey result{*thread, std::nullopt};
    if (hasMessage) {
        result.message = idFrom(key.substr(kIdDigits + 1));
        if (!result.message)
            return std::nullopt;
    }
    return result;
}

bool isGood(const api::CommentWords &words)
{
    if (words.text.empty() || words.text.size() > api::CommentWords::kTextBytesMax
        || words.mentions.size() > api::CommentWords::kMentionsMax || !utf8::isValid(words.text))
        return false;
    const TextOffset length = utf8::length(words.text);
    TextOffset at = 0;
    for (const api::Mention &mention : words.mentions) {
        if (mention.from < at || mention.from > length || mention.length == 0
            || mention.length > length - mention.from)
            return false;
        at = mention.from + mention.length;
    }
    return true;
}

std::string encodeWords(const api::CommentWords &words)
{
    CHECK(isGood(words));
    std::string value;
    for (const api::Mention &mention : words.mentions) {
        value += value.empty() ? "" : ",";
        value += std::to_string(mention.from) + '+' + std::to_string(mention.length) + '='
            + std::to_string(mention.member.value);
    }
    value += '\n';
    value += words.text;
    CHECK(value.size() <= limits::kFieldValueBytesMax);
    return value;
}

std::optional<api::CommentWords> decodeWords(std::string_view value)
{
    const std::size_t line = value.find('\n');
    if (line == std::string_view::npos)
        return std::nullopt;
    api::CommentWords words;
    words.text = std::string(value.substr(line + 1));
    std::string_view list = value.substr(0, line);
    while (!list.empty() && words.mentions.size() <= api::CommentWords::kMentionsMax) {
        api::Mention mention;
        if (!takeNumber(list, mention.from, '+') || !takeNumber(list, mention.length, '=')
            || !takeNumber(list, mention.member.value, ','))
            return std::nullopt;
        words.mentions.push_back(mention);
    }
    return isGood(words) ? std::optional(std::move(words)) : std::nullopt;
}

} // namespace nlbd::engine
