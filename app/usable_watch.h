#pragma once

#include <QObject>

namespace nlbd::ui {
class Shell;
}

namespace nlbd::app {

/// Prints a line as soon as a page is open, painted and takes keys: for who measures the start.
class UsableWatch : public QObject {
public:
    explicit UsableWatch(const ui::Shell &shell);

protected:
    bool eventFilter(QObject *watched, QEvent *event) override;

private:
    const ui::Shell &m_shell;
};

} // namespace nlbd::app
