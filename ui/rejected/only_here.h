#pragma once

#include "ui/words_rejected.h"

#include <QFrame>

class QLabel;
class QPushButton;

namespace nlbd::ui {

class WorkspaceBridge;

/// A person's own words that could not be shared, below the page that they were written on: nobody
/// else has them. They can be copied or, with a pen, put back; closed, they stay in the window of
/// rejected work.
class OnlyHere : public QFrame {
    Q_OBJECT

public:
    explicit OnlyHere(WorkspaceBridge &bridge, QWidget *parent = nullptr);

    /// Shows the first of these parts, all of them of one's own; hidden without any. `why`: the
    /// decision that left it out.
    void showParts(const std::vector<words::RejectedPart> &parts, const QString &why,
                   bool mayWrite);

Q_SIGNALS:
    void lookAsked();                                     ///< at all of them
    void done(const nlbd::ui::words::RejectedPart &part); ///< put back or closed

protected:
    void paintEvent(QPaintEvent *event) override;

private:
    void read(const api::RejectedRead &event);
    void wasPutBack(const api::WordsPutBack &event);
    void copy();
    void putBack();

    WorkspaceBridge &m_bridge;
    words::RejectedPart m_part;
    QString m_why;
    QString m_all; ///< the words, once they have come
    std::uint64_t m_reading = 0;
    std::uint64_t m_putting = 0;

    QLabel *m_title = nullptr;
    QLabel *m_sentence = nullptr;
    QLabel *m_words = nullptr;
    QPushButton *m_copy = nullptr;
    QPushButton *m_put = nullptr;
    QPushButton *m_look = nullptr;
};

} // namespace nlbd::ui
