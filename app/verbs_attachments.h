#pragma once

#include "app/verb_parts.h"

/// What verbs about attachments share.
namespace nlbd::app::verbs {

inline constexpr std::size_t kStartMin = 4; ///< digits that name one
inline constexpr std::size_t kStartShown = 12;

/// By the first digits of what names it; in the document of --document, if one is named.
[[nodiscard]] std::expected<api::AttachmentInfo, VerbReply>
findAttachment(const WorkspaceHost &host, const Request &request);

/// What is on the disk is known a moment after a start. False: the program ends.
[[nodiscard]] bool whenReady(Runtime &runtime);

} // namespace nlbd::app::verbs
