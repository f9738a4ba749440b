#pragma once

#include "core/api/decisions.h"
#include "ui/words.h"

#include <QWidget>

#include <map>
#include <vector>

class QBoxLayout;
class QLabel;
class QPushButton;

namespace nlbd::ui {

class WorkspaceBridge;

/// What was decided, the newest first: what, in which round and by how many signatures, and a way
/// to keep each as a file that convinces anybody who checks it. Hidden while there is nothing.
class MadeList : public QWidget {
    Q_OBJECT

public:
    explicit MadeList(WorkspaceBridge &bridge, QWidget *parent = nullptr);

    void setMade(const std::vector<api::DecisionInfo> &made, const words::People &people);
    /// Writes the decision that closed an epoch to a file, and says here what came of it.
    void saveTo(Epoch closed, const QString &path);
    /// From top to bottom.
    [[nodiscard]] std::vector<QPushButton *> buttons() const;

    static constexpr std::size_t kShown = 5; ///< until all are asked for

Q_SIGNALS:
    /// Buttons come or go; whoever has the focus among them should lose it first.
    void buttonsChanging();
    void buttonsChanged();

private:
    struct Row {
        Epoch closed;
        QString what;
        QString how;
        QString who; ///< signed it: in the tool tip and the accessible name
        friend bool operator==(const Row &, const Row &) = default;
    };
    [[nodiscard]] static Row rowOf(const api::DecisionInfo &info, const words::People &people);
    void refresh();
    void addRow(const Row &row);
    void askSave(Epoch closed);
    void decisionRead(const api::DecisionRead &event);
    void tell(const QString &sentence, const char *tone);

    WorkspaceBridge &m_bridge;
    std::vector<Row> m_rows;
    std::vector<Row> m_shown;
    std::vector<QPushButton *> m_saves;
    std::map<Epoch, QString> m_saving; ///< where to, while the engine is asked
    bool m_showsAll = false;

    QLabel *m_result = nullptr;
    QBoxLayout *m_box = nullptr;
    QPushButton *m_all = nullptr;
};

} // namespace nlbd::ui
