#pragma once

#include "core/api/comments.h"
#include "ui/words.h"

/// The words for comments.
namespace nlbd::ui::words {

[[nodiscard]] QString memberName(const People &people, MemberIndex member);

/// "14:02", "14:02, edited 14:05, in pencil".
[[nodiscard]] QString commentMoment(const api::Comment &comment, std::uint16_t seats,
                                    const QDateTime &now);

/// The words that a thread is about, in one line and in quotation marks.
[[nodiscard]] QString quoted(const std::string &quote);

/// "Resolved by Nikos, 14:02"; empty while it is open.
[[nodiscard]] QString resolvedBy(const api::CommentThread &thread, const People &people,
                                 const QDateTime &now);

/// A thread for who hears it: who speaks about what, and how much.
[[nodiscard]] QString threadAloud(const api::CommentThread &thread, bool isGone,
                                  const People &people);

/// Why something was not said, and that it is kept; empty if it was.
[[nodiscard]] QString whyNotWritten(api::CommentWritten::Result result);

/// Rich text of a banner: who named me, and in which document. `count`: of all that are unread.
[[nodiscard]] QString mentionedMe(const QString &name, const QString &title, std::size_t count);

} // namespace nlbd::ui::words
