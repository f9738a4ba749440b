#include "ui/reader/widget_readers.h"

#include "ui/status_line.h"

#include <QAccessibleWidget>
#include <QMenu>
#include <QToolButton>

namespace nlbd::ui {

namespace {

/// A button that opens a menu at once. The menu is its child, open or not, so that a reader finds
/// all that is in it.
class MenuButtonReader : public QAccessibleWidget {
public:
    explicit MenuButtonReader(QToolButton &button)
        : QAccessibleWidget(&button, QAccessible::ButtonMenu)
    {
    }

    [[nodiscard]] QAccessible::State state() const override
    {
        QAccessible::State state = QAccessibleWidget::state();
        state.hasPopup = true;
        return state;
    }
    [[nodiscard]] QString text(QAccessible::Text kind) const override
    {
        const QString own = QAccessibleWidget::text(kind);
        return kind == QAccessible::Name && own.isEmpty() ? button().text() : own;
    }
    [[nodiscard]] int childCount() const override { return menu() ? 1 : 0; }
    [[nodiscard]] QAccessibleInterface *child(int index) const override
    {
        return index == 0 && menu() ? QAccessible::queryAccessibleInterface(menu()) : nullptr;
    }
    [[nodiscard]] int indexOfChild(const QAccessibleInterface *child) const override
    {
        return child && child->object() == menu() ? 0 : -1;
    }

    [[nodiscard]] QStringList actionNames() const override
    {
        return widget()->isEnabled() ? QStringList{pressAction(), showMenuAction()} : QStringList();
    }
    /// The menu is shown when this is answered: it keeps whoever shows it until it is closed.
    void doAction(const QString &action) override
    {
        if (widget()->isEnabled() && (action == pressAction() || action == showMenuAction()))
            QMetaObject::invokeMethod(&button(), &QToolButton::showMenu, Qt::QueuedConnection);
    }

private:
    [[nodiscard]] QToolButton &button() const { return *static_cast<QToolButton *>(widget()); }
    [[nodiscard]] QMenu *menu() const { return button().menu(); }
};

QAccessibleInterface *readerOf(const QString &key, QObject *object)
{
    auto *widget = qobject_cast<QWidget *>(object);
    if (!widget)
        return nullptr;
    if (auto *button = qobject_cast<QToolButton *>(widget); button
        && key == QStringLiteral("QToolButton") && button->menu()
        && button->popupMode() == QToolButton::InstantPopup)
        return new MenuButtonReader(*button);
    if (key == QLatin1String(StatusLine::staticMetaObject.className()))
        return new QAccessibleWidget(widget, QAccessible::StatusBar);
    // Of a window that is nothing else besides; dialogs are known as such.
    if (key == QStringLiteral("QWidget") && widget->windowType() == Qt::Window)
        return new QAccessibleWidget(widget, QAccessible::Window);
    return nullptr;
}

} // namespace

void useWidgetReaders()
{
    static const bool isDone = [] {
        QAccessible::installFactory(readerOf);
        return true;
    }();
    Q_UNUSED(isDone)
}

} // namespace nlbd::ui
