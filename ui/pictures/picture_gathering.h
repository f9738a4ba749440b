#pragma once

#include "core/api/attachments.h"

#include <QImage>
#include <QObject>
#include <QTimer>

#include <functional>
#include <map>
#include <vector>

namespace nlbd::ui {

class WorkspaceBridge;

/// Reads the pictures of a text that is going to be printed, one after the other, whether or not
/// somebody has looked at them: large enough for paper, and all of them together in bounded memory.
/// What is not on this computer, or is no picture, is left out. Belongs to `parent` and goes when
/// it has told.
class PictureGathering : public QObject {
    Q_OBJECT

public:
    using Pictures = std::map<Hash, QImage>;
    using Done = std::function<void(Pictures)>;

    /// `bridge` is borrowed. `done` is called once, never before this returns.
    PictureGathering(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs, Done done,
                     QObject *parent);

    static constexpr qint64 kPixelsMax = 64'000'000; ///< of all together
    static constexpr QSize kPaper{2'000, 2'800};     ///< a sheet at 240 dots to the inch

private:
    void next();
    void ask();
    void read(const api::AttachmentRead &event);

    WorkspaceBridge &m_bridge;
    DocIndex m_doc;
    std::vector<Hash> m_blobs; ///< the next one last
    QSize m_box;
    Done m_done;
    Pictures m_pictures;
    QTimer m_retry;
    int m_tries = 0; ///< of the one that is read now
    std::uint64_t m_request = 0;
};

} // namespace nlbd::ui
