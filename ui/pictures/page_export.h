#pragma once

#include "ui/objects/page_objects.h"

#include <QString>

#include <cstddef>
#include <functional>

namespace nlbd::ui {

class WorkspaceBridge;

/// A page that goes to a file of text.
struct PageExport {
    QString path; ///< "md" and "markdown" end a file of Markdown
    PageObjects::Written page;
    DocIndex doc;
};

/// What became of the pictures of its document.
struct ExportedPictures {
    std::size_t written = 0;
    std::size_t missing = 0; ///< not here, or no pictures
};

/// Writes the page; beside Markdown its pictures, in files of their own (writePictureFiles). Words
/// stand for those that could not be written, and for other objects. `done` gets a sentence if it
/// failed, unless `parent` is gone by then; it must own or outlive `objects` and `bridge`.
void exportPage(PageExport job, const PageObjects &objects, WorkspaceBridge &bridge,
                std::function<void(const QString &failure, const ExportedPictures &)> done,
                QObject *parent);

} // namespace nlbd::ui
