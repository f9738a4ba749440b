#include <QFile>
#include <QImage>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>
#include <QUrl>

/// nlbd as a process: what happens before and around its windows.
class DesktopTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup() { m_first.reset(); }
    void helpNeedsNoDisplay();
    void aWrongOptionIsTold();
    void aWindowIsGrabbedAndNothingListens();
    void aSecondStartHandsOver();
    void verbsAreAnsweredByTheWindow();
    void aFileIsImportedByItsLink();
    void itSaysWhenItsWindowIsUsable();
    void picturesAreTakenAgainAndAgain();
    void aProfileInUseByThePeerIsTold();
    void aDamagedIdentityIsTold();

private:
    struct Result {
        int exit = -1;
        QByteArray out;
        QByteArray error;
    };
    [[nodiscard]] QString profile() const { return m_dir->filePath(QStringLiteral("profile")); }
    [[nodiscard]] static QString program(const char *name)
    {
        return qEnvironmentVariable("NLBD_BIN_DIR") + QLatin1Char('/') + QString::fromLatin1(name);
    }
    void prepare(QProcess &process) const
    {
        QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
        environment.insert(QStringLiteral("QT_QPA_PLATFORM"), QStringLiteral("offscreen"));
        environment.insert(QStringLiteral("XDG_CONFIG_HOME"),
                           m_dir->filePath(QStringLiteral("config")));
        environment.insert(QStringLiteral("XDG_RUNTIME_DIR"), m_dir->path());
        process.setProcessEnvironment(environment);
    }
    [[nodiscard]] Result run(const char *name, const QStringList &arguments) const
    {
        QProcess process;
        prepare(process);
        process.start(program(name),
                      QStringList{QStringLiteral("--profile"), profile()} + arguments);
        process.waitForFinished(60'000);
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput(), process.readAllStandardError()};
    }
    void startWindow(const QStringList &more = {})
    {
        m_first = std::make_unique<QProcess>();
        prepare(*m_first);
        m_first->start(
            program("nlbd"),
            QStringList{QStringLiteral("--profile"), profile(), QStringLiteral("--loopback")}
                + more);
        QVERIFY(m_first->waitForStarted());
        QTRY_VERIFY_WITH_TIMEOUT(QFile::exists(profile() + QStringLiteral("/control")), 30'000);
    }
    void endWindow()
    {
        m_first->terminate();
        QVERIFY(m_first->waitForFinished(20'000));
        QCOMPARE(m_first->exitCode(), 0);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::unique_ptr<QProcess> m_first;
};

void DesktopTest::helpNeedsNoDisplay()
{
    QProcess process;
    process.setProcessEnvironment(QProcessEnvironment());
    process.start(program("nlbd"), {QStringLiteral("--help")});
    QVERIFY(process.waitForFinished(30'000));
    QCOMPARE(process.exitCode(), 0);
    QVERIFY(process.readAllStandardOutput().contains("--profile"));
}

void DesktopTest::aWrongOptionIsTold()
{
    const Result result = run("nlbd", {QStringLiteral("--colour")});
    QCOMPARE(result.exit, 2);
    QVERIFY(result.error.contains("is no option"));
}

void DesktopTest::aWindowIsGrabbedAndNothingListens()
{
    const QString pictures = m_dir->filePath(QStringLiteral("pictures"));
    const Result result = run("nlbd",
                              {QStringLiteral("--screenshot"), pictures, QStringLiteral("--after"),
                               QStringLiteral("300")});
    QCOMPARE(result.exit, 0);
    const QImage picture(pictures + QStringLiteral("/window-1.png"));
    QVERIFY(picture.width() > 300 && picture.height() > 200);
    startWindow(); // an empty profile: nobody has asked for company yet
    const auto listening = run("nlbd-peer", {QStringLiteral("--json"), QStringLiteral("status")});
    QCOMPARE(QJsonDocument::fromJson(listening.out).object()["port"].toInt(-1), 0);
    endWindow();
}

void DesktopTest::aSecondStartHandsOver()
{
    startWindow();
    const Result second = run("nlbd", {});
    QCOMPARE(second.exit, 0);
    QCOMPARE(m_first->state(), QProcess::Running);
    endWindow();
}

void DesktopTest::verbsAreAnsweredByTheWindow()
{
    startWindow();
    QCOMPARE(run("nlbd-peer", {QStringLiteral("init"), QStringLiteral("Anna")}).exit, 0);
    QCOMPARE(run("nlbd-peer",
                 {QStringLiteral("found"), QStringLiteral("--name"), QStringLiteral("Notes")})
                 .exit,
             0);
    QVERIFY(run("nlbd-peer", {QStringLiteral("list")}).out.contains("Notes"));
    endWindow();
    QVERIFY(run("nlbd-peer", {QStringLiteral("list")}).out.contains("Notes"));
}

void DesktopTest::aFileIsImportedByItsLink()
{
    QCOMPARE(run("nlbd-peer", {QStringLiteral("init"), QStringLiteral("Anna")}).exit, 0);
    QCOMPARE(run("nlbd-peer",
                 {QStringLiteral("found"), QStringLiteral("--name"), QStringLiteral("Notes")})
                 .exit,
             0);
    QFile file(m_dir->filePath(QStringLiteral("seed list.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly) && file.write("beans and peas\n") > 0);
    file.close();
    // As a desktop hands it over: a blank in the name is %20 then.
    startWindow({QString::fromLatin1(QUrl::fromLocalFile(file.fileName()).toEncoded())});
    QTRY_VERIFY_WITH_TIMEOUT(run("nlbd-peer", {QStringLiteral("show"), QStringLiteral("seed list")})
                                 .out.contains("beans and peas"),
                             30'000);
    endWindow();
}

void DesktopTest::itSaysWhenItsWindowIsUsable()
{
    QCOMPARE(run("nlbd-peer", {QStringLiteral("init"), QStringLiteral("Anna")}).exit, 0);
    QCOMPARE(run("nlbd-peer",
                 {QStringLiteral("found"), QStringLiteral("--name"), QStringLiteral("Notes")})
                 .exit,
             0);
    QCOMPARE(run("nlbd-peer", {QStringLiteral("new"), QStringLiteral("Beans")}).exit, 0);
    startWindow({QStringLiteral("--say-when-usable")});
    QByteArray said;
    QTRY_VERIFY_WITH_TIMEOUT((said += m_first->readAllStandardOutput()).contains("usable\n"),
                             30'000);
    endWindow();
    QCOMPARE(said + m_first->readAllStandardOutput(), QByteArray("usable\n")); // once
}

void DesktopTest::picturesAreTakenAgainAndAgain()
{
    const QString pictures = m_dir->filePath(QStringLiteral("pictures"));
    const Result result =
        run("nlbd",
            {QStringLiteral("--screenshot"), pictures, QStringLiteral("--after"),
             QStringLiteral("1500"), QStringLiteral("--every"), QStringLiteral("300")});
    QCOMPARE(result.exit, 0);
    QVERIFY(QFile::exists(pictures + QStringLiteral("/1/window-1.png")));
    QVERIFY(QFile::exists(pictures + QStringLiteral("/window-1.png")));
}

void DesktopTest::aProfileInUseByThePeerIsTold()
{
    QCOMPARE(run("nlbd-peer", {QStringLiteral("init"), QStringLiteral("Anna")}).exit, 0);
    QProcess peer;
    peer.start(program("nlbd-peer"),
               {QStringLiteral("--profile"), profile(), QStringLiteral("run"),
                QStringLiteral("--loopback")});
    QVERIFY(peer.waitForReadyRead(30'000));
    const Result result =
        run("nlbd", {QStringLiteral("--screenshot"), m_dir->filePath(QStringLiteral("none"))});
    QCOMPARE(result.exit, 4);
    QVERIFY2(result.error.contains("Your texts are safe"), result.error.constData());
    peer.terminate();
    QVERIFY(peer.waitForFinished(20'000));
}

void DesktopTest::aDamagedIdentityIsTold()
{
    QCOMPARE(run("nlbd-peer", {QStringLiteral("init"), QStringLiteral("Anna")}).exit, 0);
    QVERIFY(QFile::resize(profile() + QStringLiteral("/identity"), 20));
    const Result result =
        run("nlbd", {QStringLiteral("--screenshot"), m_dir->filePath(QStringLiteral("none"))});
    QCOMPARE(result.exit, 5);
    QVERIFY2(result.error.contains("It was left as it is"), result.error.constData());
}

QTEST_GUILESS_MAIN(DesktopTest)
#include "desktop_test.moc"
