#include "tests/ui/room.h"

#include "ui/status_line.h"
#include "ui/theme.h"

#include <QAction>
#include <QDir>

#include <algorithm>

namespace nlbd::testing {

SharedRoom::SharedRoom(std::size_t people,
                       const std::vector<std::pair<std::string, std::string>> &documents)
    : group(people)
{
    using namespace std::chrono_literals;
    std::uint64_t request = 0;
    for (const auto &[title, text] : documents)
        group.submit(0, api::CreateDocument{++request, title, text});
    group.run(3s);
    for (const auto &[title, text] : documents)
        docs.push_back(*group.at(0).findDocument(title));
    for (std::size_t i = 0; i < group.size(); ++i) {
        doors.push_back(std::make_shared<GroupWorkspace>(group, i));
        windows.push_back(std::make_unique<ui::MainWindow>(doors.back(), QStringLiteral("Agora")));
        windows.back()->setPlace({docs.front(), 0, {}});
        windows.back()->show();
    }
    isReached([this] {
        return std::ranges::all_of(windows, [](auto &it) { return it->page().isOpen(); });
    });
}

SharedRoom::~SharedRoom()
{
    windows.clear();
}

void SharedRoom::passWithoutFrame(Millis time)
{
    for (const auto &door : doors)
        while (door->send()) {
        }
    group.run(time);
    for (const auto &door : doors)
        door->fetch();
    QCoreApplication::processEvents();
}

void SharedRoom::pass(Millis time)
{
    passWithoutFrame(time);
    QTest::qWait(20); // a frame
}

bool SharedRoom::isReached(const std::function<bool()> &isSo)
{
    for (int i = 0; i < 300 && !isSo(); ++i)
        pass();
    return isSo();
}

void SharedRoom::open(std::size_t who, DocIndex doc)
{
    page(who).open(doc);
    QVERIFY(isReached([&] { return page(who).isOpen(); }));
}

void SharedRoom::type(std::size_t who, const QString &text)
{
    QTest::keyClicks(&page(who), text);
    isReached([&] { return page(who).pending().isEmpty(); });
}

bool SharedRoom::isOneText()
{
    return isReached([this] {
        return std::ranges::all_of(windows, [](auto &it) { return it->page().pending().isEmpty(); })
            && [this] {
                   for (std::size_t i = 1; i < windows.size(); ++i)
                       if (text(i) != text(0))
                           return false;
                   return true;
               }();
    });
}

void SharedRoom::caretAt(std::size_t who, const QString &words, qsizetype selected)
{
    const auto at = static_cast<int>(text(who).indexOf(words));
    QVERIFY2(at >= 0, qPrintable(words));
    place(page(who), at, at + static_cast<int>(selected));
}

void SharedRoom::caretBehind(std::size_t who, const QString &words)
{
    const auto at = static_cast<int>(text(who).indexOf(words));
    QVERIFY2(at >= 0, qPrintable(words));
    place(page(who), at + static_cast<int>(words.size()), at + static_cast<int>(words.size()));
}

QString SharedRoom::text(std::size_t who)
{
    return page(who).document()->toRawText().replace(QChar(QChar::ParagraphSeparator),
                                                     QChar(u'\n'));
}

ui::DocumentView &SharedRoom::page(std::size_t who)
{
    return windows[who]->page();
}

QAction *SharedRoom::action(std::size_t who, const QString &text)
{
    QAction *found = nullptr;
    for (QAction *each : windows[who]->findChildren<QAction *>()) {
        if (each->text() == text)
            return each;
        if (found == nullptr && each->text().startsWith(text))
            found = each;
    }
    return found;
}

void SharedRoom::trigger(std::size_t who, const QString &text)
{
    QAction *found = action(who, text);
    QVERIFY2(found, qPrintable(text));
    found->trigger();
}

QString SharedRoom::note(std::size_t who)
{
    return windows[who]->statusLine().note();
}

void SharedRoom::shot(QWidget &window, const QString &name)
{
    const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
    if (folder.isEmpty())
        return;
    QVERIFY(QDir().mkpath(folder));
    QTest::qWait(60); // lazy layouts settle; no condition depends on it
    const QPixmap picture = window.grab();
    const QString path =
        QStringLiteral("%1/%2-%3%4.png")
            .arg(folder, name,
                 ui::theme().isDark ? QStringLiteral("dark") : QStringLiteral("light"),
                 picture.devicePixelRatio() > 1
                     ? QStringLiteral("-%1x").arg(picture.devicePixelRatio())
                     : QString());
    QVERIFY(picture.save(path));
}

} // namespace nlbd::testing
