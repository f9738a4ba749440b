#pragma once

#include "app/loop.h"

namespace nlbd::app {

/// "Found anew" (PROTOCOL C16): a workspace of its own that begins with what is held here of
/// another. Nobody is asked and nothing is decided: the other workspace stays as it is, for whoever
/// stays in it. Its history is kept beside as an archive that can be checked and not be altered;
/// its texts become documents of the new one, which say where they come from and, over every part,
/// who wrote it there. That is the word of whoever founds anew; the archive proves it.

struct Anew {
    Hash draft; ///< the new workspace's name; its texts follow once all founders said yes
    std::filesystem::path archive;
};
/// Errors: what the disk refused, or, without one, those of founding.
[[nodiscard]] std::expected<Anew, std::variant<Code, ProfileError>>
foundAnew(Loop &loop, const WorkspaceHost &past, std::string_view name,
          const std::vector<Contact> &others);

/// Takes the texts over, those that are not there yet. True once all are there and stored.
[[nodiscard]] bool importTexts(WorkspaceHost &anew, const WorkspaceHost &past);

} // namespace nlbd::app
