#pragma once

#include "ui/join/pages.h"

class QFrame;
class QGridLayout;

/// The words that are somebody's key: shown to be written down, and typed on a new computer.
namespace nlbd::ui {

/// My words, hidden until I ask for them, and forgotten by the page when it is left.
class RecoveryPage : public LobbyPage {
    Q_OBJECT

public:
    explicit RecoveryPage(QWidget *parent = nullptr);
    void begin();
    void setWords(const QString &words);

Q_SIGNALS:
    void wordsAsked();

private:
    QFrame *m_card = nullptr;
    QGridLayout *m_words = nullptr;
    QPushButton *m_show = nullptr;
};

/// For who has no name here yet, and the words of before.
class RestorePage : public LobbyPage {
    Q_OBJECT

public:
    explicit RestorePage(QWidget *parent = nullptr);
    void begin(const QString &name);
    /// Why the words that were typed are none: stands below them, and they stay.
    void setSlip(const QString &sentence);
    /// The page is left.
    void forget();

Q_SIGNALS:
    void restoreAsked(const QString &name, const QString &words);

private:
    void refresh();

    QLineEdit *m_name = nullptr;
    QPlainTextEdit *m_words = nullptr;
    QLabel *m_slip = nullptr;
    QPushButton *m_restore = nullptr;
};

} // namespace nlbd::ui
