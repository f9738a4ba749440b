#pragma once

#include "app/loop.h"
#include "app/verbs.h"

#include <nlohmann/json.hpp>

namespace nlbd::app {

[[nodiscard]] std::string lineOf(const nlohmann::json &json);
/// "refused" and "refusedByCode"; "notedByCode" for what came and was not turned away.
[[nodiscard]] nlohmann::json countsOf(const std::vector<api::Refusal> &refusals);

/// One function per verb. Each asks the loop and returns; none changes anything but what it names.
namespace verbs {

// people: verbs_people.cpp
[[nodiscard]] VerbReply init(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply card(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply invite(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply found(Runtime &runtime, const Request &request);
/// The people of --with.
[[nodiscard]] std::expected<std::vector<Contact>, VerbReply> readCards(const Request &request);
[[nodiscard]] VerbReply accept(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply decline(Runtime &runtime, const Request &request);

// joining: verbs_joining.cpp
[[nodiscard]] VerbReply join(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply requests(Runtime &runtime, const Request &request);
/// Whom "admit" means: somebody who asks, by name or by the first digits of the device, or a card.
[[nodiscard]] std::expected<api::Wish, std::string>
readAdmission(const Loop &loop, const WorkspaceId &workspace, const std::string &whom);

// texts: verbs_texts.cpp
[[nodiscard]] VerbReply show(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply edit(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply create(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply import(Runtime &runtime, const Request &request);

// looking: verbs_looking.cpp
[[nodiscard]] VerbReply list(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply log(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply blame(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply status(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply verify(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply evidence(Runtime &runtime, const Request &request);

// attachments: verbs_attachments.cpp
[[nodiscard]] VerbReply attachments(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply attach(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply detach(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply fetch(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply saveAttachment(Runtime &runtime, const Request &request);
/// How the file is that attach or save-attachment began with. Asked for by VerbReply::next.
[[nodiscard]] VerbReply fileProgress(Runtime &runtime, const Request &request);

// decisions: verbs_decisions.cpp
[[nodiscard]] VerbReply propose(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply vote(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply decisions(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply members(Runtime &runtime, const Request &request);

// removal: verbs_rejected.cpp
[[nodiscard]] VerbReply takeBack(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply rejected(Runtime &runtime, const Request &request);

// workspaces that begin with what another held: verbs_anew.cpp
[[nodiscard]] VerbReply foundAnew(Runtime &runtime, const Request &request);

// devices: verbs_devices.cpp
[[nodiscard]] VerbReply devices(Runtime &runtime, const Request &request);

// the words that are a key: verbs_recovery.cpp
[[nodiscard]] VerbReply recovery(Runtime &runtime, const Request &request);

// one file that holds everything: verbs_backup.cpp
[[nodiscard]] VerbReply backUp(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply restoreBackup(Runtime &runtime, const Request &request);
/// How these are, once they have begun: asked for by VerbReply::next.
[[nodiscard]] VerbReply backUpProgress(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply restoreProgress(Runtime &runtime, const Request &request);

// archives: verbs_archive.cpp
[[nodiscard]] VerbReply archive(Runtime &runtime, const Request &request);
[[nodiscard]] VerbReply verifyArchive(Runtime &runtime, const Request &request);

} // namespace verbs

/// What every question to a program that is ending is answered with.
[[nodiscard]] VerbReply ending();

/// Finds what --workspace names: by name, or by the first digits of its id; the only one if nothing
/// is named. Or the reply that says why not.
[[nodiscard]] std::expected<WorkspaceHost *, VerbReply> findWorkspace(Loop &loop,
                                                                      const Request &request);

/// A document by title, or by its number as list shows it.
[[nodiscard]] std::expected<DocIndex, VerbReply> findDocument(const WorkspaceHost &host,
                                                              const Request &request);

/// What a verb waits for that others are not to wait for as well.
inline constexpr Millis kMoment{50};
/// "1.5 MB".
[[nodiscard]] std::string sizeText(std::uint64_t bytes);
/// A workspace by its whole id.
[[nodiscard]] std::optional<WorkspaceId> workspaceFrom(const std::string &digits);

/// Asks again and again until the answer is true or the time has passed.
[[nodiscard]] bool waitUntil(Runtime &runtime, const std::function<bool(Loop &)> &question,
                             Millis timeout);

/// What a verb that signs begins with: after a start it takes a moment until it is known whether
/// this folder may (core/engine/self_guard.h). Nothing, or why it may not.
[[nodiscard]] std::optional<VerbReply> whenMaySign(Runtime &runtime, const Request &request);

/// What a verb that changes something ends with: durable, or why not.
[[nodiscard]] VerbReply whenStored(Runtime &runtime, const WorkspaceId &workspace,
                                   nlohmann::json line);

/// Where recovery words, or a backup, bring a seat back, and where not (PROTOCOL C16): the names of
/// workspaces in which nothing is decided without the computer that was lost.
[[nodiscard]] std::string sayStuck(const std::vector<std::string> &workspaces);

/// The trouble that came since `before` were told, if any.
[[nodiscard]] std::optional<api::LobbyTrouble> newTrouble(const Loop &loop, std::uint64_t before);

/// The exit code that a trouble stands for.
[[nodiscard]] Exit exitOf(const api::LobbyTrouble &trouble);

/// What was repaired and what stays closed: to be said beside the reply of whatever verb comes
/// first, as nobody else hears of it.
[[nodiscard]] std::vector<std::string> notesOf(Runtime &runtime);

/// Before a program ends: stores what waits for the disk, or says what is lost and why.
[[nodiscard]] VerbReply storeLast(Runtime &runtime);

/// A title from another computer, fit for a terminal: a line of its own, no control characters.
[[nodiscard]] std::string plainLine(std::string_view text);

/// "1 member", "2 members".
[[nodiscard]] std::string counted(std::uint64_t count, std::string_view what);

/// UTC, to the second.
[[nodiscard]] std::string timeText(WallTime when);

} // namespace nlbd::app
