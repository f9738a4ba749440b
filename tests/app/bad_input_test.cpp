#include <QDir>
#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTcpServer>
#include <QTcpSocket>
#include <QTemporaryDir>
#include <QTest>

#include <sys/mount.h>

/// What goes wrong around nlbd-peer, as it happens to people: each gets a sentence that says what
/// happened, whether the text is safe and what to do, and nothing is lost.
class BadInputTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        m_running.clear();
        if (m_isMounted)
            umount(folder("disk").toLocal8Bit().constData());
        m_isMounted = false;
    }
    void errorsAreJsonIfAskedFor();
    void filesAreRefused_data();
    void filesAreRefused();
    void titlesAreLines();
    void oneNameForTwoTextsIsTold();
    void outputThatCannotBeWrittenIsTold();
    void aFullDiskKeepsTheOldExport();
    void aFullDiskCanBeRead();
    void whatIsLostAtTheEndIsTold();
    void aDamagedJournalIsTold();
    void aRepairIsTold();
    void aLostKeyIsTold();
    void invitationsAreRefused();
    void aHangingComputerIsTold();
    void garbageIsTurnedAway();

private:
    struct Result {
        int exit = -1;
        QByteArray out;
        QByteArray error;
    };
    [[nodiscard]] QString folder(const char *name) const
    {
        return m_dir->filePath(QString::fromLatin1(name));
    }
    void prepare(QProcess &process, const QString &profile, const QStringList &words) const
    {
        process.setProgram(qEnvironmentVariable("NLBD_BIN_DIR") + QStringLiteral("/nlbd-peer"));
        process.setArguments(QStringList{QStringLiteral("--profile"), profile} + words);
    }
    [[nodiscard]] Result peer(const QString &profile, const QStringList &words) const
    {
        QProcess process;
        prepare(process, profile, words);
        process.start();
        process.waitForFinished(60'000);
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput(), process.readAllStandardError()};
    }
    /// Starts `run`; its port, or 0.
    int start(const QString &profile, const QStringList &more = {})
    {
        auto process = std::make_unique<QProcess>();
        prepare(*process, profile,
                QStringList{QStringLiteral("--json"), QStringLiteral("run"),
                            QStringLiteral("--loopback")}
                    + more);
        process->start();
        while (!process->canReadLine() && process->waitForReadyRead(30'000)) {
        }
        const int port =
            QJsonDocument::fromJson(process->readLine()).object()[QStringLiteral("port")].toInt();
        m_running[profile] = std::move(process);
        return port;
    }
    /// Ends it as Ctrl+C does.
    Result end(const QString &profile)
    {
        QProcess &process = *m_running.at(profile);
        process.terminate();
        process.waitForFinished(30'000);
        Result result{process.exitCode(), process.readAllStandardOutput(),
                      process.readAllStandardError()};
        m_running.erase(profile);
        return result;
    }
    void makeAlone(const QString &profile)
    {
        QCOMPARE(peer(profile, {"init", "Anna"}).exit, 0);
        QCOMPARE(peer(profile, {"found", "--name", "Notes"}).exit, 0);
        QCOMPARE(peer(profile, {"new", "Plan"}).exit, 0);
    }
    [[nodiscard]] QString workspace(const QString &profile) const
    {
        const QString all = profile + QStringLiteral("/workspaces/");
        return all + QDir(all).entryList(QDir::Dirs | QDir::NoDotAndDotDot).value(0);
    }
    [[nodiscard]] QString write(const char *name, const QByteArray &content) const
    {
        QFile file(folder(name));
        if (!file.open(QIODevice::WriteOnly) || file.write(content) != content.size())
            qFatal("a file for the test cannot be written");
        return file.fileName();
    }
    /// A disk of 600 KB, if this may be mounted.
    bool mountDisk()
    {
        QDir().mkpath(folder("disk"));
        m_isMounted =
            mount("tmpfs", folder("disk").toLocal8Bit().constData(), "tmpfs", 0, "size=600k") == 0;
        return m_isMounted;
    }
    void fillDisk() const
    {
        QFile ballast(folder("disk/ballast"));
        QVERIFY(ballast.open(QIODevice::WriteOnly | QIODevice::Unbuffered));
        while (ballast.write(QByteArray(4096, 'x')) == 4096) {
        }
        QVERIFY(ballast.size() > 0);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::map<QString, std::unique_ptr<QProcess>> m_running;
    bool m_isMounted = false;
};

void BadInputTest::errorsAreJsonIfAskedFor()
{
    for (const QStringList &words :
         {QStringList{"--json", "list", "--colour"}, QStringList{"--json", "import", "/nowhere"},
          QStringList{"list", "--json", "--profile"}, QStringList{"--json", "nonsense"}}) {
        const Result result = peer(folder("a"), words);
        const QJsonObject line = QJsonDocument::fromJson(result.out).object();
        QVERIFY2(!line[QStringLiteral("error")].toString().isEmpty(), result.out.constData());
        QCOMPARE(line[QStringLiteral("ok")].toBool(true), false);
        QVERIFY(result.error.isEmpty());
    }
}

void BadInputTest::filesAreRefused_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::addColumn<QByteArray>("says");
    QTest::newRow("bytes") << QByteArray("a\xff\xfe") << QByteArray("is not text");
    QTest::newRow("UTF-16") << QByteArray("\xff\xfe\x61\x00", 4) << QByteArray("is not text");
    QTest::newRow("zeros") << QByteArray("a\0b", 3) << QByteArray("is not text");
    QTest::newRow("a line without end") << QByteArray(300'000, 'x') << QByteArray("has a line");
    QTest::newRow("too much") << QByteArray("some line\n").repeated(1'700'000)
                              << QByteArray("16 MB");
}

void BadInputTest::filesAreRefused()
{
    QFETCH(QByteArray, content);
    QFETCH(QByteArray, says);
    makeAlone(folder("a"));
    const Result result = peer(folder("a"), {"import", write("file", content)});
    QCOMPARE(result.exit, 2);
    QVERIFY2(result.error.contains(says), result.error.constData());
    QVERIFY(result.error.contains("Nothing was imported"));
    QCOMPARE(peer(folder("a"), {"import", "/nowhere"}).exit, 3);
    QCOMPARE(peer(folder("a"), {"list"}).out.count('\n'), 2);
}

void BadInputTest::titlesAreLines()
{
    makeAlone(folder("a"));
    for (const QString &title : {QString(), QStringLiteral("a\nb"), QStringLiteral("\x1b[2J"),
                                 QString(5000, QLatin1Char('x'))}) {
        const Result result = peer(folder("a"), {"new", title});
        QCOMPARE(result.exit, 2);
        QVERIFY2(result.error.contains("Nothing was changed"), result.error.constData());
    }
    QCOMPARE(peer(folder("a"), {"list"}).out.count('\n'), 2); // and that is true
}

void BadInputTest::oneNameForTwoTextsIsTold()
{
    makeAlone(folder("a"));
    QVERIFY(peer(folder("a"), {"new", "Plan"}).out.contains("number 2"));
    const Result result = peer(folder("a"), {"edit", "Plan", "--append", "x"});
    QCOMPARE(result.exit, 2);
    QVERIFY2(result.error.contains("1, 2"), result.error.constData());
    QCOMPARE(peer(folder("a"), {"edit", "2", "--append", "x"}).exit, 0);
    QCOMPARE(peer(folder("a"), {"show", "2"}).out, QByteArray("x\n"));
}

void BadInputTest::outputThatCannotBeWrittenIsTold()
{
    makeAlone(folder("a"));
    QProcess process;
    prepare(process, folder("a"), {"list"});
    process.setStandardOutputFile(QStringLiteral("/dev/full"));
    process.start();
    QVERIFY(process.waitForFinished(30'000));
    QCOMPARE(process.exitCode(), 5);
    QVERIFY(process.readAllStandardError().contains("could not be written"));
}

void BadInputTest::aFullDiskKeepsTheOldExport()
{
    if (!mountDisk())
        QSKIP("a small file system can only be mounted by root");
    makeAlone(folder("a"));
    QCOMPARE(peer(folder("a"), {"edit", "Plan", "--append", QString(60'000, u'n')}).exit, 0);
    (void)write("disk/out.txt", "the export of yesterday");
    fillDisk();
    const Result result = peer(folder("a"), {"export", "Plan", "--output", folder("disk/out.txt")});
    QCOMPARE(result.exit, 5);
    QVERIFY2(result.error.contains("is as before"), result.error.constData());
    QFile old(folder("disk/out.txt"));
    QVERIFY(old.open(QIODevice::ReadOnly));
    QCOMPARE(old.readAll(), QByteArray("the export of yesterday"));
}

void BadInputTest::aFullDiskCanBeRead()
{
    if (!mountDisk())
        QSKIP("a small file system can only be mounted by root");
    makeAlone(folder("disk"));
    QCOMPARE(peer(folder("disk"), {"edit", "Plan", "--append", "kept"}).exit, 0);
    fillDisk();
    const Result refused = peer(folder("disk"), {"edit", "Plan", "--append", QString(9000, u'y')});
    QCOMPARE(refused.exit, 5);
    QVERIFY2(refused.error.contains("this change was not stored"), refused.error.constData());
    QCOMPARE(peer(folder("disk"), {"show", "Plan"}).out, QByteArray("kept\n"));
}

void BadInputTest::whatIsLostAtTheEndIsTold()
{
    if (!mountDisk())
        QSKIP("a small file system can only be mounted by root");
    makeAlone(folder("disk"));
    QVERIFY(start(folder("disk")) > 0);
    fillDisk();
    const Result refused = peer(folder("disk"), {"edit", "Plan", "--append", QString(9000, u'y')});
    QVERIFY2(refused.error.contains("kept in memory only"), refused.error.constData());
    const Result ended = end(folder("disk"));
    QCOMPARE(ended.exit, 5);
    QVERIFY2((ended.out + ended.error).contains("could not be stored and is lost"),
             ended.out.constData());
}

void BadInputTest::aDamagedJournalIsTold()
{
    makeAlone(folder("a"));
    QVERIFY(QFile::resize(workspace(folder("a")) + QStringLiteral("/journal.db"), 0));
    const Result listed = peer(folder("a"), {"list"});
    QCOMPARE(listed.exit, 5);
    QCOMPARE(listed.error.count("stays closed"), 1);
    QVERIFY(!listed.out.contains("no workspace yet"));
    QVERIFY(start(folder("a")) > 0); // the rest goes on
    const Result ended = end(folder("a"));
    QCOMPARE(ended.exit, 0);
    QVERIFY2(ended.error.contains("stays closed"), ended.error.constData());
}

void BadInputTest::aRepairIsTold()
{
    makeAlone(folder("a"));
    QCOMPARE(peer(folder("a"), {"edit", "Plan", "--append", "kept"}).exit, 0);
    QFile file(workspace(folder("a")) + QStringLiteral("/text.db"));
    QVERIFY(file.open(QIODevice::ReadWrite));
    QVERIFY(file.write(QByteArray(static_cast<int>(file.size()), 'x')) > 0);
    file.close();
    const Result first = peer(folder("a"), {"show", "Plan"});
    QCOMPARE(first.exit, 0);
    QCOMPARE(first.out, QByteArray("kept\n")); // from what was signed
    QVERIFY2(first.error.contains("was damaged"), first.error.constData());
    QVERIFY(peer(folder("a"), {"show", "Plan"}).error.isEmpty());
}

void BadInputTest::aLostKeyIsTold()
{
    makeAlone(folder("a"));
    QVERIFY(QFile::remove(folder("a") + QStringLiteral("/identity")));
    for (const QStringList &words : {QStringList{"list"}, QStringList{"init", "Anna"}}) {
        const Result result = peer(folder("a"), words);
        QCOMPARE(result.exit, 5);
        QVERIFY2(result.error.contains("missing or damaged"), result.error.constData());
    }
}

void BadInputTest::invitationsAreRefused()
{
    const QStringList names{folder("a"), folder("b"), folder("c")};
    for (const QString &name : names) {
        QCOMPARE(peer(name, {"init", "P" + name.right(1)}).exit, 0);
        QVERIFY(start(name) > 0);
    }
    const QString invitation = QString::fromUtf8(peer(names[0], {"invite"}).out.trimmed());
    const auto refused = [&](const QString &name, const QString &text, const char *says) {
        const Result result = peer(name, {"join", text});
        return result.exit == 1 && result.error.contains(says)
            && result.error.contains("Nothing was changed");
    };
    QVERIFY(refused(names[1], invitation.left(100), "not complete"));
    QVERIFY(refused(names[1], QStringLiteral("hello"), "not a usable invitation"));
    QVERIFY(refused(names[0], invitation, "you made it yourself"));
    QCOMPARE(peer(names[1], {"join", invitation}).exit, 0);
    QVERIFY(refused(names[2], invitation, "was used before"));
}

void BadInputTest::aHangingComputerIsTold()
{
    QCOMPARE(peer(folder("a"), {"init", "Anna"}).exit, 0);
    QCOMPARE(peer(folder("b"), {"init", "Ben"}).exit, 0);
    const int port = start(folder("a"));
    QVERIFY(start(folder("b")) > 0);
    const QString invitation = QString::fromUtf8(peer(folder("a"), {"invite"}).out.trimmed());
    QCOMPARE(end(folder("a")).exit, 0);
    QTcpServer silent; // takes calls, and says nothing
    QVERIFY(silent.listen(QHostAddress::LocalHost, static_cast<quint16>(port)));
    const Result hung = peer(folder("b"), {"join", invitation});
    QCOMPARE(hung.exit, 6);
    QVERIFY2(hung.error.contains("not the computer that was looked for"), hung.error.constData());
    silent.close();
    QCOMPARE(peer(folder("c"), {"init", "Cleo"}).exit, 0);
    QCOMPARE(start(folder("c"), {"--listen", QStringLiteral("127.0.0.1:%1").arg(port)}), port);
    const Result other = peer(folder("b"), {"join", invitation}); // somebody else moved in
    QCOMPARE(other.exit, 6);
    QVERIFY2(other.error.contains("Your texts are safe"), other.error.constData());
}

void BadInputTest::garbageIsTurnedAway()
{
    makeAlone(folder("a"));
    const int port = start(folder("a"));
    QVERIFY(port > 0);
    std::vector<std::unique_ptr<QTcpSocket>> callers;
    for (int i = 0; i < 300; ++i) {
        auto caller = std::make_unique<QTcpSocket>();
        caller->connectToHost(QHostAddress::LocalHost, static_cast<quint16>(port));
        if (!caller->waitForConnected(500))
            continue;   // turned away already
        if (i % 3 != 0) // every third hangs without a word
            caller->write(QByteArray(i * 10, static_cast<char>(i)));
        caller->flush();
        callers.push_back(std::move(caller));
    }
    QTRY_VERIFY_WITH_TIMEOUT(
        peer(folder("a"), {"status"}).out.contains("Many connections came that no member makes"),
        30'000);
    QCOMPARE(peer(folder("a"), {"edit", "Plan", "--append", "unmoved"}).exit, 0);
    QCOMPARE(end(folder("a")).exit, 0);
    QCOMPARE(peer(folder("a"), {"show", "Plan"}).out, QByteArray("unmoved\n"));
}

QTEST_GUILESS_MAIN(BadInputTest)
#include "bad_input_test.moc"
