#include "core/identity/name_likeness.h"
#include "core/identity/name_rules.h"

#include <QTest>

using namespace nlbd::identity;

class NameLikenessTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void compares_data();
    void compares();
    void composes_data();
    void composes();
};

void NameLikenessTest::compares_data()
{
    QTest::addColumn<QString>("one");
    QTest::addColumn<QString>("other");
    QTest::addColumn<bool>("areConfusable");
    const auto row = [](const char *title, const char *one, const char *other, bool areConfusable) {
        QTest::newRow(title) << QString::fromUtf8(one) << QString::fromUtf8(other) << areConfusable;
    };
    row("the same", "Ben", "Ben", true);
    row("others", "Ben", "Bea", false);
    row("Cyrillic letters", "Ben", "\u0412\u0435n", true);
    row("Greek letter", "Olga", "\u039Flga", true);
    row("digit for letter", "Lola", "L0la", false); // UTS 39 tells 0 from o, but not from O
    row("digit for capital", "Olga", "0lga", true);
    row("one, l and I", "Bill", "Bi1I", true);
    row("two letters that look like one", "Norma", "Norrna", true);
    row("case alone", "ANNA", "anna", true);
    row("composed and not", "Z\u00EB", "Ze\u0308", true);
    row("wide letters", "\uFF21nna", "Anna", true);
    row("two spaces", "Ann Lee", "Ann  Lee", true);
    row("another space", "Ann Lee", "Ann\u00A0Lee", true);
    row("no space", "Ann Lee", "AnnLee", false);
    row("accent", "Zoe", "Zo\u00EB", false);
    row("other scripts", "\u5C71\u7530", "\u5C71\u672C", false);
    row("emoji", "\U0001F332", "\U0001F333", false);
    row("empty", "", "Ben", false);
}

void NameLikenessTest::compares()
{
    QFETCH(const QString, one);
    QFETCH(const QString, other);
    QFETCH(const bool, areConfusable);
    const std::string first = one.toStdString();
    const std::string second = other.toStdString();
    QCOMPARE(nlbd::identity::areConfusable(first, second), areConfusable);
    QCOMPARE(nlbd::identity::areConfusable(second, first), areConfusable);
}

void NameLikenessTest::composes_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<QByteArray>("composed");
    QTest::newRow("plain") << QByteArray("Ann") << QByteArray("Ann");
    QTest::newRow("decomposed") << QByteArray("Zoe\xCC\x88") << QByteArray("Zo\xC3\xAB");
    QTest::newRow("composed") << QByteArray("Zo\xC3\xAB") << QByteArray("Zo\xC3\xAB");
    QTest::newRow("Hangul") << QByteArray("\xE1\x84\x80\xE1\x85\xA1") << QByteArray("\xEA\xB0\x80");
    QTest::newRow("empty") << QByteArray() << QByteArray();
    QTest::newRow("not UTF-8") << QByteArray("An\xC1n") << QByteArray("An\xC1n");
}

void NameLikenessTest::composes()
{
    QFETCH(const QByteArray, name);
    QFETCH(const QByteArray, composed);
    const std::string result = composedName(name.toStdString());
    QCOMPARE(QByteArray::fromStdString(result), composed);
    QCOMPARE(composedName(result), result);
}

QTEST_APPLESS_MAIN(NameLikenessTest)
#include "name_likeness_test.moc"
