#pragma once

#include <QFrame>
#include <QTextCursor>

class QLabel;
class QLineEdit;
class QPlainTextEdit;
class QPushButton;

namespace nlbd::ui {

/// A small box below the words that are linked: their address, where it leads, Remove and Open.
/// Others may write meanwhile: it stays with its words.
class LinkBox : public QFrame {
    Q_OBJECT

public:
    explicit LinkBox(QPlainTextEdit &page);

    /// For [from, to) of the text; equal: the address is written there when it is known.
    void open(qsizetype from, qsizetype to, const QString &target);
    void close();
    [[nodiscard]] bool isOpen() const { return !isHidden(); }

    [[nodiscard]] qsizetype from() const { return m_from.position(); }
    [[nodiscard]] qsizetype to() const { return m_to.position(); }
    [[nodiscard]] QString target() const { return m_target; } ///< as it was when it opened
    [[nodiscard]] QLineEdit &field() { return *m_field; }
    [[nodiscard]] QString told() const;
    void tell(const QString &sentence, bool isWarning);

Q_SIGNALS:
    void given(const QString &address); ///< Enter: as it was typed
    void removed();
    void wanted(); ///< to be opened
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    void place();

    QPlainTextEdit &m_page;
    QTextCursor m_from;
    QTextCursor m_to;
    QString m_target;
    QLineEdit *m_field = nullptr;
    QLabel *m_told = nullptr;
    QPushButton *m_apply = nullptr;
    QPushButton *m_remove = nullptr;
    QPushButton *m_open = nullptr;
};

} // namespace nlbd::ui
