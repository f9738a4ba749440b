#pragma once

#include "ui/theme.h"

#include <QLabel>
#include <QPushButton>
#include <QWidget>

#include <functional>

class QBoxLayout;
class QFrame;

/// Small parts that every window is made of. The style sheet knows them by their `kind`.
namespace nlbd::ui {

enum class ButtonKind : std::uint8_t { Plain, Primary, Link };

[[nodiscard]] QPushButton *makeButton(const QString &text, ButtonKind kind = ButtonKind::Plain);
[[nodiscard]] QFrame *makeSeparator(); ///< between buttons of a toolbar
/// `kind`: "title", "heading", "caption", "muted" or empty.
[[nodiscard]] QLabel *makeLabel(const QString &text, const char *kind = nullptr);
/// Wraps, and may be selected with the mouse.
[[nodiscard]] QLabel *makeSentence(const QString &text, const char *kind = nullptr);
[[nodiscard]] QLabel *makeIconLabel(const QString &name, int size, Role role);

/// A picture, a title, a sentence and at most two buttons, in the middle of what is empty.
class EmptyState : public QWidget {
public:
    struct Choice {
        QString text;
        std::function<void()> use;
        ButtonKind kind = ButtonKind::Plain;
    };
    EmptyState(const QString &iconName, const QString &title, const QString &sentence,
               const std::vector<Choice> &choices, QWidget *parent = nullptr);
};

/// A text on a button or in a menu: an ampersand is a letter there, not a mark for a key.
[[nodiscard]] QString onButton(QString text);

/// A name for a button, which does not wrap: its accessible name has the whole.
[[nodiscard]] QString shortName(const QString &name);

/// What others wrote may be one word that is wider than a panel: it may be broken anywhere then.
[[nodiscard]] QString breakable(const QString &text);

/// A tool tip that shows names as they are, never as markup.
[[nodiscard]] QString plainToolTip(const QString &text);

/// Sets a dynamic property and lets the style sheet see it.
void setTone(QWidget *widget, const char *tone);

} // namespace nlbd::ui
