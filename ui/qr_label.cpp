#include "ui/qr_label.h"

#include <algorithm>
#include <memory>
#include <qrencode.h>

namespace nlbd::ui {

namespace {

constexpr int kQuietModules = 4;

struct Free {
    void operator()(QRcode *code) const { QRcode_free(code); }
};

} // namespace

QImage qrCode(const QString &text, int pixelsPerModule)
{
    const QByteArray bytes = text.toUtf8();
    // The lowest correction: a screen has no stains, and fewer modules are larger ones.
    const std::unique_ptr<QRcode, Free> code(
        bytes.isEmpty() ? nullptr
                        : QRcode_encodeData(static_cast<int>(bytes.size()),
                                            reinterpret_cast<const unsigned char *>(bytes.data()),
                                            0, QR_ECLEVEL_L));
    if (!code || pixelsPerModule < 1)
        return {};
    const int modules = code->width + 2 * kQuietModules;
    QImage small(modules, modules, QImage::Format_RGB32);
    small.fill(Qt::white);
    for (int y = 0; y < code->width; ++y)
        for (int x = 0; x < code->width; ++x)
            if ((code->data[y * code->width + x] & 1U) != 0)
                small.setPixel(x + kQuietModules, y + kQuietModules, qRgb(0, 0, 0));
    return small.scaled(modules * pixelsPerModule, modules * pixelsPerModule, Qt::IgnoreAspectRatio,
                        Qt::FastTransformation);
}

QrLabel::QrLabel(int side, QWidget *parent)
    : QLabel(parent)
    , m_side(side)
{
    setAccessibleName(tr("The invitation as a picture for a camera"));
    setAlignment(Qt::AlignCenter);
    hide();
}

void QrLabel::setContent(const QString &text)
{
    const QImage one = qrCode(text, 1);
    if (one.isNull()) {
        clear();
        hide();
        return;
    }
    const qreal ratio = devicePixelRatioF();
    const int room = static_cast<int>(m_side * ratio);
    QPixmap picture = QPixmap::fromImage(qrCode(text, std::max(1, room / one.width())));
    picture.setDevicePixelRatio(ratio);
    setPixmap(picture);
    show();
}

} // namespace nlbd::ui
