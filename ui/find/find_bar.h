#pragma once

#include "ui/find/find_session.h"

#include <QWidget>

class QLabel;
class QLineEdit;
class QPushButton;
class QToolButton;

namespace nlbd::ui {

class DocumentView;

/// The bar in which one says what to look for on a page, and what to put in its place. Escape
/// closes it and goes back to where one was; Ctrl+Enter closes it and stays at the place that was
/// found.
class FindBar : public QWidget {
    Q_OBJECT

public:
    explicit FindBar(DocumentView &page, QWidget *parent = nullptr);

    enum class Part : std::uint8_t { Find, Replace };
    /// Shows the bar with what is selected on the page, if that is a word or a few.
    void open(Part part);
    void close();
    /// The next place or the one before; opens the bar with what was looked for last.
    void step(int by);

    [[nodiscard]] FindSession &session() { return m_session; }
    [[nodiscard]] QString count() const;

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    [[nodiscard]] QWidget *makeFindRow();
    [[nodiscard]] QWidget *makeReplaceRow();
    QToolButton *addOption(const QString &sign, const QString &name, const QString &keys);
    void look();
    void showState();
    void leave(bool isAtHit);
    void replaceOne();
    void replaceAll();
    void told(qsizetype count, bool isMore);

    DocumentView &m_page;
    FindSession m_session;
    QLineEdit *m_text = nullptr;
    QLineEdit *m_other = nullptr;
    QLabel *m_count = nullptr;
    QLabel *m_told = nullptr;
    QWidget *m_replaceRow = nullptr;
    QToolButton *m_case = nullptr;
    QToolButton *m_words = nullptr;
    QToolButton *m_pattern = nullptr;
    QToolButton *m_accents = nullptr;
    QPushButton *m_one = nullptr;
    QPushButton *m_all = nullptr;
    /// Where one was, to come back to; carried over edits by the document's own cursor.
    QTextCursor m_place;
    int m_scroll = 0;
};

} // namespace nlbd::ui
