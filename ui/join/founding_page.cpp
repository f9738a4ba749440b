#include "ui/join/pages.h"

#include "core/base/limits.h"
#include "ui/parts.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QCheckBox>
#include <QKeyEvent>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QSignalBlocker>
#include <QStackedWidget>
#include <QStyledItemDelegate>

#include <algorithm>

namespace nlbd::ui {

namespace {

constexpr int kKeyRole = Qt::UserRole + 1;
constexpr int kRowHeight = 48;
constexpr int kRowsShown = 5; ///< more are scrolled
/// What stands where the people near would be.
enum Shown : std::uint8_t { kUnseen, kNobody, kPeople };

/// A row that is chosen as a whole: box, name, words of the key.
class NeighbourDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        const bool isEnabled = index.flags().testFlag(Qt::ItemIsEnabled);
        const bool isChecked = isEnabled && index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF field = QRectF(option.rect).adjusted(1, 1, -1, -1);
        if (isEnabled && option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(theme().hover);
            painter->drawRoundedRect(field, 6, 6);
        }
        if (option.state.testFlag(QStyle::State_HasFocus)) {
            painter->setBrush(Qt::NoBrush);
            painter->setPen(QPen(theme().accent, 2));
            painter->drawRoundedRect(field, 6, 6);
        }
        const QRectF box(option.rect.left() + 12.5, option.rect.center().y() - 7.5, 16, 16);
        painter->setPen(isEnabled ? (isChecked ? theme().accent : theme().border)
                                  : theme().hairline);
        painter->setBrush(isChecked ? theme().accent : isEnabled ? theme().page : theme().room);
        painter->drawRoundedRect(box, 4, 4);
        if (isChecked)
            icon(QStringLiteral("check"), Role::OnAccent).paint(painter, box.toAlignedRect());
        const QStringList lines = index.data().toString().split(QChar(u'\n'));
        const QRect words = option.rect.adjusted(40, 6, -10, -6);
        painter->setPen(isEnabled ? theme().ink : theme().faint);
        painter->setFont(uiFont(13, QFont::Medium));
        painter->drawText(words, Qt::AlignTop, lines.value(0));
        painter->setPen(isEnabled ? theme().muted : theme().faint);
        painter->setFont(uiFont(12));
        painter->drawText(words, Qt::AlignBottom, lines.value(1));
        painter->restore();
    }

    bool editorEvent(QEvent *event, QAbstractItemModel *model, const QStyleOptionViewItem &,
                     const QModelIndex &index) override
    {
        const bool isKey = event->type() == QEvent::KeyPress
            && static_cast<QKeyEvent *>(event)->key() == Qt::Key_Space;
        const bool isClick = event->type() == QEvent::MouseButtonRelease;
        if (!index.flags().testFlag(Qt::ItemIsEnabled) || (!isKey && !isClick))
            return false;
        const bool isChecked = index.data(Qt::CheckStateRole).toInt() == Qt::Checked;
        return model->setData(index, isChecked ? Qt::Unchecked : Qt::Checked, Qt::CheckStateRole);
    }
};

QByteArray bytesOfKey(const PublicKey &key)
{
    const std::string_view view = viewOf(key.view());
    return {view.data(), static_cast<qsizetype>(view.size())};
}

} // namespace

FoundingPage::FoundingPage(QWidget *parent)
    : LobbyPage(parent)
    , m_name(new QLineEdit)
    , m_visible(new QCheckBox(tr("Let people nearby see me")))
    , m_stack(new QStackedWidget)
    , m_list(new QListWidget)
    , m_addressBox(new QWidget)
    , m_address(new QLineEdit)
    , m_needs(makeSentence({}, "muted"))
    , m_found(makeButton({}, ButtonKind::Primary))
{
    addBack();
    addHead(tr("Start a workspace"),
            tr("Those who found it together are its first members. All of them are equal."));
    column()->addWidget(makeLabel(tr("Name of the workspace"), "caption"));
    m_name->setAccessibleName(tr("Name of the workspace"));
    m_name->setMaxLength(static_cast<int>(limits::kNameScalarsMax));
    column()->addWidget(m_name);
    column()->addSpacing(4);
    m_visible->setAccessibleName(m_visible->text());
    column()->addWidget(m_visible);

    makeNeighbours();
    makeAddress();
    column()->addWidget(m_needs);
    column()->addWidget(m_found);

    connect(m_visible, &QCheckBox::toggled, this, &FoundingPage::visibleAsked);
    connect(m_visible, &QCheckBox::toggled, this, &FoundingPage::showPeople);
    connect(m_name, &QLineEdit::textChanged, this, &FoundingPage::refresh);
    connect(m_name, &QLineEdit::returnPressed, this, &FoundingPage::found);
    connect(m_list, &QListWidget::itemChanged, this, &FoundingPage::refresh);
    connect(m_found, &QPushButton::clicked, this, &FoundingPage::found);
    setNeighbours({});
}

void FoundingPage::typeAddress()
{
    m_addressBox->show();
    m_address->setFocus();
}

void FoundingPage::makeNeighbours()
{
    m_list->setProperty("kind", QStringLiteral("card"));
    m_list->setItemDelegate(new NeighbourDelegate(m_list));
    m_list->setMouseTracking(true);
    m_list->setAccessibleName(tr("People near you"));
    m_list->setSelectionMode(QAbstractItemView::NoSelection);
    const EmptyState::Choice address{tr("Type an address"), [this] { typeAddress(); }};
    const EmptyState::Choice mine{tr("Show my invitation"), [this] { Q_EMIT invitationAsked(); }};
    auto *unseen = new EmptyState(
        QStringLiteral("nearby"), tr("Nobody sees you yet"),
        tr("People on the same network see each other's name and four words, if both want it."),
        {{tr("Look around"), [this] { m_visible->setChecked(true); }, ButtonKind::Primary}, mine});
    auto *nobody = new EmptyState(
        QStringLiteral("nearby"), tr("No one near"),
        tr("People on the same network appear here by themselves, once they look around too."),
        {address, mine});
    m_stack->addWidget(unseen);
    m_stack->addWidget(nobody);
    auto *people = new QWidget;
    auto *rows = new QVBoxLayout(people);
    rows->setContentsMargins(0, 0, 0, 0);
    rows->setSpacing(10);
    rows->addWidget(m_list);
    makeWays();
    rows->addWidget(m_ways);
    rows->addStretch();
    m_stack->addWidget(people);
    m_stack->setMinimumHeight(196);
    column()->addWidget(m_stack, 1);
}

void FoundingPage::makeWays()
{
    m_ways = new QWidget;
    auto *ways = new QHBoxLayout(m_ways);
    ways->setContentsMargins(0, 0, 0, 0);
    ways->setSpacing(8);
    QPushButton *address = makeButton(tr("Type an address"));
    QPushButton *mine = makeButton(tr("Show my invitation"));
    ways->addWidget(address);
    ways->addWidget(mine);
    ways->addStretch();
    connect(address, &QPushButton::clicked, this, &FoundingPage::typeAddress);
    connect(mine, &QPushButton::clicked, this, &FoundingPage::invitationAsked);
}

void FoundingPage::makeAddress()
{
    auto *typed = new QHBoxLayout(m_addressBox);
    typed->setContentsMargins(0, 0, 0, 0);
    typed->setSpacing(8);
    m_address->setPlaceholderText(tr("192.168.1.20:7450"));
    m_address->setAccessibleName(tr("Address of another computer"));
    QPushButton *reach = makeButton(tr("Look there"));
    typed->addWidget(m_address, 1);
    typed->addWidget(reach);
    m_addressBox->hide();
    column()->addWidget(m_addressBox);
    connect(reach, &QPushButton::clicked, this, &FoundingPage::connectTyped);
    connect(m_address, &QLineEdit::returnPressed, this, &FoundingPage::connectTyped);
}

void FoundingPage::begin()
{
    m_name->setFocus();
    m_name->selectAll();
}

void FoundingPage::setProfile(const api::ProfileChanged &profile)
{
    {
        const QSignalBlocker quiet(m_visible);
        m_visible->setChecked(profile.isVisible);
    }
    showPeople();
}

/// Whom I see, or why I see nobody: who is not seen sees nobody either.
void FoundingPage::showPeople()
{
    const Shown shown = !m_neighbours.empty() ? kPeople
        : m_visible->isChecked()              ? kNobody
                                              : kUnseen;
    const bool hadFocus = m_stack->currentWidget()->isAncestorOf(focusWidget());
    m_stack->setCurrentIndex(shown);
    if (hadFocus && shown != kPeople)
        m_stack->currentWidget()->setFocus();
    else if (hadFocus)
        m_list->setFocus();
}

void FoundingPage::connectTyped()
{
    const QString address = m_address->text().trimmed();
    if (!address.isEmpty())
        Q_EMIT addressTyped(address);
}

std::vector<PublicKey> FoundingPage::chosen() const
{
    std::vector<PublicKey> keys;
    for (int i = 0; i < m_list->count(); ++i) {
        const bool isChosen = m_list->item(i)->checkState() == Qt::Checked
            && m_list->item(i)->flags().testFlag(Qt::ItemIsEnabled);
        if (isChosen)
            keys.push_back(m_neighbours[static_cast<std::size_t>(i)].device);
    }
    return keys;
}

void FoundingPage::setNeighbours(const std::vector<api::Neighbour> &neighbours)
{
    const std::vector<PublicKey> kept = chosen();
    m_neighbours = neighbours;
    const QSignalBlocker quiet(m_list);
    m_list->clear();
    for (const api::Neighbour &neighbour : neighbours) {
        const QString name = QString::fromUtf8(neighbour.name);
        const QString words = QString::fromUtf8(neighbour.words);
        auto *item = new QListWidgetItem(m_list);
        item->setText(neighbour.hasSameVersion
                          ? tr("%1\n%2").arg(name, words)
                          : tr("%1\nRuns another version of No Leader").arg(name));
        item->setSizeHint(QSize(200, kRowHeight));
        item->setToolTip(plainToolTip(QString::fromUtf8(neighbour.address)));
        item->setData(kKeyRole, bytesOfKey(neighbour.device));
        item->setFlags(neighbour.hasSameVersion ? Qt::ItemIsEnabled | Qt::ItemIsUserCheckable
                                                : Qt::NoItemFlags);
        const bool isKept = std::find(kept.begin(), kept.end(), neighbour.device) != kept.end();
        item->setCheckState(isKept ? Qt::Checked : Qt::Unchecked);
    }
    const int rows = std::min(static_cast<int>(neighbours.size()), kRowsShown);
    m_list->setFixedHeight(rows * kRowHeight + 12);
    showPeople();
    refresh();
}

void FoundingPage::refresh()
{
    const std::size_t people = chosen().size() + 1;
    m_found->setEnabled(!m_name->text().simplified().isEmpty());
    m_found->setText(people > 1 ? tr("Found together") : tr("Start alone"));
    m_found->setAccessibleName(m_found->text());
    if (people == 1)
        m_needs->setText(
            tr("Alone, there is one copy. Choose people who are near to found it together."));
    else
        m_needs->setText(words::agreementNeeds(people));
}

void FoundingPage::found()
{
    const QString name = m_name->text().simplified();
    if (!name.isEmpty())
        Q_EMIT foundAsked(name, chosen());
}

} // namespace nlbd::ui
