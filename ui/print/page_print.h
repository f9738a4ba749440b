#pragma once

#include "core/base/ids.h"
#include "ui/editor/page_looks.h"

#include <QImage>
#include <QStringList>

#include <functional>
#include <map>

class QObject;
class QPagedPaintDevice;
class QTextDocument;

/// A page on paper: laid out from its own blocks and looks, with its title over each sheet and a
/// number under it. Made on another thread, from copies; the page itself is not touched.
namespace nlbd::ui {

struct PrintJob {
    QString title;
    QStringList pieces; ///< the text, as DocumentView::textPieces()
    PageLooks looks;
    std::map<Hash, QImage> pictures = {}; ///< of letters that stand for them
};

/// Fills a document that was made for it. For tests; any thread.
void layForPrint(const PrintJob &job, QTextDocument &document);

/// Paints all sheets. False if the device does not take them. Any thread, the caller's device.
[[nodiscard]] bool printOn(QPagedPaintDevice &device, const PrintJob &job);

/// Writes the whole file or leaves the old one alone; `done` gets a sentence if it failed.
void writePdf(const QString &path, PrintJob job, QObject *context,
              std::function<void(QString)> done);

} // namespace nlbd::ui
