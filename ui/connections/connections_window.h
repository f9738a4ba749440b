#pragma once

#include "core/api/connections.h"

#include <QDialog>

#include <map>
#include <optional>

class QCheckBox;
class QLabel;
class QLineEdit;
class QPushButton;
class QTableWidget;
class QVBoxLayout;

namespace nlbd::ui {

class LobbyBridge;

/// Who is connected and how, who is not and what to do about it, whom this computer turned away.
/// From here an address is called and the router asked. While it is open the mesh tells once a
/// second; rows stay where the keyboard is.
class ConnectionsWindow : public QDialog {
    Q_OBJECT

public:
    explicit ConnectionsWindow(LobbyBridge &bridge, QWidget *parent = nullptr);
    ~ConnectionsWindow() override;

    enum Column { Who, State, Where, Found, RoundTrip, Holds, Waiting, In, Out, kColumns };

protected:
    void showEvent(QShowEvent *event) override;
    void hideEvent(QHideEvent *event) override;

private:
    void makeTable();
    void makeCall(QVBoxLayout *column);
    void watch(bool isWatched);
    void changed(const api::ConnectionsChanged &event);
    void fillRow(int row, const api::Connection &connection);
    void showDetail();
    void showTroubles();
    void reached(const api::ReachChanged &event);
    void call();
    [[nodiscard]] const api::Connection *current() const;

    LobbyBridge &m_bridge;
    api::ConnectionsChanged m_all;
    bool m_isWatched = false;

    QLabel *m_summary = nullptr;
    QLabel *m_troubles = nullptr;
    QTableWidget *m_table = nullptr;
    QLabel *m_empty = nullptr;
    QLabel *m_detail = nullptr;
    QLineEdit *m_address = nullptr;
    QPushButton *m_call = nullptr;
    QLabel *m_reach = nullptr;
    QCheckBox *m_router = nullptr;
    QLabel *m_routerSays = nullptr;
    QLabel *m_visitors = nullptr;
    QLabel *m_own = nullptr;
};

} // namespace nlbd::ui
