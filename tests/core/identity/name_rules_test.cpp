#include "core/identity/name_rules.h"

#include <QTest>

using nlbd::identity::isValidName;

class NameRulesTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void judges_data();
    void judges();
    void countsScalars();
};

void NameRulesTest::judges_data()
{
    QTest::addColumn<QByteArray>("name");
    QTest::addColumn<bool>("isValid");
    const auto row = [](const char *title, const char *name, bool isValid) {
        QTest::newRow(title) << QByteArray(name) << isValid;
    };
    row("plain", "Ann", true);
    row("two words", "Ann Lee", true);
    row("accents", "\xC3\x89lodie", true);
    row("other scripts", "\xE5\xB1\xB1\xE7\x94\xB0", true);
    row("emoji", "\xF0\x9F\x8C\xB2", true);
    row("empty", "", false);
    row("leading space", " Ann", false);
    row("trailing space", "Ann ", false);
    row("only spaces", "   ", false);
    row("no-break space at the end", "Ann\xC2\xA0", false);
    row("line feed", "An\nn", false);
    row("control", "An\x01n", false);
    row("delete", "An\x7Fn", false);
    row("soft hyphen", "An\xC2\xADn", false);
    row("zero width space", "An\xE2\x80\x8Bn", false);
    row("right-to-left override", "An\xE2\x80\xAEn", false);
    row("right-to-left isolate", "An\xE2\x81\xA7n", false);
    row("line separator", "An\xE2\x80\xA8n", false);
    row("byte order mark", "\xEF\xBB\xBF\x41nn", false);
    row("tag character", "An\xF3\xA0\x81\x81n", false);
    row("overlong", "An\xC1\x81n", false);
    row("surrogate", "An\xED\xA0\x80n", false);
    row("cut", "An\xE2\x80", false);
}

void NameRulesTest::judges()
{
    QFETCH(const QByteArray, name);
    QFETCH(const bool, isValid);
    QCOMPARE(isValidName({name.data(), static_cast<std::size_t>(name.size())}), isValid);
}

void NameRulesTest::countsScalars()
{
    std::string name;
    for (int i = 0; i < 64; ++i)
        name += "\xF0\x9F\x8C\xB2";
    QVERIFY(isValidName(name));
    QVERIFY(!isValidName(name + "a"));
    QVERIFY(isValidName(std::string(64, 'a')));
    QVERIFY(!isValidName(std::string(65, 'a')));
}

QTEST_APPLESS_MAIN(NameRulesTest)
#include "name_rules_test.moc"
