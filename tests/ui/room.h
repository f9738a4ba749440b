#pragma once

#include "tests/support/group_workspace.h"
#include "tests/ui/scene.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QAction>
#include <QDir>

#include <algorithm>
#include <functional>

/// Several people with their windows, before engines that speak to each other. Time passes when the
/// test says so.
namespace nlbd::testing {

struct SharedRoom {
    /// All windows show the first document.
    SharedRoom(std::size_t people,
               const std::vector<std::pair<std::string, std::string>> &documents);
    ~SharedRoom();
    SharedRoom(const SharedRoom &) = delete;
    SharedRoom &operator=(const SharedRoom &) = delete;

    /// What was done goes to the engines, time passes there, and what they tell comes back.
    void passWithoutFrame(Millis time);
    void pass(Millis time = Millis(200));
    bool isReached(const std::function<bool()> &isSo);
    void open(std::size_t who, DocIndex doc);
    void type(std::size_t who, const QString &text);
    /// All pages show the same.
    bool isOneText();

    void caretAt(std::size_t who, const QString &words, qsizetype selected = 0);
    void caretBehind(std::size_t who, const QString &words);
    [[nodiscard]] QString text(std::size_t who);
    [[nodiscard]] ui::DocumentView &page(std::size_t who);
    /// The action of a window with this text, or else the first whose text begins with it.
    [[nodiscard]] QAction *action(std::size_t who, const QString &text);
    void trigger(std::size_t who, const QString &text);
    [[nodiscard]] QString note(std::size_t who);
    void shot(std::size_t who, const QString &name) { shot(*windows[who], name); }
    static void shot(QWidget &window, const QString &name);

    SmallGroup group;
    std::vector<DocIndex> docs;
    std::vector<std::shared_ptr<GroupWorkspace>> doors;
    std::vector<std::unique_ptr<ui::MainWindow>> windows;
};

} // namespace nlbd::testing
