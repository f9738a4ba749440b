#pragma once

#include <QImage>
#include <QLabel>

namespace nlbd::ui {

/// A QR code (ISO/IEC 18004, by libqrencode), black on white in every theme, with its quiet zone of
/// four modules and a whole number of pixels for each module. Null if the text is too long for one.
[[nodiscard]] QImage qrCode(const QString &text, int pixelsPerModule);

/// Shows a text as a QR code that fits into a square; sharp on every screen. Hidden without a text.
class QrLabel : public QLabel {
    Q_OBJECT

public:
    explicit QrLabel(int side, QWidget *parent = nullptr);

    void setContent(const QString &text);

private:
    int m_side;
};

} // namespace nlbd::ui
