#include "tests/journeys/meeting.h"
#include "ui/banner_zone.h"
#include "ui/status_line.h"
#include "ui/theme.h"

#include <QAction>
#include <QLineEdit>
#include <QListWidget>

using namespace nlbd;
using nlbd::testing::Person;

/// README.md of this tree, written on by two people at the same time: two programs with everything
/// real in them (windows, engines, stores, mesh on loopback), driven by keys and clicks only.
class ReadmeTest : public QObject {
    Q_OBJECT

private:
    static constexpr int kPatience = 30'000;

    static QString fileOf(const char *name)
    {
        return QStringLiteral("%1/%2").arg(qEnvironmentVariable("NLBD_SOURCE_DIR"),
                                           QString::fromLatin1(name));
    }
    static QByteArray bytesOf(const QString &path)
    {
        QFile file(path);
        return file.open(QIODevice::ReadOnly) ? file.readAll() : QByteArray();
    }

    /// Both type, a letter each in turn. No event is handled in between, so neither program knows
    /// of the other's letters before both are done.
    static void typeAtOnce(Person &one, const QString &first, Person &other, const QString &second)
    {
        for (qsizetype i = 0; i < std::max(first.size(), second.size()); ++i) {
            if (i < first.size())
                type(one, first[i]);
            if (i < second.size())
                type(other, second[i]);
        }
    }
    static void type(Person &person, QChar letter)
    {
        if (letter == u'\n')
            QTest::keyClick(&person.page(), Qt::Key_Return);
        else
            QTest::sendKeyEvent(QTest::Click, &person.page(), Qt::Key_unknown, QString(letter),
                                Qt::NoModifier); // keyClicks knows Latin letters only
    }

    static void settle(Person &one, Person &other, const QString &wanted)
    {
        for (Person *person : {&one, &other})
            QTRY_VERIFY2_WITH_TIMEOUT(person->text() == wanted,
                                      qPrintable(difference(person->text(), wanted)), kPatience);
    }
    /// Where two texts part, with a little of what is around.
    static QString difference(const QString &found, const QString &wanted)
    {
        qsizetype at = 0;
        while (at < found.size() && at < wanted.size() && found[at] == wanted[at])
            ++at;
        const qsizetype from = std::max<qsizetype>(0, at - 30);
        return QStringLiteral("found '%1', wanted '%2'")
            .arg(found.mid(from, 90), wanted.mid(from, 90));
    }

    static QString replaced(QString text, const QString &before, const QString &after)
    {
        return text.replace(text.indexOf(before), before.size(), after);
    }

    static void shoot(Person &person, const QString &name)
    {
        const QString folder = qEnvironmentVariable("NLBD_SCREENSHOTS");
        if (!folder.isEmpty() && QDir().mkpath(folder))
            QVERIFY(person.window()->grab().save(
                QStringLiteral("%1/journey-readme-%2.png").arg(folder, name)));
    }

    void meet();
    void found();
    void importReadme();
    void typeApartAndTogether();
    void typeInsideWhatTheOtherDeletes();
    void takeBackOnlyMyOwn();
    void exportBoth();
    void startAgain();

    QTemporaryDir m_folder;
    std::unique_ptr<Person> m_anna;
    std::unique_ptr<Person> m_ben;
    QString m_text; ///< what both must have after each step

private Q_SLOTS:
    void initTestCase() { qputenv("XDG_CONFIG_HOME", m_folder.path().toLocal8Bit()); }

    void twoWindowsOneReadme()
    {
        m_anna = std::make_unique<Person>(QStringLiteral("Anna Lampou"));
        m_ben = std::make_unique<Person>(QStringLiteral("Ben Okafor"));
        for (const auto &step :
             {&ReadmeTest::meet, &ReadmeTest::found, &ReadmeTest::importReadme,
              &ReadmeTest::typeApartAndTogether, &ReadmeTest::typeInsideWhatTheOtherDeletes,
              &ReadmeTest::takeBackOnlyMyOwn, &ReadmeTest::exportBoth, &ReadmeTest::startAgain}) {
            (this->*step)();
            if (QTest::currentTestFailed())
                return;
        }
    }

    void cleanup()
    {
        m_anna.reset();
        m_ben.reset();
    }
};

/// Anna makes an invitation, Ben uses it: they see each other.
void ReadmeTest::meet()
{
    nlbd::testing::meet(*m_anna, {m_ben.get()});
}

/// Anna asks, Ben accepts: a workspace of two, and a window each.
void ReadmeTest::found()
{
    nlbd::testing::foundTogether(*m_anna, {m_ben.get()});
}

void ReadmeTest::importReadme()
{
    const QByteArray readme = bytesOf(fileOf("README.md"));
    QVERIFY(readme.size() > 1000);
    m_anna->window()->importFile(fileOf("README.md"));
    for (Person *person : {m_anna.get(), m_ben.get()}) {
        QTRY_VERIFY_WITH_TIMEOUT(person->page().isOpen(), kPatience);
        QTRY_VERIFY(person->window()->windowTitle().startsWith(QStringLiteral("README")));
    }
    m_text = QString::fromUtf8(readme);
    settle(*m_anna, *m_ben, m_text);
}

/// At different places each stands as typed. At one place both stand whole, one after the other;
/// who comes first is the tie's own business, but the same for both.
void ReadmeTest::typeApartAndTogether()
{
    m_anna->standBehind(QStringLiteral("# No Leader"));
    m_ben->standBehind(QStringLiteral("## Licence\n\n"));
    typeAtOnce(*m_anna, QStringLiteral(", read by Anna"), *m_ben,
               QStringLiteral("Ben was here:\u00A0\u03B3\u03B5\u03B9\u03AC.\n\n"));
    m_text = replaced(m_text, QStringLiteral("# No Leader"),
                      QStringLiteral("# No Leader, read by Anna"));
    m_text =
        replaced(m_text, QStringLiteral("## Licence\n\n"),
                 QStringLiteral("## Licence\n\nBen was here:\u00A0\u03B3\u03B5\u03B9\u03AC.\n\n"));
    settle(*m_anna, *m_ben, m_text);

    const QString head = QStringLiteral("## Two commands");
    m_anna->standBehind(head);
    m_ben->standBehind(head);
    typeAtOnce(*m_anna, QStringLiteral(" alpha"), *m_ben, QStringLiteral(" beta"));
    const QString annaFirst = replaced(m_text, head, head + QStringLiteral(" alpha beta"));
    const QString benFirst = replaced(m_text, head, head + QStringLiteral(" beta alpha"));
    QTRY_VERIFY_WITH_TIMEOUT(m_anna->text() == annaFirst || m_anna->text() == benFirst, kPatience);
    m_text = m_anna->text();
    settle(*m_anna, *m_ben, m_text);
}

/// Ben deletes a heading while Anna types in it: her letters stay, the rest is gone.
void ReadmeTest::typeInsideWhatTheOtherDeletes()
{
    m_anna->standBehind(QStringLiteral("## Prog"));
    m_ben->choose(QStringLiteral("Programs\n"));
    QTest::keyClicks(&m_anna->page(), QStringLiteral("(kept)"));
    QTest::keyClick(&m_ben->page(), Qt::Key_Delete);
    m_text = replaced(m_text, QStringLiteral("## Programs\n"), QStringLiteral("## (kept)"));
    settle(*m_anna, *m_ben, m_text);
}

/// Anna takes back what she typed; what Ben wrote inside it stays.
void ReadmeTest::takeBackOnlyMyOwn()
{
    const QString head = QStringLiteral("## Where things live");
    m_anna->standBehind(head);
    QTest::keyClicks(&m_anna->page(), QStringLiteral(" MISTAKE"));
    settle(*m_anna, *m_ben, replaced(m_text, head, head + QStringLiteral(" MISTAKE")));
    m_ben->standBehind(QStringLiteral(" MIS"));
    QTest::keyClicks(&m_ben->page(), QStringLiteral("?"));
    settle(*m_anna, *m_ben, replaced(m_text, head, head + QStringLiteral(" MIS?TAKE")));
    const QList<QAction *> actions = m_anna->window()->actions();
    QVERIFY(std::any_of(actions.begin(), actions.end(), [](const QAction *action) {
        return action->text() == QStringLiteral("Undo typing \u201cMISTAKE\u201d");
    }));
    m_anna->window()->activateWindow(); // a command's keys belong to the window in front
    QTRY_VERIFY(m_anna->window()->isActiveWindow());
    QTest::keyClick(&m_anna->page(), Qt::Key_Z, Qt::ControlModifier);
    m_text = replaced(m_text, head, head + QStringLiteral("?"));
    settle(*m_anna, *m_ben, m_text);
}

void ReadmeTest::exportBoth()
{
    for (Person *person : {m_anna.get(), m_ben.get()})
        QTRY_VERIFY_WITH_TIMEOUT(person->hasEverythingAgreed(), kPatience);
    for (Person *person : {m_anna.get(), m_ben.get()}) // and the window says so
        QTRY_VERIFY_WITH_TIMEOUT(person->window()->statusLine().accessibleName().startsWith(
                                     QStringLiteral("Agreed up to"))
                                     && !person->window()->statusLine().accessibleName().contains(
                                         QStringLiteral("pencil")),
                                 kPatience);
    shoot(*m_anna, QStringLiteral("anna"));
    shoot(*m_ben, QStringLiteral("ben"));
    const QString fromAnna = m_folder.filePath(QStringLiteral("anna.md"));
    const QString fromBen = m_folder.filePath(QStringLiteral("ben.md"));
    m_anna->window()->exportTo(fromAnna);
    m_ben->window()->exportTo(fromBen);
    QTRY_VERIFY_WITH_TIMEOUT(!bytesOf(fromAnna).isEmpty() && !bytesOf(fromBen).isEmpty(),
                             kPatience);
    QCOMPARE(bytesOf(fromAnna), m_text.toUtf8());
    QCOMPARE(bytesOf(fromBen), bytesOf(fromAnna));
}

/// What was agreed is on both disks: each alone, without the other, has it.
void ReadmeTest::startAgain()
{
    m_anna->stop();
    m_ben->stop();
    for (Person *person : {m_anna.get(), m_ben.get()}) {
        person->start();
        QTRY_VERIFY_WITH_TIMEOUT(person->window() && person->page().isOpen(), kPatience);
        QCOMPARE(person->text(), m_text);
        QVERIFY(person->hasEverythingAgreed());
        person->stop();
    }
}

QTEST_MAIN(ReadmeTest)
#include "readme_test.moc"
