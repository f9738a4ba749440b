#pragma once

#include "core/api/comments.h"

#include <string_view>

/// How comments are written down in a document: a thread is a mark on the letters that it is about,
/// whose value quotes them, and each message is a field of the document's own map.
///
///     mark   comment:<thread>            value: the quoted words
///     field  comment:<thread>:<message>  value: the message; removed if it is deleted
///     field  comment:<thread>            value: "resolved" or "open"
///
/// An id is its owner's member index and a number, sixteen lower hexadecimal digits. What others
/// than the owner set under it counts for nothing. A message is a line that lists the mentions,
/// `from+length=member` with commas between, and then its text:
///
///     0+4=2\nThea, is that so?
namespace nlbd::engine {

/// What a key names: a message, or without one a thread.
struct CommentKey {
    api::CommentId thread;
    std::optional<api::CommentId> message{};
    friend bool operator==(const CommentKey &, const CommentKey &) = default;
};
[[nodiscard]] std::string encodeKey(const CommentKey &key);
/// Nothing for all that encodeKey would not have written.
[[nodiscard]] std::optional<CommentKey> decodeKey(std::string_view key);

/// True for what a message may say.
[[nodiscard]] bool isGood(const api::CommentWords &words);
/// Precondition: isGood.
[[nodiscard]] std::string encodeWords(const api::CommentWords &words);
/// Nothing unless it is good: anybody may have written it.
[[nodiscard]] std::optional<api::CommentWords> decodeWords(std::string_view value);

inline constexpr std::string_view kResolved = "resolved";
inline constexpr std::string_view kOpen = "open";

} // namespace nlbd::engine
