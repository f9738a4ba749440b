// What the toolbar, the menu and keys say of how the text looks.

#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/parts.h"
#include "ui/theme.h"

#include <QAction>
#include <QBoxLayout>
#include <QMenu>
#include <QToolButton>

namespace nlbd::ui {

namespace {

using Kind = BlockStyle::Kind;

} // namespace

QAction *MainWindow::addFormat(const QString &iconName, const QString &text, const QString &keys,
                               const std::function<void()> &toggle)
{
    auto *action = new QAction(text, this);
    if (!iconName.isEmpty())
        action->setIcon(icon(iconName, Role::Ink));
    action->setShortcut(QKeySequence(keys));
    action->setCheckable(true);
    addAction(action);
    connect(action, &QAction::triggered, this, [this, toggle] {
        toggle();
        showFormats(); // a check that is not so goes
        m_page->setFocus();
    });
    return action;
}

QAction *MainWindow::addMark(const QString &iconName, const QString &text, const QString &keys,
                             const char *key)
{
    QAction *action = addFormat(iconName, text, keys, [this, key] { m_page->toggleMark(key); });
    m_markActions.append({action, key});
    return action;
}

QAction *MainWindow::addBlock(const QString &iconName, const QString &text, const QString &keys,
                              Kind kind)
{
    QAction *action = addFormat(iconName, text, keys, [this, kind] { m_page->toggleBlock(kind); });
    m_blockActions.append({action, kind});
    return action;
}

void MainWindow::makeFormatActions()
{
    const auto name = [](const char *icon) { return QString::fromLatin1(icon); };
    QAction *bold = addMark(name("bold"), tr("Bold"), tr("Ctrl+B"), kBold);
    QAction *italic = addMark(name("italic"), tr("Italic"), tr("Ctrl+I"), kItalic);
    QAction *strike = addMark({}, tr("Struck through"), tr("Ctrl+Shift+X"), kStrike);
    QAction *code = addMark({}, tr("Code in a line"), tr("Ctrl+E"), kCode);
    QAction *h1 = addBlock(name("heading"), tr("Heading"), tr("Ctrl+Alt+1"), Kind::Heading1);
    QAction *h2 = addBlock({}, tr("Smaller heading"), tr("Ctrl+Alt+2"), Kind::Heading2);
    QAction *h3 = addBlock({}, tr("Smallest heading"), tr("Ctrl+Alt+3"), Kind::Heading3);
    QAction *bullet = addBlock(name("list-bullet"), tr("List"), tr("Ctrl+Shift+8"), Kind::Bullet);
    QAction *number =
        addBlock(name("list-number"), tr("Numbered list"), tr("Ctrl+Shift+7"), Kind::Number);
    QAction *task = addBlock(name("task"), tr("Tasks"), tr("Ctrl+Shift+9"), Kind::Task);
    QAction *quote = addBlock(name("quote"), tr("Quote"), tr("Ctrl+Shift+."), Kind::Quote);
    QAction *codeBlock = addBlock(name("code"), tr("Block of code"), tr("Ctrl+Alt+C"), Kind::Code);
    auto *link = new QAction(icon(name("link"), Role::Ink), tr("Link\u2026"), this);
    link->setObjectName(QStringLiteral("link")); // connectParts() knows what it does
    link->setShortcut(QKeySequence(tr("Ctrl+L")));
    addAction(link);
    auto *comment = new QAction(icon(name("comment"), Role::Ink), tr("Comment"), this);
    comment->setObjectName(QStringLiteral("commentAction"));
    comment->setShortcut(QKeySequence(tr("Ctrl+Alt+M")));
    addAction(comment);
    auto *history = new QAction(icon(name("history"), Role::Ink), tr("History of this page"), this);
    history->setObjectName(QStringLiteral("historyAction"));
    history->setShortcut(QKeySequence(tr("Ctrl+Shift+H")));
    addAction(history);
    m_formatActions = {bold,  italic,    h1,   bullet,  number,  task,
                       quote, codeBlock, link, nullptr, comment, history};
    m_formatMenu = new QMenu(tr("Format"), this);
    m_formatMenu->addActions({bold, italic, strike, code, link});
    m_formatMenu->addSeparator();
    m_formatMenu->addActions({h1, h2, h3, bullet, number, task, quote, codeBlock});
    showFormats();
}

/// Its place in the toolbar; where that is narrow, the menu and the keys are left.
QWidget *MainWindow::makeFormatBar()
{
    m_formatBar = new QWidget;
    auto *row = new QHBoxLayout(m_formatBar);
    row->setContentsMargins(0, 0, 0, 0);
    row->setSpacing(3);
    for (QAction *action : std::as_const(m_formatActions))
        row->addWidget(action ? static_cast<QWidget *>(addButton(action)) : makeSeparator());
    return m_formatBar;
}

/// The buttons say what the letters at the caret are and what their block is.
void MainWindow::showFormats()
{
    const bool isOpen = m_page && m_page->isOpen() && !m_page->isReadOnly();
    const Attributes marks = isOpen ? m_page->marksAtCaret() : Attributes();
    const Kind kind = isOpen ? m_page->blockAtCaret().kind : Kind::Paragraph;
    for (const auto &[action, key] : std::as_const(m_markActions)) {
        action->setEnabled(isOpen);
        action->setChecked(marks.contains(key));
    }
    for (const auto &[action, what] : std::as_const(m_blockActions)) {
        action->setEnabled(isOpen);
        action->setChecked(what == kind);
    }
}

} // namespace nlbd::ui
