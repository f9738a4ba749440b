#include <QDir>
#include <QFile>
#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>
#include <fstream>
#include <sys/mount.h>

/// nlbd-peer as people and scripts meet it: real processes, real sockets, real signals.
class PeerTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init() { m_dir = std::make_unique<QTemporaryDir>(); }
    void cleanup()
    {
        for (auto &[name, process] : m_running) {
            process->terminate();
            process->waitForFinished(20'000);
        }
        m_running.clear();
    }
    void killedInTheMiddleKeepsEverything();
    void usageIsExplained_data();
    void usageIsExplained();
    void aProfileInUseIsTold();
    void aPortInUseIsTold();
    void filesThatAreNoTextAreTold_data();
    void filesThatAreNoTextAreTold();
    void aMillionLinesAreImported();
    void linesComeAsTheyWent();
    void aHistoryGoesIntoAnArchive();
    void aFullDiskIsTold();
    void aDecisionGoesIntoAFile();
    void aRuleLetsNobodyNewIn();
    void aForgedProofIsTold();

private:
    struct Result {
        int exit = -1;
        QByteArray out;
        QByteArray error;
        [[nodiscard]] QJsonObject json() const
        {
            return QJsonDocument::fromJson(out.left(out.indexOf('\n'))).object();
        }
    };
    [[nodiscard]] QString folder(const QString &name) const { return m_dir->filePath(name); }
    [[nodiscard]] static QString program()
    {
        return qEnvironmentVariable("NLBD_BIN_DIR") + QStringLiteral("/nlbd-peer");
    }
    [[nodiscard]] Result peer(const QString &name, const QStringList &arguments) const
    {
        QProcess process;
        process.start(program(),
                      QStringList{QStringLiteral("--profile"), folder(name)} + arguments);
        process.waitForFinished(60'000);
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput(), process.readAllStandardError()};
    }
    /// Starts `run` and waits until it is online.
    QProcess *start(const QString &name, const QStringList &more = {})
    {
        auto process = std::make_unique<QProcess>();
        process->start(program(),
                       QStringList{QStringLiteral("--profile"), folder(name),
                                   QStringLiteral("--json"), QStringLiteral("run"),
                                   QStringLiteral("--loopback"),
                                   QStringLiteral("--accept-founding")}
                           + more);
        while (!process->canReadLine() && process->waitForReadyRead(30'000)) {
        }
        m_running[name] = std::move(process);
        return m_running[name].get();
    }
    void makeAlone()
    {
        QCOMPARE(peer(QStringLiteral("a"), {"init", "Anna"}).exit, 0);
        QCOMPARE(peer(QStringLiteral("a"), {"found", "--name", "Notes"}).exit, 0);
    }

    std::unique_ptr<QTemporaryDir> m_dir;
    std::map<QString, std::unique_ptr<QProcess>> m_running;
};

void PeerTest::killedInTheMiddleKeepsEverything()
{
    const QStringList names{QStringLiteral("a"), QStringLiteral("b"), QStringLiteral("c"),
                            QStringLiteral("d")};
    QStringList found{"found", "--name", "Garden", "--with"};
    for (const QString &name : names) {
        QCOMPARE(peer(name, {"init", "P" + name}).exit, 0);
        start(name);
        if (name != names.front())
            found << QString::fromUtf8(peer(name, {"card"}).out.trimmed());
    }
    QCOMPARE(peer(names[0], found).exit, 0);
    for (const QString &name : names)
        QTRY_COMPARE_WITH_TIMEOUT(
            peer(name, {"--json", "status"}).json()["workspaces"].toArray().size(), 1, 30'000);
    QCOMPARE(peer(names[0], {"new", "Plan"}).exit, 0);
    QTRY_COMPARE_WITH_TIMEOUT(peer(names[1], {"show", "Plan"}).exit, 0, 30'000);

    // What a verb has answered is stored, whatever happens next.
    QByteArray expected;
    for (int round = 0; round < 4; ++round) {
        const QByteArray word = "word" + QByteArray::number(round) + " ";
        QCOMPARE(peer(names[1], {"edit", "Plan", "--append", QString::fromUtf8(word)}).exit, 0);
        expected += word;
        m_running[names[1]]->kill();
        m_running[names[1]]->waitForFinished(10'000);
        QCOMPARE(peer(names[1], {"--json", "show", "Plan"}).json()["text"].toString().toUtf8(),
                 expected);
        QCOMPARE(peer(names[1], {"verify"}).exit, 0);
        start(names[1]);
    }
    const auto isDone = [&](const QString &name) {
        const QJsonObject workspace =
            peer(name, {"--json", "status"}).json()["workspaces"].toArray().first().toObject();
        return workspace["ratified"] == workspace["changes"]
            && peer(name, {"--json", "show", "Plan"}).json()["text"].toString().toUtf8()
            == expected;
    };
    for (const QString &name : names)
        QTRY_VERIFY_WITH_TIMEOUT(isDone(name), 60'000);
    for (auto &[name, process] : m_running) {
        process->terminate();
        QVERIFY(process->waitForFinished(20'000));
        QCOMPARE(process->exitCode(), 0);
    }
}

void PeerTest::usageIsExplained_data()
{
    QTest::addColumn<QStringList>("arguments");
    QTest::addColumn<int>("exit");
    QTest::addColumn<QString>("says");
    const auto row = [](const char *name, const QStringList &arguments, int exit,
                        const char *says) {
        QTest::newRow(name) << arguments << exit << QString::fromLatin1(says);
    };
    row("no verb", {}, 2, "needs a verb");
    row("unknown verb", {"dance"}, 2, "is no verb");
    row("unknown option", {"list", "--colour"}, 2, "");
    row("no identity", {"list"}, 3, "init NAME");
    row("bad port", {"run", "--listen", "127.0.0.1:99999"}, 2, "1 to 65535");
    row("bad peer", {"run", "--peer", "127.0.0.1:5"}, 2, "HOST:PORT=KEY");
    row("bad name", {"init", " "}, 2, "cannot be used as a name");
    row("missing file", {"verify-evidence", "/nowhere"}, 3, "cannot be read");
    row("missing decision", {"verify-decision", "/nowhere"}, 3, "cannot be read");
    row("no decision named", {"verify-decision"}, 2, "needs a file");
    row("short id", {"verify-decision", "/nowhere", "--workspace", "12ab"}, 2, "all 64 digits");
    row("no output", {"decisions", "--id", "1"}, 2, "together");
    row("no document named", {"show"}, 2, "needs a document");
}

void PeerTest::usageIsExplained()
{
    QFETCH(QStringList, arguments);
    QFETCH(int, exit);
    QFETCH(QString, says);
    const Result result = peer(QStringLiteral("a"), arguments);
    QCOMPARE(result.exit, exit);
    QVERIFY2(result.error.contains(says.toUtf8()), result.error.constData());
    QVERIFY(!result.error.isEmpty());
}

void PeerTest::aProfileInUseIsTold()
{
    makeAlone();
    start(QStringLiteral("a"));
    const Result second = peer(QStringLiteral("a"), {"run", "--loopback"});
    QCOMPARE(second.exit, 4);
    QVERIFY(second.error.contains("Your texts are safe"));
    QCOMPARE(peer(QStringLiteral("a"), {"list"}).exit, 0); // other verbs are answered by the first
}

void PeerTest::aPortInUseIsTold()
{
    makeAlone();
    QCOMPARE(peer(QStringLiteral("b"), {"init", "Ben"}).exit, 0);
    QProcess *first = start(QStringLiteral("a"));
    const int port = QJsonDocument::fromJson(first->readLine()).object()["port"].toInt();
    QVERIFY(port > 0);
    const Result second =
        peer(QStringLiteral("b"),
             {"run", "--loopback", "--listen", QStringLiteral("127.0.0.1:%1").arg(port)});
    QCOMPARE(second.exit, 4);
    QVERIFY2(second.error.contains("Another program listens at port"), second.error.constData());
}

void PeerTest::filesThatAreNoTextAreTold_data()
{
    QTest::addColumn<QByteArray>("content");
    QTest::newRow("random") << QByteArray("\xff\xfe\x00\x41\x00", 5);
    QTest::newRow("zero bytes") << QByteArray("text\0text", 9);
    QTest::newRow("cut in a character") << QByteArray("caf\xc3");
    QTest::newRow("too large") << QByteArray(17 * 1024 * 1024, 'x');
}

void PeerTest::filesThatAreNoTextAreTold()
{
    QFETCH(QByteArray, content);
    makeAlone();
    QFile file(folder(QStringLiteral("file")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(content);
    file.close();
    const Result result = peer(QStringLiteral("a"), {"import", file.fileName()});
    QCOMPARE(result.exit, 2);
    QVERIFY2(result.error.contains("Nothing was imported"), result.error.constData());
    QVERIFY(!peer(QStringLiteral("a"), {"list"}).out.contains("file"));
}

void PeerTest::aMillionLinesAreImported()
{
    makeAlone();
    QByteArray text;
    for (int i = 0; i < 1'000'000; ++i)
        text += QByteArray::number(i) + '\n';
    QFile file(folder(QStringLiteral("lines.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write(text);
    file.close();
    QCOMPARE(peer(QStringLiteral("a"), {"import", file.fileName()}).exit, 0);
    const QString output = folder(QStringLiteral("out.txt"));
    QCOMPARE(peer(QStringLiteral("a"), {"export", "lines", "--output", output}).exit, 0);
    QFile out(output);
    QVERIFY(out.open(QIODevice::ReadOnly));
    QVERIFY(out.readAll() == text);
}

void PeerTest::linesComeAsTheyWent()
{
    makeAlone();
    QFile file(folder(QStringLiteral("lines.txt")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("\xEF\xBB\xBF"
               "one\r\ntwo\rthree\n");
    file.close();
    QCOMPARE(peer(QStringLiteral("a"), {"import", file.fileName(), "--title", "Lines"}).exit, 0);
    QCOMPARE(peer(QStringLiteral("a"), {"--json", "show", "Lines"}).json()["text"].toString(),
             QStringLiteral("one\ntwo\nthree\n"));
}

void PeerTest::aHistoryGoesIntoAnArchive()
{
    makeAlone();
    QCOMPARE(peer(QStringLiteral("a"), {"new", "Lines"}).exit, 0);
    QCOMPARE(peer(QStringLiteral("a"), {"edit", "Lines", "--append", "one"}).exit, 0);
    const QString archive = folder(QStringLiteral("winter.archive"));
    QCOMPARE(peer(QStringLiteral("a"), {"verify", archive}).exit, 3);
    QCOMPARE(peer(QStringLiteral("a"), {"export", "--archive", archive}).exit, 0);
    const auto checked = peer(QStringLiteral("a"), {"--json", "verify", archive});
    QCOMPARE(checked.exit, 0);
    QVERIFY(checked.json()["changes"].toInt() >= 2);
    QCOMPARE(checked.json()["unknown"].toInt(), 0);

    QFile file(archive);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray bytes = file.readAll();
    bytes.back() = static_cast<char>(bytes.back() ^ 1); // of the last signature
    QVERIFY(file.seek(0) && file.write(bytes) == bytes.size());
    file.close();
    QCOMPARE(peer(QStringLiteral("a"), {"verify", archive}).exit, 1);
}

void PeerTest::aFullDiskIsTold()
{
    const QByteArray place = folder(QStringLiteral("a")).toLocal8Bit();
    QVERIFY(QDir().mkpath(QString::fromLocal8Bit(place)));
    if (mount("tmpfs", place.constData(), "tmpfs", 0, "size=1m") != 0)
        QSKIP("a small file system can only be mounted by root");
    makeAlone();
    QCOMPARE(peer(QStringLiteral("a"), {"new", "Plan"}).exit, 0);
    std::ofstream((place + "/ballast").toStdString()) << std::string(2'000'000, 'x');
    const Result refused =
        peer(QStringLiteral("a"), {"edit", "Plan", "--append", QString(60'000, QLatin1Char('y'))});
    std::filesystem::remove((place + "/ballast").toStdString());
    const Result shown = peer(QStringLiteral("a"), {"show", "Plan"});
    QCOMPARE(umount(place.constData()), 0);
    QCOMPARE(refused.exit, 5);
    QVERIFY2(refused.error.contains("The disk is full"), refused.error.constData());
    QCOMPARE(shown.exit, 0); // what was stored is still there
}

void PeerTest::aDecisionGoesIntoAFile()
{
    makeAlone();
    QProcess *running = start(QStringLiteral("a"));
    QVERIFY(running != nullptr);
    QCOMPARE(peer(QStringLiteral("a"), {"propose", "rule", "Be kind."}).exit, 0);
    QTRY_VERIFY_WITH_TIMEOUT(
        peer(QStringLiteral("a"), {"decisions"}).out.contains("decision 1, by 1 signature (Anna)"),
        30'000);
    const QString name = folder(QStringLiteral("one.decision"));
    QCOMPARE(peer(QStringLiteral("a"), {"decisions", "--id", "2", "--output", name}).exit, 3);
    QCOMPARE(peer(QStringLiteral("a"), {"decisions", "--id", "1", "--output", name}).exit, 0);
    const QString id = peer(QStringLiteral("a"), {"--json", "list"}).json()["workspace"].toString();

    const QString nobody = QStringLiteral("nobody"); // has no profile
    const Result checked = peer(nobody, {"verify-decision", name, "--workspace", id});
    QCOMPARE(checked.exit, 0);
    QVERIFY2(checked.out.contains("agree on the rule \"Be kind.\""), checked.out.constData());
    QVERIFY2(checked.out.contains("by Anna ("), checked.out.constData());
    QVERIFY(peer(nobody, {"verify-decision", name}).out.contains(id.toUtf8()));
    const Result other =
        peer(nobody, {"verify-decision", name, "--workspace", QString(64, QLatin1Char('a'))});
    QCOMPARE(other.exit, 1);
    QVERIFY2(other.error.contains("of another workspace"), other.error.constData());

    QFile file(name);
    QVERIFY(file.open(QIODevice::ReadWrite));
    QByteArray bytes = file.readAll();
    bytes.back() = static_cast<char>(bytes.back() ^ 1); // of the last signature
    QVERIFY(file.seek(0) && file.write(bytes) == bytes.size());
    file.close();
    const Result altered = peer(nobody, {"verify-decision", name});
    QCOMPARE(altered.exit, 1);
    QVERIFY2(altered.error.contains("not signed by a quorum"), altered.error.constData());
}

void PeerTest::aRuleLetsNobodyNewIn()
{
    makeAlone();
    start(QStringLiteral("a"));
    const QString eve = QStringLiteral("eve");
    QCOMPARE(peer(eve, {"init", "Eve"}).exit, 0);
    const QString card =
        peer(eve, {"--json", "card", "--address", "127.0.0.1:5000"}).json()["card"].toString();
    QVERIFY(!card.isEmpty());
    const QString a = QStringLiteral("a");
    QCOMPARE(peer(a, {"propose", "limits", "newcomers-read-past=no"}).exit, 0);
    QTRY_VERIFY_WITH_TIMEOUT(peer(a, {"members"}).out.contains("Nobody new is let in"), 30'000);
    for (const QStringList &verb :
         {QStringList{"invite", "--workspace", "Notes"}, {"propose", "admit", card}}) {
        const Result refused = peer(a, verb);
        QCOMPARE(refused.exit, 1);
        QVERIFY2(refused.error.contains("nobody new is let in here"), refused.error.constData());
    }
    QCOMPARE(peer(a, {"propose", "limits", "newcomers-read-past=yes"}).exit, 0);
    QTRY_VERIFY_WITH_TIMEOUT(!peer(a, {"members"}).out.contains("Nobody new is let in"), 30'000);
    QCOMPARE(peer(a, {"invite", "--workspace", "Notes"}).exit, 0);
}

void PeerTest::aForgedProofIsTold()
{
    QFile file(folder(QStringLiteral("proof")));
    QVERIFY(file.open(QIODevice::WriteOnly));
    file.write("nlbd-evidence1\nnonsense");
    file.close();
    const Result result = peer(QStringLiteral("a"), {"verify-evidence", file.fileName()});
    QCOMPARE(result.exit, 1);
    QVERIFY(result.error.contains("does not read. It proves nothing"));
}

QTEST_GUILESS_MAIN(PeerTest)
#include "peer_test.moc"
