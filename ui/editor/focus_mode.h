#pragma once

#include <QObject>

namespace nlbd::ui {

class DocumentView;

/// Only the paragraph of the caret in full ink, its line in the middle of the screen. A look and no
/// more: what a screen reader reads is what it was.
class FocusMode : public QObject {
    Q_OBJECT

public:
    explicit FocusMode(DocumentView &page, QObject *parent = nullptr);

    [[nodiscard]] bool isOn() const { return m_isOn; }
    void set(bool isOn);

Q_SIGNALS:
    void changed(bool isOn);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void follow();

    DocumentView &m_page;
    bool m_isOn = false;
    bool m_isByKey = false; ///< what happens to the caret now
};

} // namespace nlbd::ui
