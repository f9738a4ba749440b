#include <QJsonArray>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QProcessEnvironment>
#include <QTemporaryDir>
#include <QTest>

#include <filesystem>

/// Profile folders that were copied or put back from a backup, with real processes on loopback: the
/// copy says what it is, and nobody ever holds a proof against its owner.
class CopiedFolderTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void init();
    void cleanup();
    void theCopySaysWhatItIs_data();
    void theCopySaysWhatItIs();
    void aRestoredFolderGoesOnWithAKeyOfItsOwn();

private:
    struct Result {
        int exit = -1;
        QByteArray out;
        [[nodiscard]] QJsonObject json() const
        {
            return QJsonDocument::fromJson(out.left(out.indexOf('\n'))).object();
        }
    };
    [[nodiscard]] QString folder(const QString &name) const { return m_dir->filePath(name); }
    [[nodiscard]] QProcessEnvironment environment(const QString &computer) const
    {
        auto result = QProcessEnvironment::systemEnvironment();
        result.insert(QStringLiteral("NLBD_STATE"), folder(QStringLiteral("starts-") + computer));
        return result;
    }
    [[nodiscard]] static QString program()
    {
        return qEnvironmentVariable("NLBD_BIN_DIR") + QStringLiteral("/nlbd-peer");
    }
    [[nodiscard]] Result peer(const QString &name, const QStringList &arguments) const
    {
        QProcess process;
        process.setProcessEnvironment(environment(m_computers.value(name, name)));
        process.start(
            program(),
            QStringList{QStringLiteral("--profile"), folder(name), QStringLiteral("--json")}
                + arguments);
        process.waitForFinished(60'000);
        return {process.exitStatus() == QProcess::NormalExit ? process.exitCode() : -1,
                process.readAllStandardOutput()};
    }
    void start(const QString &name)
    {
        auto process = std::make_unique<QProcess>();
        process->setProcessEnvironment(environment(m_computers.value(name, name)));
        process->start(program(),
                       QStringList{QStringLiteral("--profile"), folder(name),
                                   QStringLiteral("--json"), QStringLiteral("run"),
                                   QStringLiteral("--loopback"),
                                   QStringLiteral("--accept-founding")});
        while (!process->canReadLine() && process->waitForReadyRead(30'000)) {
        }
        QVERIFY(process->canReadLine());
        m_running[name] = std::move(process);
    }
    void stop(const QString &name)
    {
        m_running.at(name)->terminate();
        QVERIFY(m_running.at(name)->waitForFinished(20'000));
        m_running.erase(name);
    }
    void copyFolder(const QString &from, const QString &to) const
    {
        std::error_code error;
        std::filesystem::remove_all(folder(to).toStdString(), error);
        std::filesystem::copy(folder(from).toStdString(), folder(to).toStdString(),
                              std::filesystem::copy_options::recursive
                                  | std::filesystem::copy_options::skip_symlinks,
                              error);
        QVERIFY2(!error, error.message().c_str());
    }
    [[nodiscard]] QString text(const QString &name) const
    {
        return peer(name, {"show", "Plan"}).json()["text"].toString();
    }
    [[nodiscard]] int append(const QString &name, const QString &words) const
    {
        return peer(name, {"edit", "Plan", "--append", words}).exit;
    }
    /// The device whose folder this is, as `devices` lists it.
    [[nodiscard]] QJsonObject here(const QString &name) const
    {
        for (const QByteArray &line : peer(name, {"devices"}).out.split('\n'))
            if (const auto device = QJsonDocument::fromJson(line).object(); device["here"].toBool())
                return device;
        return {};
    }
    void giveUpTheOldKey(const QString &oldKey);
    void verifyNoProofs() const
    {
        for (const auto &[name, process] : m_running)
            QVERIFY(!peer(name, {"evidence"}).out.contains("EV_"));
    }

    const QString m_a = QStringLiteral("a");
    const QString m_b = QStringLiteral("b");
    const QString m_copy = QStringLiteral("copy");
    std::unique_ptr<QTemporaryDir> m_dir;
    QMap<QString, QString> m_computers; ///< whose second place a folder meets, if not its own
    std::map<QString, std::unique_ptr<QProcess>> m_running;
};

void CopiedFolderTest::init()
{
    m_dir = std::make_unique<QTemporaryDir>();
    m_computers.clear();
    QStringList found{"found", "--name", "Garden", "--with"};
    for (const QString &name : {m_a, m_b, QStringLiteral("c"), QStringLiteral("d")}) {
        QCOMPARE(peer(name, {"init", "P" + name}).exit, 0);
        start(name);
        if (name != m_a)
            found << peer(name, {"card"}).json()["card"].toString();
    }
    QCOMPARE(peer(m_a, found).exit, 0);
    for (const QString &name : {m_a, m_b})
        QTRY_COMPARE_WITH_TIMEOUT(peer(name, {"status"}).json()["workspaces"].toArray().size(), 1,
                                  30'000);
    QCOMPARE(peer(m_a, {"new", "Plan"}).exit, 0);
    QCOMPARE(append(m_a, "one "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one "), 30'000);
}

void CopiedFolderTest::cleanup()
{
    for (auto &[name, process] : m_running) {
        process->terminate();
        process->waitForFinished(20'000);
    }
    m_running.clear();
}

void CopiedFolderTest::theCopySaysWhatItIs_data()
{
    QTest::addColumn<QString>("computer");
    QTest::newRow("beside the original") << m_a;
    QTest::newRow("on another computer") << QStringLiteral("other");
}

void CopiedFolderTest::theCopySaysWhatItIs()
{
    QFETCH(QString, computer);
    m_computers[m_copy] = computer;
    stop(m_a);
    copyFolder(m_a, m_copy);
    start(m_a);
    QCOMPARE(append(m_a, "two "), 0);
    start(m_copy);
    QVERIFY(here(m_copy)["copy"].toBool());
    const Result refused = peer(m_copy, {"edit", "Plan", "--append", "three "});
    QCOMPARE(refused.exit, 1);
    QVERIFY(refused.json()["error"].toString().contains("is a copy"));
    QCOMPARE(peer(m_copy, {"new", "Other"}).exit, 1);
    QCOMPARE(peer(m_copy, {"propose", "key"}).exit, 1);

    QVERIFY(!here(m_a)["copy"].toBool());
    QCOMPARE(append(m_a, "four "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one two four "), 60'000);
    verifyNoProofs();
    stop(m_copy);
    QCOMPARE(append(m_copy, "five "), 1); // a verb without a program is told the same
    QCOMPARE(append(m_a, "six "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one two four six "), 60'000);
    verifyNoProofs();
}

void CopiedFolderTest::aRestoredFolderGoesOnWithAKeyOfItsOwn()
{
    stop(m_a);
    copyFolder(m_a, QStringLiteral("backup"));
    start(m_a);
    QCOMPARE(append(m_a, "two "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one two "), 30'000);
    stop(m_a);
    copyFolder(QStringLiteral("backup"), m_a);
    start(m_a);
    QCOMPARE(append(m_a, "three "), 1);
    QVERIFY(here(m_a)["copy"].toBool());
    const QString oldKey = here(m_a)["key"].toString();
    QTRY_COMPARE_WITH_TIMEOUT(text(m_a), QStringLiteral("one two "), 30'000); // its own words

    QCOMPARE(peer(m_a, {"devices", "renew"}).exit, 0);
    QTRY_VERIFY_WITH_TIMEOUT(here(m_a)["key"].toString() != oldKey, 60'000);
    QCOMPARE(here(m_a)["does"].toString(), QStringLiteral("writes and votes"));
    QCOMPARE(append(m_a, "four "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one two four "), 30'000);
    verifyNoProofs();
    // It still meets others under the old key, and does not lock itself out.
    QCOMPARE(peer(m_a, {"devices", "revoke", oldKey.left(12)}).exit, 1);

    stop(m_a);
    start(m_a);
    QCOMPARE(append(m_a, "five "), 0);
    QTRY_COMPARE_WITH_TIMEOUT(text(m_b), QStringLiteral("one two four five "), 30'000);
    QCOMPARE(peer(m_a, {"devices", "renew"}).exit, 1); // nothing is wrong with this key
    verifyNoProofs();
    giveUpTheOldKey(oldKey);
}

void CopiedFolderTest::giveUpTheOldKey(const QString &oldKey)
{
    QCOMPARE(peer(m_a, {"card"}).json()["device"].toString(), here(m_a)["key"].toString());
    QCOMPARE(peer(m_a, {"devices", "revoke", here(m_a)["key"].toString()}).exit, 1);
    QCOMPARE(peer(m_a, {"devices", "revoke", "0000"}).exit, 3);
    QCOMPARE(peer(m_a, {"devices", "revoke", oldKey.left(12)}).exit, 0);
    const auto isRevoked = [&](const QString &name) {
        const QByteArray lines = peer(name, {"devices"}).out;
        for (const QByteArray &line : lines.split('\n'))
            if (const auto device = QJsonDocument::fromJson(line).object();
                device["key"].toString() == oldKey)
                return device["does"].toString() == QStringLiteral("revoked");
        return false;
    };
    for (const QString &name : {m_a, m_b})
        QTRY_VERIFY_WITH_TIMEOUT(isRevoked(name), 60'000);
    QCOMPARE(peer(m_a, {"devices", "revoke", oldKey.left(12)}).exit, 1); // that is so already
    // Both ways, also after another start: the old key is nobody's any more, and nobody misses it.
    for (const char *words : {"six ", "seven "}) {
        QCOMPARE(append(m_b, QString::fromLatin1(words)), 0);
        QTRY_VERIFY_WITH_TIMEOUT(text(m_a).endsWith(QString::fromLatin1(words)), 60'000);
        QCOMPARE(append(m_a, "and "), 0);
        QTRY_COMPARE_WITH_TIMEOUT(text(m_b), text(m_a), 60'000);
        stop(m_a);
        start(m_a);
    }
    verifyNoProofs();
}

QTEST_GUILESS_MAIN(CopiedFolderTest)
#include "copied_folder_test.moc"
