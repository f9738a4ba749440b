#include "ui/pictures/picture_gathering.h"

#include "ui/background.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/workspace_bridge.h"

#include <algorithm>
#include <cmath>
#include <memory>

namespace nlbd::ui {

namespace {

constexpr int kTriesMax = 50; ///< while others are read
constexpr int kRetryMillis = 200;
constexpr int kSideMin = 200; ///< however many there are

/// As large as a sheet, or less where many share what there is.
QSize boxFor(std::size_t pictures)
{
    const QSize sheet = paper::kSheet;
    const double share = static_cast<double>(paper::kPixelsMax) / static_cast<double>(pictures);
    const double scale = std::sqrt(share / (sheet.width() * static_cast<double>(sheet.height())));
    return scale >= 1 ? sheet : (sheet * scale).expandedTo({kSideMin, kSideMin});
}

} // namespace

PictureGathering::PictureGathering(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs,
                                   Use use, Done done, QObject *parent)
    : QObject(parent)
    , m_bridge(bridge)
    , m_doc(doc)
    , m_blobs(std::move(blobs))
    , m_use(std::move(use))
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
    m_done();
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
    runInBackground(
        this,
        [use = m_use, content, blob = event.blob] {
            use(blob, content);
            return true;
        },
        [this](bool) { next(); });
}

void paper::gather(WorkspaceBridge &bridge, DocIndex doc, std::vector<Hash> blobs,
                   std::function<void(Pictures)> done, QObject *parent)
{
    const auto pictures = std::make_shared<Pictures>(); // of one thread at a time
    const QSize box = boxFor(std::max<std::size_t>(blobs.size(), 1));
    const auto use = [pictures, box](const Hash &blob, const QByteArray &content) {
        const PictureShelf::Decoded result = PictureShelf::decode(content, box);
        if (!result.image.isNull())
            pictures->emplace(blob, result.image);
    };
    new PictureGathering(
        bridge, doc, std::move(blobs), use,
        [pictures, done = std::move(done)] { done(std::move(*pictures)); }, parent);
}

} // namespace nlbd::ui
