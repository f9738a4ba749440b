#pragma once

#include "ui/words_rejected.h"

#include <QDialog>

#include <functional>

class QGridLayout;
class QLabel;
class QListWidget;
class QPlainTextEdit;
class QPushButton;

namespace nlbd::ui {

class WorkspaceBridge;

/// What decisions left out of the texts (PROTOCOL C15): whose words, by which decision, what stands
/// on them. One's own are put back or copied; somebody else's may be written again as one's own.
/// From here everything that a computer wrote can be taken back, too.
class RejectedWindow : public QDialog {
    Q_OBJECT

public:
    using Titles = std::function<QString(DocIndex)>;

    RejectedWindow(WorkspaceBridge &bridge, Titles titles, QWidget *parent = nullptr);

    void setPeople(const words::People &people);
    /// Whether this computer may write, by what is decided.
    void setMayWrite(bool mayWrite);
    [[nodiscard]] const std::vector<words::RejectedPart> &parts() const { return m_parts; }
    [[nodiscard]] bool mayWrite() const { return m_mayWrite; }
    /// The decision that left it out, in sentences.
    [[nodiscard]] QString reasonOf(const words::RejectedPart &part) const
    {
        return words::rejectedBy(part, m_people, m_made);
    }
    /// Opens the dialog that takes back what a device wrote.
    void askTakeBack(DeviceIndex device, QWidget *above);

Q_SIGNALS:
    void changed(); ///< there is more, or less, than before

private:
    void makeDetail();
    void rejectedChanged(const api::RejectedChanged &event);
    void decisionsChanged(const api::DecisionsChanged &event);
    void fill();
    void showRow(int row);
    void showFacts(const words::RejectedPart &part);
    void read(const api::RejectedRead &event);
    void putBack();
    void wasPutBack(const api::WordsPutBack &event);
    void copy();
    void nameButtons();
    void refreshSomebody();
    [[nodiscard]] const words::RejectedPart *shown() const;

    WorkspaceBridge &m_bridge;
    Titles m_titles;
    words::People m_people;
    std::vector<api::DecisionInfo> m_made;
    std::vector<words::RejectedPart> m_parts;
    std::uint64_t m_reading = 0; ///< the last question for words
    std::uint64_t m_putting = 0;
    QString m_text; ///< all of the words that are shown; empty until they have come
    bool m_mayWrite = false;

    QListWidget *m_list = nullptr;
    QWidget *m_detail = nullptr;
    QWidget *m_empty = nullptr;
    QLabel *m_title = nullptr;
    QGridLayout *m_facts = nullptr;
    QPlainTextEdit *m_words = nullptr;
    QLabel *m_place = nullptr;
    QLabel *m_result = nullptr;
    QPushButton *m_put = nullptr;
    QPushButton *m_copy = nullptr;
    QPushButton *m_takeBack = nullptr;
    QPushButton *m_somebody = nullptr; ///< takes back of anybody
};

} // namespace nlbd::ui
