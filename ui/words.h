#pragma once

#include "core/api/event.h"
#include "core/api/lobby.h"

#include <QDateTime>
#include <QString>

#include <vector>

/// Every sentence that depends on what happens, in one place: PRODUCT.md's words, testable without
/// a window. Short, calm, names first; each trouble says what happened, whether the text is safe
/// and what to do.
namespace nlbd::ui::words {

using People = std::vector<api::Person>;

/// "Thea", "Thea and Nikos", "Thea, Nikos and 2 others".
[[nodiscard]] QString names(const QStringList &people);
[[nodiscard]] QString nameOf(const People &people, std::optional<DeviceIndex> device);
[[nodiscard]] QStringList namesOf(const People &people, const std::vector<MemberIndex> &members);

/// "14:02" today, "yesterday", "Tuesday" within a week, else "12 Nov".
[[nodiscard]] QString when(WallTime time, const QDateTime &now);
/// The same for a title or a list, with the clock time.
[[nodiscard]] QString whenExactly(WallTime time);

/// The line under a name: "Writing here · 3 changes behind".
[[nodiscard]] QString personState(const api::Person &person, std::optional<DocIndex> here,
                                  const QDateTime &now);

/// The parts of the status line, each with an icon's name.
struct StatusPart {
    enum class Kind : std::uint8_t { Agreed, Pencil, Alone, Offline, Waiting } kind = Kind::Agreed;
    QString text;
};
[[nodiscard]] std::vector<StatusPart> status(const api::StatusChanged &status, const People &people,
                                             const QDateTime &now);

/// "With 3 people, agreement needs everyone. From 4 on, one may be away or cheat."; then how many
/// it needs, and how many may be away or cheat. Empty for one alone.
[[nodiscard]] QString agreementNeeds(std::size_t people);

/// The banner for refusals; `unread` counts them all.
[[nodiscard]] QString refused(const api::Refusal &latest, std::uint64_t unread,
                              const People &people);
/// The same for one of them, without its head.
[[nodiscard]] QString refusedBody(const api::Refusal &refusal, const People &people);
/// What was wrong, as the end of "It claimed to be written by X, but ...".
[[nodiscard]] QString whyRefused(Code code);

[[nodiscard]] QString trouble(const api::Trouble &trouble);
/// Rich text: a backup was written; one was put back, and what comes next.
[[nodiscard]] QString backedUp(const api::BackedUp &event);
[[nodiscard]] QString restored(const api::BackupRestored &event);
[[nodiscard]] QString trouble(const api::LobbyTrouble &trouble);

/// What the commands are called: "Undo typing "lamps"".
[[nodiscard]] QString undo(const api::UndoChanged &event);
[[nodiscard]] QString redo(const api::UndoChanged &event);

/// Title as shown: "Untitled" for an empty one.
[[nodiscard]] QString title(const std::string &title);
/// What the first line makes as a title: without Markdown's marks, at most 64 characters.
[[nodiscard]] QString titleFrom(const QString &firstLine);

[[nodiscard]] QString count(qint64 words);

} // namespace nlbd::ui::words
