#include "ui/theme_style.h"

#include "ui/theme.h"

#include <QHash>

namespace nlbd::ui {

namespace {

/// Names in @brackets@ are colours of the theme. Fields take their ink from the palette: a colour
/// given here would make Qt draw their placeholders in half of it, too pale to read.
const char *const kSheet = R"(
QWidget#room, QDialog, QWidget[kind="room"] { background: @room@; color: @ink@; }
QToolTip { background: @raised@; color: @ink@; border: 1px solid @hairline@; padding: 4px 6px; }

QPushButton {
    background: @raised@; color: @ink@; border: 1px solid @border@; border-radius: 6px;
    padding: 6px 12px; min-height: 20px;
}
QPushButton:hover { background: @hover@; }
QPushButton:pressed { background: @selection@; }
QPushButton:focus { border: 2px solid @accent@; padding: 5px 11px; }
QPushButton:disabled { color: @faint@; border-color: @hairline@; background: @room@; }
QPushButton[kind="primary"] {
    background: @accent@; color: @onAccent@; border: 1px solid @accent@; font-weight: 600;
}
QPushButton[kind="primary"]:hover { background: @accentHover@; }
QPushButton[kind="primary"]:focus { border: 2px solid @ink@; }
QPushButton[kind="primary"]:disabled { background: @hover@; color: @faint@; border-color: @hover@; }
QPushButton[kind="link"] {
    background: transparent; border: 1px solid transparent; color: @link@; padding: 6px 8px;
}
QPushButton[kind="link"]:hover { background: @hover@; }
QPushButton[kind="link"]:focus { border: 2px solid @accent@; padding: 5px 7px; }

QToolButton {
    background: transparent; color: @ink@; border: 2px solid transparent; border-radius: 6px;
    padding: 5px;
}
QToolButton:hover { background: @hover@; }
QToolButton:pressed, QToolButton:checked { background: @selection@; }
QToolButton:focus { border: 2px solid @accent@; }
QToolButton::menu-indicator { image: none; }

QLineEdit {
    background: @page@; border: 1px solid @border@; border-radius: 6px;
    padding: 6px 9px; min-height: 18px; selection-background-color: @selection@;
    selection-color: @ink@;
}
QLineEdit:focus { border: 2px solid @accent@; padding: 5px 8px; }
QLineEdit:disabled { color: @faint@; border-color: @hairline@; }
QSpinBox {
    background: @page@; border: 1px solid @border@; border-radius: 6px; padding: 5px 9px;
    min-height: 18px; selection-background-color: @selection@; selection-color: @ink@;
}
QSpinBox:focus { border: 2px solid @accent@; padding: 4px 8px; }
QSpinBox QLineEdit, QSpinBox QLineEdit:focus {
    background: transparent; border: none; padding: 0; min-height: 0;
}
QLineEdit#rename { padding: 0 4px; min-height: 0; border-radius: 4px; }

QListView {
    background: transparent; color: @ink@; border: none; outline: none;
}
QListView[kind="card"] {
    background: @raised@; border: 1px solid @hairline@; border-radius: 10px; padding: 4px;
}
QListView[kind="card"]:focus { border: 2px solid @accent@; padding: 3px; }

QTreeView { background: transparent; color: @ink@; border: 2px solid transparent;
    border-radius: 6px; outline: none; }
QTreeView:focus { border: 2px solid @accent@; }
QTreeView::item { padding: 4px 2px; }
QTreeView::item:hover { background: @hover@; }
QTreeView::item:selected { background: @selection@; color: @ink@; }

QTableView { background: @page@; color: @ink@; border: 1px solid @hairline@; border-radius: 6px;
    outline: none; selection-background-color: @selection@; selection-color: @ink@; }
QTableView:focus { border: 2px solid @accent@; }
QTableView::item { padding: 0 10px; }
QHeaderView, QHeaderView::section { background: @room@; color: @muted@; border: none; }
QHeaderView::section { border-bottom: 1px solid @hairline@; padding: 6px 10px; font-size: 12px;
    font-weight: 600; }

QPlainTextEdit { background: @page@; border: none;
    selection-background-color: @selection@; selection-color: @ink@; }
QPlainTextEdit#bytes, QTextBrowser {
    background: @page@; color: @ink@; border: 1px solid @hairline@; border-radius: 6px;
    padding: 6px;
}
QPlainTextEdit#invitation, QPlainTextEdit#commentBox {
    border: 1px solid @border@; border-radius: 6px; padding: 6px;
}
QPlainTextEdit#invitation:focus, QPlainTextEdit#commentBox:focus, QPlainTextEdit#bytes:focus, QTextBrowser:focus {
    border: 2px solid @accent@; padding: 5px;
}

QCheckBox {
    color: @ink@; spacing: 8px; padding: 4px 6px 4px 1px; border: 2px solid transparent;
    border-radius: 6px;
}
QCheckBox:focus { border: 2px solid @accent@; }

QCheckBox::indicator {
    width: 16px; height: 16px; border: 1px solid @border@; border-radius: 4px; background: @page@;
}
QCheckBox::indicator:checked {
    background: @accent@; border-color: @accent@; image: url(:/icons/tick-@mode@.svg);
}

QLabel { background: transparent; color: @ink@; }
QLabel[kind="title"] { font-size: 17px; font-weight: 600; }
QLabel[kind="heading"] { font-size: 14px; font-weight: 600; }
QLabel[kind="caption"] { font-size: 12px; color: @muted@; font-weight: 600; }
QLabel[kind="muted"] { color: @muted@; }
QLabel[kind="badge"] { font-size: 12px; font-weight: 600; color: @onAccent@;
    background: @accent@; border-radius: 8px; padding: 1px 8px; }
QLabel[tone="refused"] { color: @refused@; }
QLabel[tone="pencil"] { color: @pencil@; }
QLabel[tone="agreed"] { color: @agreed@; }

QWidget#toolbar { background: @room@; border-bottom: 1px solid @hairline@; }
QWidget#outline { background: @room@; border-right: 1px solid @hairline@; }
QWidget#findBar { background: @room@; border-bottom: 1px solid @hairline@; }
QWidget#sidebar { background: @room@; border-right: 1px solid @hairline@; }
QWidget#side { background: @room@; border-left: 1px solid @hairline@; }
QWidget#statusLine { background: @room@; border-top: 1px solid @hairline@; }
QWidget#statusLine:focus { border: 2px solid @accent@; }
QWidget#pageColumn { background: @page@; }
QWidget#detail { background: @page@; border-left: 1px solid @hairline@; }
QFrame#separator { background: @hairline@; border: none; }
QFrame[kind="card"] { background: @raised@; border: 1px solid @hairline@; border-radius: 10px; }
QFrame#comment:focus, QFrame#comment[tone="current"] { border: 2px solid @accent@; }
QFrame[kind="card"][tone="current"] { border: 2px solid @accent@; }
QFrame#banner { background: @raised@; border: none; border-bottom: 1px solid @hairline@;
    border-left: 5px solid @border@; border-radius: 0; }
QFrame#banner[tone="refused"] { background: @refusedBanner@; border-left-color: @refused@;
    border-bottom-color: @refusedBanner@; }
QFrame#banner[tone="pencil"] { background: @pencilBanner@; border-left-color: @pencil@;
    border-bottom-color: @pencilBanner@; }
QFrame#banner[tone="agreed"] { background: @agreedBanner@; border-left-color: @agreed@;
    border-bottom-color: @agreedBanner@; }

QMenu { background: @raised@; color: @ink@; border: 1px solid @hairline@; padding: 4px; }
QMenu::item { padding: 6px 28px 6px 14px; border-radius: 4px; }
QMenu::item:selected { background: @selection@; }
QMenu::item:disabled { color: @faint@; }
QMenu::separator { height: 1px; background: @hairline@; margin: 4px 8px; }
QMenu::indicator { width: 14px; height: 14px; left: 6px; }

QScrollArea, QScrollArea > QWidget > QWidget#scrolled { background: transparent; border: none; }
QScrollArea#cards:focus { border: 2px solid @accent@; border-radius: 6px; }
QScrollBar:vertical { background: transparent; width: 12px; margin: 0; }
QScrollBar::handle:vertical {
    background: @hairline@; min-height: 28px; border-radius: 4px; margin: 2px;
}
QScrollBar::handle:vertical:hover { background: @border@; }
QScrollBar:horizontal { background: transparent; height: 12px; margin: 0; }
QScrollBar::handle:horizontal {
    background: @hairline@; min-width: 28px; border-radius: 4px; margin: 2px;
}
QScrollBar::handle:horizontal:hover { background: @border@; }
QScrollBar::add-line, QScrollBar::sub-line { width: 0; height: 0; border: none; background: none; }
QScrollBar::add-page, QScrollBar::sub-page { background: none; }
QSplitter::handle { background: @hairline@; }
)";

} // namespace

QString styleSheet(const Theme &t)
{
    const QHash<QString, QColor> colours{
        {QStringLiteral("room"), t.room},
        {QStringLiteral("page"), t.page},
        {QStringLiteral("raised"), t.raised},
        {QStringLiteral("hover"), t.hover},
        {QStringLiteral("hairline"), t.hairline},
        {QStringLiteral("border"), t.border},
        {QStringLiteral("ink"), t.ink},
        {QStringLiteral("muted"), t.muted},
        {QStringLiteral("faint"), t.faint},
        {QStringLiteral("accent"), t.accent},
        {QStringLiteral("accentHover"), blend(t.ink, t.accent, 0.15)},
        {QStringLiteral("onAccent"), t.onAccent},
        {QStringLiteral("link"), t.link},
        {QStringLiteral("selection"), t.selection},
        {QStringLiteral("agreed"), t.agreed},
        {QStringLiteral("pencil"), t.pencil},
        {QStringLiteral("refused"), t.refused},
        {QStringLiteral("agreedBanner"), t.agreedBanner},
        {QStringLiteral("pencilBanner"), t.pencilBanner},
        {QStringLiteral("refusedBanner"), t.refusedBanner},
    };
    QString sheet = QString::fromLatin1(kSheet);
    for (auto it = colours.begin(); it != colours.end(); ++it)
        sheet.replace(QStringLiteral("@%1@").arg(it.key()), it.value().name());
    sheet.replace(QStringLiteral("@mode@"),
                  t.isDark ? QStringLiteral("dark") : QStringLiteral("light"));
    return sheet;
}

} // namespace nlbd::ui
