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

/// Reads the pictures of a text, one after the other, whether or not somebody has looked at them.
/// What is not on this computer is left out. Belongs to `parent` and goes when it is through.
class PictureGathering : public QObject {
    Q_OBJECT

public:
    /// What is in one of them. Runs on another thread, for one at a time.
    using Use = std::function<void(const Hash &, const QByteArray &)>;
    using Done = std::function<void()>;

    /// `bridge` is borrowed. `done` is called once, never before this returns.
    PictureGathering(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs, Use use,
                     Done done, QObject *parent);

private:
    void next();
    void ask();
    void read(const api::AttachmentRead &event);

    WorkspaceBridge &m_bridge;
    DocIndex m_doc;
    std::vector<Hash> m_blobs; ///< the next one last
    Use m_use;
    Done m_done;
    QTimer m_retry;
    int m_tries = 0; ///< of the one that is read now
    std::uint64_t m_request = 0;
};

/// Large enough for paper, and all of them together in bounded memory. What is no picture is left
/// out.
namespace paper {

using Pictures = std::map<Hash, QImage>;
inline constexpr qint64 kPixelsMax = 64'000'000; ///< of all together
inline constexpr QSize kSheet{2'000, 2'800};     ///< at 240 dots to the inch

void gather(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs,
            std::function<void(Pictures)> done, QObject *parent);

} // namespace paper

} // namespace nlbd::ui
