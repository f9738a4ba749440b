#pragma once

#include "core/api/past.h"
#include "ui/words.h"

/// The words for how a page was and what happened while people were apart.
namespace nlbd::ui::words {

/// "14 Nov 18:02 to 18:09"; of another year with that.
[[nodiscard]] QString pastTime(const api::PastGroup &group, const QDateTime &now);

/// "41 letters more, 3 fewer"; what was only formatted or named says so.
[[nodiscard]] QString pastAmount(const api::PastGroup &group);

/// A group as a sentence: who, when, how much, and whether it is agreed: "agreed by 4 of 4, known
/// here since 14 Nov 18:05", "in pencil: 2 of 4 have it", nothing of that for one alone.
[[nodiscard]] QString pastGroup(const api::PastGroup &group, std::uint16_t seats,
                                const People &people, const QDateTime &now);

/// "Added by Thea Kallas, 14 Nov 18:02: 'lamps'".
[[nodiscard]] QString pastRun(const api::PastRun &run, const QString &name, const QString &text,
                              const QDateTime &now);

/// What will happen, before somebody restores; and what did.
[[nodiscard]] QString restoreAll(const api::PastGroup &group, const QDateTime &now);
[[nodiscard]] QString restored(const api::PastRestored &event);

/// "While you were apart: Thea Kallas made 41 changes in 3 places".
[[nodiscard]] QString apart(const api::ApartInfo &info, const People &people);

/// One place of the tour: "2 of 3: Thea Kallas, 14 Nov 18:02. Before: "old". Now: "new"."
[[nodiscard]] QString apartPlace(const api::ApartPlace &place, std::size_t index, std::size_t count,
                                 const People &people, const QDateTime &now);

} // namespace nlbd::ui::words
