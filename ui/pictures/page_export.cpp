#include "ui/pictures/page_export.h"

#include "ui/documents/text_file.h"
#include "ui/pictures/picture_files.h"
#include "ui/workspace_bridge.h"

#include <QFileInfo>

#include <memory>
#include <utility>

namespace nlbd::ui {

void exportPage(PageExport job, const PageObjects &objects, WorkspaceBridge &bridge,
                std::function<void(const QString &failure, const ExportedPictures &)> done,
                QObject *parent)
{
    const QString suffix = QFileInfo(job.path).suffix().toLower();
    if (suffix != QLatin1String("md") && suffix != QLatin1String("markdown")) {
        const auto page = objects.written(std::move(job.page), [](const Hash &) { return false; });
        writeTextFile(job.path, page.pieces, parent,
                      [done = std::move(done)](const QString &failure) { done(failure, {}); });
        return;
    }
    std::vector<WantedPicture> wanted;
    for (const Hash &blob : PageObjects::picturesOf(job.page.looks))
        wanted.push_back({blob, objects.pictureName(blob)});
    const auto kept = std::make_shared<const PageExport>(std::move(job)); // functions are copied
    auto write = [kept, &objects, count = wanted.size(), done = std::move(done),
                  parent](const MarkdownPictures &pictures) {
        const auto isThere = [&pictures](const Hash &blob) { return pictures.contains(blob); };
        const auto page = objects.written(kept->page, isThere);
        const ExportedPictures told{pictures.size(), count - pictures.size()};
        writeMarkdownFile(kept->path, page.pieces, page.looks, pictures, parent,
                          [done, told](const QString &failure) { done(failure, told); });
    };
    writePictureFiles(bridge, kept->doc, wanted, kept->path, std::move(write), parent);
}

} // namespace nlbd::ui
