#include "ui/pictures/picture_gathering.h"

#include "ui/pictures/picture_shelf.h"
#include "ui/workspace_bridge.h"

#include <QCoreApplication>
#include <QPointer>
#include <QThreadPool>

#include <algorithm>
#include <cmath>

namespace nlbd::ui {

namespace {

constexpr int kTriesMax = 50; ///< while others are read
constexpr int kRetryMillis = 200;
constexpr int kSideMin = 200; ///< however many there are

/// As large as a sheet, or less where many share what there is.
QSize boxFor(std::size_t pictures)
{
    const QSize paper = PictureGathering::kPaper;
    const double share =
        static_cast<double>(PictureGathering::kPixelsMax) / static_cast<double>(pictures);
    const double scale = std::sqrt(share / (paper.width() * static_cast<double>(paper.height())));
    return scale >= 1 ? paper : (paper * scale).expandedTo({kSideMin, kSideMin});
}

} // namespace

PictureGathering::PictureGathering(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs,
                                   Done done, QObject *parent)
    : QObject(parent)
    , m_bridge(bridge)
    , m_doc(doc)
    , m_blobs(std::move(blobs))
    , m_box(boxFor(std::max<std::size_t>(m_blobs.size(), 1)))
    , m_done(std::move(done))
{
    std::ranges::reverse(m_blobs);
    m_retry.setSingleShot(true);
    m_retry.setInterval(kRetryMillis);
    connect(&m_retry, &QTimer::timeout, this, &PictureGathering::ask);
    connect(&bridge, &WorkspaceBridge::attachmentRead, this, &PictureGathering::read);
    QTimer::singleShot(0, this, &PictureGathering::next);
}

void PictureGathering::next()
{
    m_tries = 0;
    m_request = 0;
    if (!m_blobs.empty()) {
        ask();
        return;
    }
    m_done(std::move(m_pictures));
    deleteLater();
}

void PictureGathering::ask()
{
    ++m_tries;
    m_request = m_bridge.nextRequest();
    m_bridge.submit(api::ReadAttachment{m_request, m_doc, m_blobs.back(), PictureShelf::kBytesMax});
}

void PictureGathering::read(const api::AttachmentRead &event)
{
    if (m_request == 0 || event.request != m_request)
        return;
    if (event.failure == api::AttachmentFailed::Why::Busy && m_tries < kTriesMax) {
        m_retry.start();
        return;
    }
    m_blobs.pop_back();
    if (event.failure) {
        next();
        return;
    }
    const QByteArray content(reinterpret_cast<const char *>(event.content.data()),
                             static_cast<qsizetype>(event.content.size()));
    QThreadPool::globalInstance()->start(
        [self = QPointer(this), content, box = m_box, blob = event.blob] {
            const PictureShelf::Decoded result = PictureShelf::decode(content, box);
            QMetaObject::invokeMethod(
                qApp,
                [self, blob, image = result.image] {
                    if (!self)
                        return;
                    if (!image.isNull())
                        self->m_pictures.emplace(blob, image);
                    self->next();
                },
                Qt::QueuedConnection);
        });
}

} // namespace nlbd::ui
