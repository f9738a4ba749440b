#pragma once

#include "ui/documents/text_file.h"
#include "ui/words.h"

#include <QWidget>

class QHBoxLayout;
class QLabel;

namespace nlbd::ui {

/// The line at the foot of the window: who has what, in words, and the length of the document.
class StatusLine : public QWidget {
    Q_OBJECT

public:
    explicit StatusLine(QWidget *parent = nullptr);

    void showParts(const std::vector<words::StatusPart> &parts);
    /// How long the document is; letters are told when one asks. With a selection of no letters
    /// only the whole.
    void showWords(const TextSize &all, const TextSize &selected = {});
    [[nodiscard]] QString words() const;
    [[nodiscard]] QString lettersTold() const;
    void hideWords();
    /// An answer to its person, in the place of the parts until it is taken away: for the screen
    /// reader, too. Empty: none.
    void showNote(const QString &text);
    [[nodiscard]] QString note() const;
    /// What the number of those who decide is good for, and the same at length.
    void showProtection(const QString &text, const QString &more);

    [[nodiscard]] QString text() const { return m_text; }
    [[nodiscard]] QString protection() const;

protected:
    bool event(QEvent *event) override;

private:
    void layParts(const std::vector<words::StatusPart> &parts);
    void makeRoom();

    QWidget *m_partsBox = nullptr;
    QHBoxLayout *m_parts = nullptr;
    std::vector<words::StatusPart::Kind> m_kinds; ///< of the parts that are shown
    std::vector<QLabel *> m_labels;
    QLabel *m_note = nullptr;
    QLabel *m_protection = nullptr;
    QLabel *m_words = nullptr;
    QString m_text;
};

} // namespace nlbd::ui
