#include "ui/join/pages.h"

#include "core/base/limits.h"
#include "ui/parts.h"
#include "ui/words.h"

#include <QBoxLayout>
#include <QLineEdit>
#include <QListWidget>
#include <QPainter>
#include <QStyledItemDelegate>

namespace nlbd::ui {

namespace {

constexpr int kColumnWidth = 490;
constexpr int kCornerHeight = 44; ///< the same on all pages, so that nothing jumps
constexpr int kRowHeight = 52;
constexpr int kUnderRole = Qt::UserRole + 1;

class WorkspaceDelegate : public QStyledItemDelegate {
public:
    using QStyledItemDelegate::QStyledItemDelegate;

    [[nodiscard]] QSize sizeHint(const QStyleOptionViewItem &, const QModelIndex &) const override
    {
        return {200, kRowHeight};
    }

    void paint(QPainter *painter, const QStyleOptionViewItem &option,
               const QModelIndex &index) const override
    {
        painter->save();
        painter->setRenderHint(QPainter::Antialiasing);
        const QRectF field = QRectF(option.rect).adjusted(1, 1, -1, -1);
        const bool isChosen = option.state.testFlag(QStyle::State_Selected);
        if (isChosen || option.state.testFlag(QStyle::State_MouseOver)) {
            painter->setPen(Qt::NoPen);
            painter->setBrush(isChosen ? theme().selection : theme().hover);
            painter->drawRoundedRect(field, 6, 6);
        }
        icon(QStringLiteral("room"), Role::Accent)
            .paint(painter, QRect(option.rect.left() + 14, option.rect.top() + 16, 20, 20));
        const QRect words = option.rect.adjusted(46, 8, -12, -8);
        painter->setPen(theme().ink);
        painter->setFont(uiFont(14, QFont::DemiBold));
        painter->drawText(words, Qt::AlignTop,
                          painter->fontMetrics().elidedText(index.data().toString(), Qt::ElideRight,
                                                            words.width()));
        painter->setPen(theme().muted);
        painter->setFont(uiFont(12));
        painter->drawText(words, Qt::AlignBottom,
                          painter->fontMetrics().elidedText(index.data(kUnderRole).toString(),
                                                            Qt::ElideRight, words.width()));
        painter->restore();
    }
};

} // namespace

LobbyPage::LobbyPage(QWidget *parent)
    : QWidget(parent)
    , m_column(new QVBoxLayout)
    , m_corner(new QVBoxLayout)
{
    auto *page = new QVBoxLayout(this);
    page->setContentsMargins(0, 0, 0, 0);
    page->setSpacing(0);
    auto *corner = new QWidget;
    corner->setFixedHeight(kCornerHeight);
    corner->setLayout(m_corner);
    m_corner->setContentsMargins(12, 10, 12, 0);
    page->addWidget(corner);
    auto *row = new QHBoxLayout;
    page->addLayout(row, 1);
    row->setContentsMargins(24, 8, 24, 24);
    row->addStretch(1);
    auto *box = new QWidget;
    box->setFixedWidth(kColumnWidth);
    box->setLayout(m_column);
    m_column->setContentsMargins(0, 0, 0, 0);
    m_column->setSpacing(10);
    row->addWidget(box);
    row->addStretch(1);
}

QLabel *LobbyPage::addHead(const QString &title, const QString &sentence)
{
    QLabel *label = makeSentence(sentence, "muted");
    m_column->addWidget(makeLabel(title, "title"));
    m_column->addWidget(label);
    m_column->addSpacing(6);
    return label;
}

void LobbyPage::addBack()
{
    QPushButton *back = makeButton(tr("Back"), ButtonKind::Link);
    back->setIcon(icon(QStringLiteral("back")));
    connect(back, &QPushButton::clicked, this, &LobbyPage::backAsked);
    m_corner->addWidget(back, 0, Qt::AlignLeft);
}

WelcomePage::WelcomePage(const QString &suggestedName, QWidget *parent)
    : LobbyPage(parent)
    , m_title(makeLabel({}, "title"))
    , m_sentence(makeSentence({}, "muted"))
    , m_nameBox(new QWidget)
    , m_name(new QLineEdit(suggestedName))
    , m_list(new QListWidget)
    , m_start(makeButton(tr("Start a workspace"), ButtonKind::Primary))
    , m_recovery(makeButton({}, ButtonKind::Link))
    , m_backup(makeButton({}, ButtonKind::Link))
    , m_connections(makeButton(tr("Connections"), ButtonKind::Link))
    , m_me(makeSentence({}, "muted"))
{
    column()->addStretch(1);
    m_sign = new QLabel;
    m_sign->setAlignment(Qt::AlignHCenter);
    m_sign->setPixmap(appIcon().pixmap(QSize(72, 72), devicePixelRatioF()));
    column()->addWidget(m_sign);
    column()->addSpacing(6);
    m_title->setAlignment(Qt::AlignHCenter);
    m_sentence->setAlignment(Qt::AlignHCenter);
    column()->addWidget(m_title);
    column()->addWidget(m_sentence);
    column()->addSpacing(12);

    auto *nameColumn = new QVBoxLayout(m_nameBox);
    nameColumn->setContentsMargins(0, 0, 0, 4);
    nameColumn->setSpacing(5);
    nameColumn->addWidget(makeLabel(tr("Your name, as others will see it"), "caption"));
    nameColumn->addWidget(m_name);
    m_name->setAccessibleName(tr("Your name, as others will see it"));
    m_name->setMaxLength(static_cast<int>(limits::kNameScalarsMax));
    column()->addWidget(m_nameBox);

    m_list->setProperty("kind", QStringLiteral("card"));
    m_list->setItemDelegate(new WorkspaceDelegate(m_list));
    m_list->setAccessibleName(tr("Your workspaces"));
    m_list->setMouseTracking(true);
    m_list->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
    column()->addWidget(m_list);
    column()->addSpacing(4);

    auto *row = new QHBoxLayout;
    row->setSpacing(8);
    QPushButton *join = makeButton(tr("Join with an invitation"));
    row->addWidget(m_start, 1);
    row->addWidget(join, 1);
    column()->addLayout(row);
    column()->addSpacing(4);
    m_me->setAlignment(Qt::AlignHCenter);
    column()->addWidget(m_me);
    addLoss();
    column()->addStretch(2);

    setTabOrder(m_name, m_list);
    setTabOrder(m_list, m_start);
    setTabOrder(m_start, join);
    setTabOrder(join, m_recovery);
    connect(m_start, &QPushButton::clicked, this, &WelcomePage::startAsked);
    connect(m_name, &QLineEdit::returnPressed, this, &WelcomePage::startAsked);
    connect(join, &QPushButton::clicked, this, &WelcomePage::joinAsked);
    connect(m_list, &QListWidget::itemActivated, this, [this](QListWidgetItem *item) {
        Q_EMIT opened(m_workspaces[static_cast<std::size_t>(m_list->row(item))].id);
    });
    connect(m_list, &QListWidget::itemClicked, this, [this](QListWidgetItem *item) {
        Q_EMIT opened(m_workspaces[static_cast<std::size_t>(m_list->row(item))].id);
    });
    setWorkspaces({});
}

/// What helps if this computer is lost, and where one looks if nobody is found.
void WelcomePage::addLoss()
{
    auto *row = new QHBoxLayout;
    row->addStretch();
    row->addWidget(m_recovery);
    row->addSpacing(16);
    row->addWidget(m_backup);
    row->addStretch();
    column()->addLayout(row);
    column()->addWidget(m_connections, 0, Qt::AlignHCenter); // all three are wider than the column
    connect(m_recovery, &QPushButton::clicked, this, &WelcomePage::recoveryAsked);
    connect(m_backup, &QPushButton::clicked, this, &WelcomePage::backupAsked);
    connect(m_connections, &QPushButton::clicked, this, &WelcomePage::connectionsAsked);
    setTabOrder(m_recovery, m_backup);
    setTabOrder(m_backup, m_connections);
}

QString WelcomePage::typedName() const
{
    return m_name->text().simplified();
}

bool WelcomePage::asksName() const
{
    return !m_nameBox->isHidden();
}

void WelcomePage::focusName()
{
    m_name->setFocus();
    m_name->selectAll();
}

void WelcomePage::setProfile(const api::ProfileChanged &profile)
{
    m_nameBox->setVisible(profile.name.empty());
    m_recovery->setText(profile.name.empty() ? tr("Restore with recovery words")
                                             : tr("Show my recovery words"));
    m_backup->setText(profile.name.empty() ? tr("Restore from a backup\u2026")
                                           : tr("Back up\u2026"));
    m_recovery->setVisible(!profile.isCompanion); // which has not the key that they are
    m_me->setVisible(!profile.name.empty());
    m_me->setText(tr("You are %1. Your four words: %2.")
                      .arg(QString::fromUtf8(profile.name), QString::fromUtf8(profile.words)));
}

void WelcomePage::setWorkspaces(const std::vector<api::WorkspaceInfo> &workspaces)
{
    m_workspaces = workspaces;
    m_list->clear();
    const QDateTime now = QDateTime::currentDateTime();
    for (const api::WorkspaceInfo &info : workspaces) {
        QStringList members;
        for (const std::string &member : info.members)
            members.append(QString::fromUtf8(member));
        auto *item = new QListWidgetItem(QString::fromUtf8(info.name), m_list);
        const QString under = tr("%1 \u00B7 last used %2")
                                  .arg(words::names(members), words::when(info.lastUsed, now));
        item->setData(kUnderRole, under);
        item->setData(Qt::AccessibleTextRole, tr("%1. %2").arg(item->text(), under));
    }
    const bool isEmpty = workspaces.empty();
    m_list->setVisible(!isEmpty);
    const int rows = std::min(static_cast<int>(workspaces.size()), 5);
    m_list->setFixedHeight(rows * kRowHeight + 12);
    m_title->setText(isEmpty ? tr("A room for your group") : tr("Your workspaces"));
    m_sentence->setText(
        isEmpty ? tr("Everyone who joins keeps the whole room. There is no owner and no "
                     "server.")
                : tr("Everything in them is on this computer."));
}

} // namespace nlbd::ui
