#pragma once

#include <QAbstractButton>
#include <QAbstractScrollArea>
#include <QLabel>
#include <QLineEdit>
#include <QTest>

/// What every window must hold to, whatever it shows: controls with names, words with room.
namespace nlbd::testing {

/// Visible controls that have neither a name nor a text. The parts that Qt itself puts into its own
/// dialogs and fields are Qt's to name.
inline QStringList unnamedControls(const QWidget &window)
{
    QStringList result;
    for (const QWidget *widget : window.findChildren<QWidget *>()) {
        const bool isControl = widget->focusPolicy() != Qt::NoFocus
            || qobject_cast<const QAbstractButton *>(widget)
            || qobject_cast<const QLineEdit *>(widget)
            || qobject_cast<const QAbstractScrollArea *>(widget);
        const bool takesFocus = isControl && widget->isVisible();
        const bool isInner = (widget->parentWidget()
                              && qobject_cast<const QAbstractScrollArea *>(widget->parentWidget()))
            || widget->objectName().startsWith(QStringLiteral("qt_"))
            || widget->window()->inherits("QFileDialog");
        if (!takesFocus || isInner || !widget->accessibleName().isEmpty())
            continue;
        const auto *button = qobject_cast<const QAbstractButton *>(widget);
        if (button && !button->text().isEmpty())
            continue;
        result.append(QStringLiteral("%1(%2)").arg(
            QString::fromLatin1(widget->metaObject()->className()), widget->objectName()));
    }
    return result;
}

/// Visible words that have less room than they need. What shortens itself with dots asks for less.
inline QStringList cutWords(const QWidget &window)
{
    QStringList result;
    const auto look = [&result](const QWidget &widget, const QString &text) {
        const QSize needed = widget.minimumSizeHint();
        if (!widget.isVisible() || text.isEmpty() || widget.window()->inherits("QFileDialog")
            || (widget.width() >= needed.width() && widget.height() >= needed.height()))
            return;
        result.append(QStringLiteral("%1 has %2 by %3 and needs %4 by %5")
                          .arg(text)
                          .arg(widget.width())
                          .arg(widget.height())
                          .arg(needed.width())
                          .arg(needed.height()));
    };
    for (const auto *button : window.findChildren<QAbstractButton *>())
        look(*button, button->text());
    for (const auto *label : window.findChildren<QLabel *>())
        look(*label, label->text());
    return result;
}

/// The same once what moves and what is laid out later has come to rest.
inline QStringList cutWordsInTheEnd(const QWidget &window)
{
    (void)QTest::qWaitFor([&window] { return cutWords(window).isEmpty(); });
    return cutWords(window);
}

} // namespace nlbd::testing
