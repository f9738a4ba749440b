#include "ui/connections/connections_window.h"

#include "core/api/lobby.h"
#include "ui/lobby_bridge.h"
#include "ui/parts.h"
#include "ui/words_connections.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QHeaderView>
#include <QLineEdit>
#include <QSignalBlocker>
#include <QTableWidget>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 34;

/// Shown in a tone as well as in words: colour is never the only sign.
Role roleOf(const api::Connection &row)
{
    using S = api::Connection::State;
    if (row.state == S::Here)
        return row.failed ? Role::Pencil : Role::Agreed;
    return row.state == S::Away && row.failed && *row.failed != Obstacle::Closed ? Role::Refused
                                                                                 : Role::Muted;
}

} // namespace

ConnectionsWindow::ConnectionsWindow(LobbyBridge &bridge, QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_summary(makeSentence({}, "muted"))
    , m_troubles(makeSentence({}))
    , m_table(new QTableWidget(0, kColumns))
    , m_empty(
          makeSentence(tr("Nobody else belongs to your workspaces yet. Invite somebody, or type "
                          "the address of somebody who lets himself be seen."),
                       "muted"))
    , m_detail(makeSentence({}))
    , m_reach(makeSentence({}))
    , m_router(new QCheckBox(tr("Ask the router to let members elsewhere in")))
    , m_routerSays(makeSentence({}, "muted"))
    , m_visitors(makeSentence({}, "muted"))
    , m_own(makeSentence({}, "muted"))
{
    setWindowTitle(tr("Connections"));
    resize(980, 680);
    setMinimumSize(560, 480);
    auto *column = new QVBoxLayout(this);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(8);
    column->addWidget(makeLabel(tr("Connections"), "title"));
    column->addWidget(m_summary);
    setTone(m_troubles, "refused");
    m_troubles->hide();
    column->addWidget(m_troubles);
    makeTable();
    column->addWidget(m_table, 1);
    column->addWidget(m_empty, 1, Qt::AlignTop);
    m_detail->setMinimumHeight(56);
    m_detail->setAlignment(Qt::AlignTop | Qt::AlignLeft);
    column->addWidget(m_detail);
    makeCall(column);
    m_router->setAccessibleName(m_router->text());
    connect(m_router, &QCheckBox::clicked, this,
            [this](bool isWanted) { m_bridge.submit(api::MapPort{isWanted}); });
    column->addWidget(m_router);
    column->addWidget(m_routerSays);
    column->addSpacing(4);
    column->addWidget(m_visitors);
    column->addWidget(m_own);
    auto *row = new QHBoxLayout;
    row->addStretch();
    QPushButton *close = makeButton(tr("Close"), ButtonKind::Primary);
    connect(close, &QPushButton::clicked, this, &QDialog::close);
    row->addWidget(close);
    column->addLayout(row);
    connect(&m_bridge, &LobbyBridge::connectionsChanged, this, &ConnectionsWindow::changed);
    connect(&m_bridge, &LobbyBridge::reachChanged, this, &ConnectionsWindow::reached);
    changed({});
}

ConnectionsWindow::~ConnectionsWindow()
{
    watch(false);
}

void ConnectionsWindow::makeTable()
{
    m_table->setAccessibleName(tr("Computers"));
    m_table->setHorizontalHeaderLabels({tr("Who"), tr("How it is"), tr("Where"), tr("How found"),
                                        tr("Answers in"), tr("Has"), tr("Waits"), tr("Came in"),
                                        tr("Went out")});
    m_table->setSelectionBehavior(QAbstractItemView::SelectRows);
    m_table->setSelectionMode(QAbstractItemView::SingleSelection);
    m_table->setEditTriggers(QAbstractItemView::NoEditTriggers);
    m_table->setTabKeyNavigation(false); // Tab leaves the table; arrows walk in it
    m_table->setShowGrid(false);
    m_table->setWordWrap(false);
    m_table->setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
    m_table->verticalHeader()->hide();
    m_table->verticalHeader()->setDefaultSectionSize(kRowHeight);
    m_table->horizontalHeader()->setHighlightSections(false);
    m_table->horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
    m_table->horizontalHeader()->setSectionResizeMode(QHeaderView::ResizeToContents);
    connect(m_table, &QTableWidget::currentCellChanged, this, &ConnectionsWindow::showDetail);
}

void ConnectionsWindow::makeCall(QVBoxLayout *column)
{
    column->addWidget(makeLabel(tr("Connect to an address"), "caption"));
    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    m_address = new QLineEdit;
    m_address->setAccessibleName(tr("Address to connect to"));
    m_address->setPlaceholderText(QStringLiteral("192.168.1.20:47474"));
    m_call = makeButton(tr("Connect"));
    m_call->setEnabled(false);
    row->addWidget(m_address, 1);
    row->addWidget(m_call);
    column->addLayout(row);
    m_reach->hide();
    column->addWidget(m_reach);
    connect(m_address, &QLineEdit::textChanged, this,
            [this](const QString &text) { m_call->setEnabled(!text.trimmed().isEmpty()); });
    connect(m_address, &QLineEdit::returnPressed, this, &ConnectionsWindow::call);
    connect(m_call, &QPushButton::clicked, this, &ConnectionsWindow::call);
}

void ConnectionsWindow::call()
{
    const QString address = m_address->text().trimmed();
    if (!address.isEmpty())
        m_bridge.submit(api::ConnectTo{address.toUtf8().toStdString()});
}

void ConnectionsWindow::reached(const api::ReachChanged &event)
{
    using S = api::ReachChanged::State;
    m_reach->setText(words::reach(event));
    setTone(m_reach,
            event.state == S::Failed         ? "refused"
                : event.state == S::Answered ? "agreed"
                                             : "pencil");
    m_reach->show();
}

// ---- While it is open ---------------------------------------------------------------------------

void ConnectionsWindow::watch(bool isWatched)
{
    if (std::exchange(m_isWatched, isWatched) != isWatched)
        m_bridge.submit(api::WatchConnections{isWatched});
}

void ConnectionsWindow::showEvent(QShowEvent *event)
{
    QDialog::showEvent(event);
    watch(true);
}

void ConnectionsWindow::hideEvent(QHideEvent *event)
{
    QDialog::hideEvent(event);
    watch(false);
}

void ConnectionsWindow::changed(const api::ConnectionsChanged &event)
{
    const api::Connection *before = current();
    const PublicKey chosen = before != nullptr ? before->device : PublicKey{};
    m_all = event;
    m_summary->setText(words::connectionSummary(m_all));
    {
        const QSignalBlocker quiet(m_table); // the row that is read stays the same one
        m_table->setRowCount(static_cast<int>(m_all.others.size()));
        for (int row = 0; row < m_table->rowCount(); ++row)
            fillRow(row, m_all.others[static_cast<std::size_t>(row)]);
        const auto at = std::ranges::find(m_all.others, chosen, &api::Connection::device);
        if (m_table->rowCount() > 0)
            m_table->setCurrentCell(
                at == m_all.others.end() ? 0 : static_cast<int>(at - m_all.others.begin()),
                std::max(m_table->currentColumn(), 0));
    }
    const bool isEmpty = m_all.others.empty();
    m_table->setVisible(!isEmpty);
    m_empty->setVisible(isEmpty);
    {
        const QSignalBlocker quiet(m_router);
        m_router->setChecked(m_all.router.isWanted);
    }
    m_routerSays->setText(words::router(m_all.router));
    m_visitors->setText(words::visitors(m_all));
    QStringList own;
    for (const std::string &address : m_all.addresses)
        own << QString::fromUtf8(address);
    m_own->setText(tr("This computer can be called at %1.").arg(own.join(tr(" or "))));
    m_own->setVisible(!own.isEmpty());
    showTroubles();
    showDetail();
}

void ConnectionsWindow::showTroubles()
{
    QStringList sentences;
    for (const Obstacle step : m_all.here)
        sentences << words::remedy(step, m_all.port);
    m_troubles->setText(sentences.join(QLatin1Char('\n')));
    m_troubles->setVisible(!sentences.isEmpty());
}

void ConnectionsWindow::fillRow(int row, const api::Connection &connection)
{
    using namespace words;
    const QStringList texts{connectionName(connection),
                            connectionState(connection),
                            QString::fromUtf8(connection.address),
                            connection.foundBy ? words::foundBy(*connection.foundBy) : QString(),
                            words::roundTrip(connection.roundTripSmoothed),
                            holds(connection),
                            words::waiting(connection),
                            connection.bytesIn > 0 ? bytes(connection.bytesIn) : QString(),
                            connection.bytesOut > 0 ? bytes(connection.bytesOut) : QString()};
    for (int column = 0; column < kColumns; ++column) {
        QTableWidgetItem *item = m_table->item(row, column);
        if (item == nullptr) {
            item = new QTableWidgetItem;
            m_table->setItem(row, column, item);
        }
        const QString &text = texts[column];
        if (item->text() != text)
            item->setText(text);
        // Empty cells are read as what they lack.
        const QString head = m_table->horizontalHeaderItem(column)->text();
        item->setData(Qt::AccessibleTextRole,
                      text.isEmpty() ? tr("%1: nothing").arg(head)
                                     : QStringLiteral("%1: %2").arg(head, text));
        const bool isToned = column == State;
        item->setForeground(isToned ? colour(roleOf(connection)) : colour(Role::Ink));
    }
}

const api::Connection *ConnectionsWindow::current() const
{
    const int row = m_table->currentRow();
    return row >= 0 && static_cast<std::size_t>(row) < m_all.others.size()
        ? &m_all.others[static_cast<std::size_t>(row)]
        : nullptr;
}

void ConnectionsWindow::showDetail()
{
    const api::Connection *row = current();
    m_detail->setVisible(row != nullptr);
    if (row == nullptr)
        return;
    m_detail->setText(
        tr("%1 \u2014 %2").arg(words::connectionName(*row), words::connectionDetail(*row)));
}

} // namespace nlbd::ui
