#include <QFile>
#include <QJsonDocument>
#include <QJsonObject>
#include <QProcess>
#include <QRegularExpression>
#include <QTest>

/// ATTACKS.md and `nlbd-malory --list` say the same: every row of PROTOCOL B has a verb, and every
/// verb stands in a row.
class ListTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void everyRowHasAVerb();
};

void ListTest::everyRowHasAVerb()
{
    constexpr int kRows = 46;
    const QString program = qEnvironmentVariable("NLBD_BIN_DIR") + QStringLiteral("/nlbd-malory");
    QSet<QString> verbs;
    for (const char *name : {"all", "attachments", "network", "lurking", "mouths"}) {
        QProcess part;
        part.start(program, {"--list", "--json", "--attack", QString::fromLatin1(name)});
        QVERIFY(part.waitForFinished(30'000));
        for (const QByteArray &line : part.readAllStandardOutput().split('\n'))
            if (!line.isEmpty())
                verbs << QJsonDocument::fromJson(line).object().value("verb").toString();
    }
    QVERIFY(verbs.size() > 60);

    QFile file(qEnvironmentVariable("NLBD_SOURCE_DIR")
               + QStringLiteral("/tests/malory/ATTACKS.md"));
    QVERIFY(file.open(QIODevice::ReadOnly));
    QSet<int> rows;
    QSet<QString> named;
    const QRegularExpression word(QStringLiteral("[a-z][a-z-]+"));
    for (const QString &line : QString::fromUtf8(file.readAll()).split('\n')) {
        const QStringList cells = line.split('|');
        bool isRow = false;
        const int row = cells.size() < 4 ? 0 : cells[1].trimmed().toInt(&isRow);
        if (!isRow)
            continue;
        bool hasVerb = cells[2].contains("any of");
        for (const auto &match : word.globalMatch(cells[2]))
            if (verbs.contains(match.captured())) {
                named << match.captured();
                hasVerb = true;
            }
        QVERIFY2(hasVerb, qPrintable(line));
        rows << row;
    }
    QCOMPARE(rows.size(), qsizetype(kRows));
    QCOMPARE(QStringList((verbs - named).values()).join(' '), QString());
}

QTEST_GUILESS_MAIN(ListTest)
#include "list_test.moc"
