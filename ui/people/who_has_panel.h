#pragma once

#include "ui/words_authors.h"

#include <QFrame>

class QLabel;

namespace nlbd::ui {

/// Who has some words and who does not, below the page until its person closes it. It changes as
/// more people have them.
class WhoHasPanel : public QFrame {
    Q_OBJECT

public:
    explicit WhoHasPanel(QWidget *parent = nullptr);

    /// `words`: what was asked about. `isCut`: only its beginning was looked at.
    void showAnswer(const words::WhoHas &who, const QString &words, bool isCut);
    /// All that it says.
    [[nodiscard]] QString text() const;

Q_SIGNALS:
    void closed();

protected:
    void keyPressEvent(QKeyEvent *event) override;

private:
    void shut();

    QLabel *m_words = nullptr;
    QWidget *m_haveRow = nullptr;
    QLabel *m_have = nullptr;
    QWidget *m_lackRow = nullptr;
    QLabel *m_lack = nullptr;
    QLabel *m_cut = nullptr;
};

} // namespace nlbd::ui
