#pragma once

#include "ui/words_history.h"

#include <QDialog>
#include <QTimer>

class QCheckBox;
class QComboBox;
class QLabel;
class QListWidget;
class QListWidgetItem;
class QPushButton;
class QSlider;

namespace nlbd::ui {

class PastPage;
class WorkspaceBridge;

/// The past of a document: a slider over who wrote when, the page as it was with what came and what
/// went, and how it becomes so again. It asks for what is looked at and waits for nothing.
class HistoryWindow : public QDialog {
    Q_OBJECT

public:
    explicit HistoryWindow(WorkspaceBridge &bridge, QWidget *parent = nullptr);
    ~HistoryWindow() override;

    void setPeople(const words::People &people);
    /// Shows the past of this document, the newest first. What was shown of another is forgotten.
    void showDocument(DocIndex doc, const QString &title);

    [[nodiscard]] const std::vector<api::PastGroup> &groups() const { return m_groups; }
    [[nodiscard]] PastPage &page() { return *m_page; }

protected:
    void changeEvent(QEvent *event) override;
    void showEvent(QShowEvent *event) override;

private:
    enum class State : std::uint8_t { Reading, Empty, Shown };
    [[nodiscard]] QWidget *makeLeft();
    [[nodiscard]] QWidget *makeRight();
    [[nodiscard]] QWidget *makeButtons();
    void makeKeys();
    void showState(State state);
    void ask();
    void askEarlier();
    void told(const api::PastTold &event);
    void fill();
    void fillRow(QListWidgetItem &item, const api::PastGroup &group) const;
    [[nodiscard]] QIcon discOf(const api::PastGroup &group) const;
    void choose(int index);
    void askText();
    void textTold(const api::PastTextTold &event);
    void showSentence();
    void nameButtons();
    void restore(bool isPart);
    void wasRestored(const api::PastRestored &event);
    void tell(const QString &sentence, const char *tone);
    [[nodiscard]] const api::PastGroup *chosen() const;

    WorkspaceBridge &m_bridge;
    words::People m_people;
    std::optional<DocIndex> m_doc;
    std::vector<api::PastGroup> m_groups; ///< the oldest first
    bool m_hasMore = false;
    std::uint16_t m_seats = 0;
    int m_chosen = -1;
    std::uint64_t m_asking = 0; ///< requests that wait for their answers; 0: none
    bool m_isAskingEarlier = false;
    std::uint64_t m_askingText = 0;
    bool m_wantsText = false; ///< another one than was asked for
    std::uint64_t m_restoring = 0;
    QTimer m_refresh;

    QWidget *m_left = nullptr;
    QWidget *m_right = nullptr;
    QLabel *m_reading = nullptr;
    QWidget *m_empty = nullptr;
    QListWidget *m_list = nullptr;
    QPushButton *m_earlier = nullptr;
    QSlider *m_slider = nullptr;
    QLabel *m_sentence = nullptr;
    QLabel *m_words = nullptr; ///< of the change at the caret
    PastPage *m_page = nullptr;
    QCheckBox *m_differences = nullptr;
    QComboBox *m_against = nullptr;
    QPushButton *m_next = nullptr;
    QPushButton *m_before = nullptr;
    QLabel *m_what = nullptr;
    QLabel *m_result = nullptr;
    QPushButton *m_restoreAll = nullptr;
    QPushButton *m_restorePart = nullptr;
};

} // namespace nlbd::ui
