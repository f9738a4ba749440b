#include "ui/rejected/rejected_window.h"

#include "ui/parts.h"
#include "ui/rejected/take_back_dialog.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>
#include <QClipboard>
#include <QGridLayout>
#include <QGuiApplication>
#include <QListWidget>
#include <QMenu>
#include <QPlainTextEdit>

#include <utility>

namespace nlbd::ui {

namespace {

constexpr int kRowHeight = 46; // two lines and air

QString oneLine(const std::string &text)
{
    return QString::fromUtf8(text).simplified();
}

void clearGrid(QGridLayout *grid)
{
    while (QLayoutItem *item = grid->takeAt(0)) {
        if (QWidget *widget = item->widget()) {
            widget->hide();
            widget->deleteLater();
        }
        delete item;
    }
}

} // namespace

RejectedWindow::RejectedWindow(WorkspaceBridge &bridge, Titles titles, QWidget *parent)
    : QDialog(parent)
    , m_bridge(bridge)
    , m_titles(std::move(titles))
    , m_list(new QListWidget)
    , m_detail(new QWidget)
    , m_title(makeSentence({}, "title"))
    , m_facts(new QGridLayout)
    , m_words(new QPlainTextEdit)
    , m_place(makeSentence({}, "muted"))
    , m_result(makeSentence({}))
    , m_put(makeButton({}, ButtonKind::Primary))
    , m_copy(makeButton(tr("Copy")))
    , m_takeBack(makeButton({}))
    , m_somebody(makeButton(tr("Take back somebody's work")))
{
    setWindowTitle(tr("Rejected work"));
    resize(900, 560);
    setMinimumSize(560, 420);
    makeDetail();
    m_list->setAccessibleName(tr("Rejected work"));
    m_list->setProperty("kind", QStringLiteral("card"));
    m_list->setTextElideMode(Qt::ElideRight);
    m_list->setUniformItemSizes(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    m_empty = new EmptyState(
        QStringLiteral("check"), tr("Nothing was rejected"),
        tr("When somebody is removed, what nobody had signed for by then is left out. If work "
           "stands on it, or the words are yours, you find them here."),
        {});
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(0);
    auto *left = new QVBoxLayout;
    left->setContentsMargins(8, 12, 8, 12);
    left->setSpacing(8);
    m_list->setFixedWidth(280);
    left->addWidget(m_list, 1);
    left->addWidget(m_somebody, 0, Qt::AlignLeft);
    row->addLayout(left);
    row->addWidget(m_detail, 1);
    row->addWidget(m_empty, 1);
    m_somebody->setMenu(new QMenu(m_somebody));
    connect(m_list, &QListWidget::currentRowChanged, this, &RejectedWindow::showRow);
    connect(m_put, &QPushButton::clicked, this, &RejectedWindow::putBack);
    connect(m_copy, &QPushButton::clicked, this, &RejectedWindow::copy);
    connect(m_takeBack, &QPushButton::clicked, this, [this] {
        if (const auto *part = shown())
            askTakeBack(part->device, this);
    });
    connect(&bridge, &WorkspaceBridge::rejectedChanged, this, &RejectedWindow::rejectedChanged);
    connect(&bridge, &WorkspaceBridge::rejectedRead, this, &RejectedWindow::read);
    connect(&bridge, &WorkspaceBridge::wordsPutBack, this, &RejectedWindow::wasPutBack);
    connect(&bridge, &WorkspaceBridge::decisionsChanged, this, &RejectedWindow::decisionsChanged);
    fill();
}

void RejectedWindow::makeDetail()
{
    m_words->setObjectName(QStringLiteral("bytes"));
    m_words->setReadOnly(true);
    m_words->setTabChangesFocus(true);
    m_words->setAccessibleName(tr("The words"));
    m_facts->setHorizontalSpacing(20);
    m_facts->setVerticalSpacing(6);
    m_facts->setColumnStretch(1, 1);
    auto *column = new QVBoxLayout(m_detail);
    column->setContentsMargins(24, 20, 24, 18);
    column->setSpacing(10);
    column->addWidget(m_title);
    column->addLayout(m_facts);
    column->addWidget(makeLabel(tr("The words"), "caption"));
    column->addWidget(m_words, 1);
    column->addWidget(m_place);
    column->addWidget(m_result);
    auto *buttons = new QHBoxLayout;
    buttons->setSpacing(8);
    buttons->addWidget(m_put);
    buttons->addWidget(m_copy);
    buttons->addStretch();
    QPushButton *close = makeButton(tr("Close"));
    buttons->addWidget(close);
    column->addLayout(buttons);
    column->addWidget(m_takeBack, 0, Qt::AlignLeft);
    connect(close, &QPushButton::clicked, this, &QWidget::hide);
    m_detail->setObjectName(QStringLiteral("detail"));
    m_detail->setAttribute(Qt::WA_StyledBackground);
    m_result->hide();
}

// ---- what is known ---------------------------------------------------------------------------

void RejectedWindow::setPeople(const words::People &people)
{
    const bool isSame = m_people.size() == people.size()
        && std::equal(people.begin(), people.end(), m_people.begin(),
                      [](const api::Person &a, const api::Person &b) {
                          return a.name == b.name && a.device == b.device && a.isMe == b.isMe;
                      });
    m_people = people;
    if (isSame)
        return;
    refreshSomebody();
    fill();
}

void RejectedWindow::setMayWrite(bool mayWrite)
{
    m_mayWrite = mayWrite;
    refreshSomebody();
    nameButtons();
}

void RejectedWindow::rejectedChanged(const api::RejectedChanged &event)
{
    auto parts = words::partsOf(event.rejected);
    if (parts == m_parts)
        return;
    m_parts = std::move(parts);
    fill();
    Q_EMIT changed();
}

void RejectedWindow::decisionsChanged(const api::DecisionsChanged &event)
{
    if (event.made == m_made)
        return;
    m_made = event.made;
    if (const auto *part = shown())
        showFacts(*part);
}

/// Everybody who wrote here, also those who are gone: their words are still in the texts.
void RejectedWindow::refreshSomebody()
{
    QMenu *menu = m_somebody->menu();
    menu->clear();
    for (const api::Person &person : m_people) {
        if (person.isMe)
            continue;
        const QString name = QString::fromUtf8(person.name);
        const bool isGone = person.standing == api::Person::Standing::Gone;
        connect(menu->addAction(onButton(isGone ? tr("%1, who is no longer here\u2026").arg(name)
                                                : tr("%1\u2026").arg(name))),
                &QAction::triggered, this,
                [this, device = person.device] { askTakeBack(device, this); });
    }
    m_somebody->setVisible(m_mayWrite && !menu->isEmpty());
}

void RejectedWindow::askTakeBack(DeviceIndex device, QWidget *above)
{
    auto *dialog = new TakeBackDialog(m_bridge, device, words::nameOf(m_people, device), above);
    dialog->open();
}

// ---- what is shown ---------------------------------------------------------------------------

const words::RejectedPart *RejectedWindow::shown() const
{
    const int row = m_list->currentRow();
    const bool isThere = row >= 0 && std::cmp_less(row, m_parts.size());
    return isThere ? &m_parts[static_cast<std::size_t>(row)] : nullptr;
}

void RejectedWindow::fill()
{
    const int kept = std::max(0, m_list->currentRow());
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    const QDateTime now = QDateTime::currentDateTime();
    for (const words::RejectedPart &part : m_parts) {
        const QString name = words::isMine(m_people, part.device)
            ? tr("Yours")
            : words::nameOf(m_people, part.device);
        const QString text = part.text.empty() ? tr("a deletion") : oneLine(part.text);
        auto *item = new QListWidgetItem(
            tr("%1 \u00B7 %2\n%3").arg(name, words::when(part.when, now), text), m_list);
        item->setData(Qt::AccessibleTextRole,
                      tr("%1. %2").arg(words::rejectedHead(part, m_people), text));
        item->setSizeHint(QSize(120, kRowHeight));
    }
    const bool isEmpty = m_parts.empty();
    m_list->setVisible(!isEmpty);
    m_detail->setVisible(!isEmpty);
    m_empty->setVisible(isEmpty);
    if (!isEmpty) {
        m_list->setCurrentRow(std::min(kept, m_list->count() - 1));
        showRow(m_list->currentRow());
    }
}

void RejectedWindow::showRow(int row)
{
    const words::RejectedPart *part = shown();
    if (row < 0 || part == nullptr)
        return;
    m_title->setText(breakable(words::rejectedHead(*part, m_people)));
    m_text.clear();
    m_words->setPlainText(QString::fromUtf8(part->text));
    m_place->setText(QString());
    m_result->hide();
    showFacts(*part);
    nameButtons();
    m_reading = m_bridge.nextRequest();
    m_bridge.submit(api::ReadRejected{m_reading, part->changes});
}

void RejectedWindow::showFacts(const words::RejectedPart &part)
{
    clearGrid(m_facts);
    int row = 0;
    const auto add = [&](const QString &name, const QString &value) {
        m_facts->addWidget(makeLabel(name, "muted"), row, 0, Qt::AlignTop);
        m_facts->addWidget(makeSentence(breakable(value)), row, 1);
        ++row;
    };
    add(tr("Left out by"), words::rejectedBy(part, m_people, m_made));
    add(tr("Written"), tr("%1, in %2").arg(words::whenExactly(part.when), m_titles(part.doc)));
    add(tr("Stands on it"), words::standsOnIt(part));
}

void RejectedWindow::nameButtons()
{
    const words::RejectedPart *part = shown();
    if (part == nullptr)
        return;
    const bool isMine = words::isMine(m_people, part->device);
    m_put->setText(isMine ? tr("Put these words back") : tr("Write these words again, as yours"));
    m_put->setAccessibleName(m_put->text());
    m_put->setVisible(m_mayWrite);
    m_put->setEnabled(!m_text.isEmpty() && m_putting == 0);
    m_copy->setEnabled(!m_text.isEmpty());
    const QString name = words::nameOf(m_people, part->device);
    const QString take = tr("Take back all that %1 wrote since\u2026");
    m_takeBack->setText(onButton(take.arg(shortName(name))));
    m_takeBack->setAccessibleName(take.arg(name));
    m_takeBack->setVisible(m_mayWrite && !isMine);
}

void RejectedWindow::read(const api::RejectedRead &event)
{
    if (event.request != m_reading || shown() == nullptr)
        return;
    m_text = QString::fromUtf8(event.text);
    if (!m_text.isEmpty())
        m_words->setPlainText(m_text);
    const QString before = breakable(oneLine(event.before));
    const QString after = breakable(oneLine(event.after));
    if (m_text.isEmpty())
        m_place->setText(tr("It has no words to put back."));
    else if (event.hasPlace)
        m_place->setText(tr("They stood here: \u2026%1 [here] %2\u2026").arg(before, after));
    else
        m_place->setText(tr("What they stood beside is gone too: they would go to the end, after "
                            "\u2026%1")
                             .arg(before));
    nameButtons();
}

// ---- what is done ----------------------------------------------------------------------------

void RejectedWindow::putBack()
{
    const words::RejectedPart *part = shown();
    if (part == nullptr || m_putting != 0)
        return;
    m_copy->setFocus(); // a button that waits would hand the focus to whatever comes next
    m_putting = m_bridge.nextRequest();
    nameButtons();
    m_bridge.submit(api::PutBack{m_putting, part->changes});
}

void RejectedWindow::wasPutBack(const api::WordsPutBack &event)
{
    if (event.request != m_putting)
        return;
    m_putting = 0;
    m_result->setText(
        event.isDone
            ? tr("They are in the text again, as an edit of yours. Undo takes it back.")
            : tr("They could not be written now. Nothing was changed; copy them to keep them."));
    setTone(m_result, event.isDone ? "agreed" : "refused");
    m_result->show();
    nameButtons();
}

void RejectedWindow::copy()
{
    QGuiApplication::clipboard()->setText(m_text);
    m_result->setText(tr("Copied."));
    setTone(m_result, "agreed");
    m_result->show();
}

} // namespace nlbd::ui
