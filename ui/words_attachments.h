#pragma once

#include "ui/words.h"

/// The sentences about files that are attached to documents.
namespace nlbd::ui::words {

/// "Not on this computer yet. Thea and Nikos have it."
[[nodiscard]] QString attachmentState(const api::AttachmentInfo &info, const People &people);
/// The same with all that is to be said, for the space below the list.
[[nodiscard]] QString attachmentDetail(const api::AttachmentInfo &info, const People &people);
[[nodiscard]] QString attachmentFailed(const api::AttachmentFailed &event);
[[nodiscard]] QString attachmentDone(const QString &name);
/// "Attaching film.webm: 12 MB of 900 MB."
[[nodiscard]] QString fileProgress(const api::FileProgress &event);
/// Before a program of this computer is started on what somebody else attached.
[[nodiscard]] QString askToOpen(const api::AttachmentInfo &info, const People &people);
[[nodiscard]] QString mayNotOpen(const QString &name);

} // namespace nlbd::ui::words
