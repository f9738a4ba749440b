#pragma once

#include "core/api/rejected.h"

#include <QDialog>

#include <optional>

class QLabel;
class QListWidget;
class QPushButton;

namespace nlbd::ui {

class WorkspaceBridge;

/// From when on everything that a device wrote is to be taken back: a list of its sittings, how
/// many changes that is, and a button that says so. Nothing happens before it is pressed;
/// afterwards the dialog says what was done.
class TakeBackDialog : public QDialog {
    Q_OBJECT

public:
    TakeBackDialog(WorkspaceBridge &bridge, DeviceIndex device, const QString &name,
                   QWidget *parent = nullptr);

private:
    void reviewed(const api::DeviceReviewed &event);
    void choose();
    void takeBack();
    void tookBack(const api::TookBack &event);
    [[nodiscard]] const api::Sitting *chosen() const;

    WorkspaceBridge &m_bridge;
    DeviceIndex m_device;
    std::uint64_t m_question = 0;
    std::optional<std::uint64_t> m_request; ///< on its way to the engine
    std::vector<api::Sitting> m_sittings;
    QLabel *m_count = nullptr;
    QListWidget *m_list = nullptr;
    QLabel *m_clock = nullptr;
    QLabel *m_result = nullptr;
    QPushButton *m_cancel = nullptr;
    QPushButton *m_verb = nullptr;
};

} // namespace nlbd::ui
