#pragma once

#include "ui/documents/markdown.h"

#include <QString>

#include <functional>
#include <map>
#include <vector>

class QObject;

namespace nlbd::ui {

class WorkspaceBridge;

/// A picture that is wanted beside a file of text. Its name is what its author calls it.
struct WantedPicture {
    Hash blob;
    QString name;
};

/// The name of the folder beside a file of text: "Notes pictures" for "Notes.md".
[[nodiscard]] QString picturesFolder(const QString &textFile);

/// Writes pictures into the folder beside a file of text. Each gets its own name with the ending of
/// what it really is; no file that is there already is written over, and the same picture is not
/// written twice. `done` gets those that are on the disk, with addresses relative to the file of
/// text, unless `parent` is gone by then: what is not on this computer, is no picture that can be
/// shown, or could not be written, is not among them.
void writePictureFiles(WorkspaceBridge &bridge, DocIndex doc,
                       const std::vector<WantedPicture> &wanted, const QString &textFile,
                       std::function<void(MarkdownPictures)> done, QObject *parent);

} // namespace nlbd::ui
