#include "tests/ui/rejected_scene.h"
#include "tests/ui/window_checks.h"
#include "ui/rejected/only_here.h"
#include "ui/rejected/rejected_window.h"
#include "ui/settings.h"
#include "ui/theme.h"

#include <QApplication>
#include <QClipboard>
#include <QLabel>
#include <QPushButton>
#include <QTemporaryDir>
#include <QToolButton>

using namespace nlbd;
using namespace nlbd::ui;
using namespace nlbd::testing;

/// A person's own words that could not be shared stay below their page.
class OnlyHereTest : public QObject {
    Q_OBJECT

private:
    QTemporaryDir m_folder;

    static OnlyHere &box(Scene &scene) { return *scene.window->findChild<OnlyHere *>(); }
    static QString said(Scene &scene)
    {
        QStringList words;
        for (const QLabel *label : box(scene).findChildren<QLabel *>())
            words.append(label->text());
        return words.join(QChar(u'|'));
    }
    static QPushButton *button(Scene &scene, const QString &text)
    {
        for (QPushButton *each : box(scene).findChildren<QPushButton *>())
            if (each->isVisible() && each->text() == text)
                return each;
        return nullptr;
    }
    static void answer(Scene &scene, std::string text)
    {
        const auto asked = scene.workspace->all<api::ReadRejected>();
        for (const api::ReadRejected &each : asked) // the window of rejected work asks as well
            scene.workspace->tell(api::RejectedRead{each.request, text, "before", "after", true});
        scene.settle();
    }

private Q_SLOTS:
    void initTestCase() { settings::useFile(m_folder.filePath(QStringLiteral("windows.ini"))); }
    void init() { settings::keep(QStringLiteral("onlyHereDone"), QStringList()); }

    void ownWordsStayBelowTheirPage_data()
    {
        QTest::addColumn<bool>("isDark");
        QTest::newRow("light") << false;
        QTest::newRow("dark") << true;
    }

    void ownWordsStayBelowTheirPage()
    {
        QFETCH(bool, isDark);
        applyTheme(isDark ? Appearance::Dark : Appearance::Light);
        Scene scene;
        scene.open();
        QVERIFY(!box(scene).isVisible());
        scene.workspace->tell(api::RejectedChanged{{hisWords(1, 7, "His words")}});
        scene.settle();
        QVERIFY(!box(scene).isVisible());
        scene.workspace->tell(myDevice(true));
        scene.workspace->tell(
            api::RejectedChanged{{hisWords(1, 7, "His words"), myWords(2, 9, "My first line")}});
        QTRY_VERIFY(box(scene).isVisible());
        answer(scene, "My first line\nMy <b>second</b> line\nMy third line\n");
        QVERIFY(said(scene).contains(QStringLiteral("Only on this computer")));
        QVERIFY(said(scene).contains(QStringLiteral("3 lines could not be shared.")));
        QVERIFY(said(scene).contains(QStringLiteral("My <b>second</b> line")));
        QVERIFY(unnamedControls(*scene.window).isEmpty());
        QVERIFY(cutWordsInTheEnd(*scene.window).isEmpty());
        if (const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS"); !folder.isEmpty())
            QVERIFY(scene.window->grab().save(
                QStringLiteral("%1/only-here-%2.png")
                    .arg(folder, isDark ? QStringLiteral("dark") : QStringLiteral("light"))));
        scene.window->page().open(DocIndex(1)); // they belong to the other page
        QTRY_VERIFY(!box(scene).isVisible());
        applyTheme(Appearance::Light);
    }

    void theyAreCopiedOrPutBack()
    {
        Scene scene;
        scene.open();
        scene.workspace->tell(myDevice(true));
        scene.workspace->tell(api::RejectedChanged{{myWords(2, 9, "My line")}});
        QTRY_VERIFY(box(scene).isVisible());
        QVERIFY(!button(scene, QStringLiteral("Copy"))->isEnabled());
        answer(scene, "My line, all of it");
        QTest::mouseClick(button(scene, QStringLiteral("Copy")), Qt::LeftButton);
        QCOMPARE(QGuiApplication::clipboard()->text(), QStringLiteral("My line, all of it"));
        QTest::mouseClick(button(scene, QStringLiteral("Put back")), Qt::LeftButton);
        const auto put = scene.workspace->all<api::PutBack>();
        QCOMPARE(put.size(), 1U);
        QCOMPARE(put[0].changes, std::vector{idOf(2)});
        scene.workspace->tell(api::WordsPutBack{put[0].request, false});
        scene.settle();
        QVERIFY(said(scene).contains(QStringLiteral("They could not be written now.")));
        QTest::mouseClick(button(scene, QStringLiteral("Put back")), Qt::LeftButton);
        scene.workspace->tell(
            api::WordsPutBack{scene.workspace->all<api::PutBack>().back().request, true});
        QTRY_VERIFY(!box(scene).isVisible());
        scene.workspace->tell(api::RejectedChanged{{myWords(2, 9, "My line")}});
        scene.settle();
        QVERIFY(!box(scene).isVisible()); // also the next time that it is told
    }

    void withoutAPenTheyAreCopied()
    {
        Scene scene;
        scene.open();
        scene.workspace->tell(myDevice(false));
        scene.workspace->tell(
            api::RejectedChanged{{myWords(2, 9, "My line"), myWords(3, 12, "Another")}});
        QTRY_VERIFY(box(scene).isVisible());
        answer(scene, "My line");
        QVERIFY(button(scene, QStringLiteral("Copy")));
        QVERIFY(!button(scene, QStringLiteral("Put back")));
        QTest::mouseClick(button(scene, QStringLiteral("Look at all")), Qt::LeftButton);
        QTRY_VERIFY(scene.window->rejectedWindow()->isVisible());
        box(scene).findChild<QToolButton *>()->click();
        QTRY_VERIFY(said(scene).contains(QStringLiteral("Another"))); // the next one
        box(scene).findChild<QToolButton *>()->click();
        QTRY_VERIFY(!box(scene).isVisible());
        QVERIFY(scene.window->page().hasFocus() || !scene.window->isActiveWindow());
    }
};

QTEST_MAIN(OnlyHereTest)
#include "only_here_test.moc"
