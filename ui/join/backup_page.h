#pragma once

#include "ui/join/pages.h"

class QLineEdit;

namespace nlbd::ui {

/// One file with everything, and a passphrase that alone opens it: written for who has a name here,
/// put back for who has none yet. Keeps no passphrase once it is left.
class BackupPage : public LobbyPage {
    Q_OBJECT

public:
    enum class Does : std::uint8_t { BackUp, Restore };

    explicit BackupPage(QWidget *parent = nullptr);
    void begin(Does does);
    /// The page is left.
    void forget();
    /// What became of it: an answer, or why not. The fields can be used again.
    void setAnswer(const QString &html, const char *tone);

Q_SIGNALS:
    void backUpAsked(const QString &file, const QString &passphrase);
    void restoreAsked(const QString &file, const QString &passphrase);

private:
    void refresh();
    void askFile();
    void use(const QString &file);

    Does m_does = Does::BackUp;
    bool m_isUnderWay = false;
    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    QLineEdit *m_passphrase = nullptr;
    QWidget *m_againBox = nullptr;
    QLineEdit *m_again = nullptr;
    QLabel *m_hint = nullptr;
    QPushButton *m_go = nullptr;
    QLabel *m_answer = nullptr;
};

} // namespace nlbd::ui
