#include "core/base/random.h"
#include "core/crdt/text_numbers.h"

#include <map>
#include <QTest>

using namespace nlbd;
using namespace nlbd::crdt;

/// The hash table of texts against std::map.
class TextNumbersTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void agreesWithAMap()
    {
        SeededRandom random(7);
        TextNumbers numbers;
        std::map<std::string, std::uint32_t> expected;
        for (int i = 0; i < 20000; ++i) {
            // Few letters, so that many texts come again; lengths around the words they are cut to.
            std::string text(random.below(24), 'a');
            for (char &letter : text)
                letter = static_cast<char>('a' + random.below(text.size() < 9 ? 2 : 26));
            const auto next = static_cast<std::uint32_t>(expected.size());
            const auto [known, isNew] = expected.emplace(text, next);
            QCOMPARE(numbers.find(text).has_value(), !isNew);
            QCOMPARE(numbers.numberOf(text), known->second);
        }
        for (const auto &[text, number] : expected) {
            QCOMPARE(numbers.find(text), std::optional(number));
            QCOMPARE(numbers.text(number), text);
        }
        QVERIFY(!numbers.find("nobody gave this").has_value());
    }

    /// Zeros at the end, and the same bytes in words of other lengths, are other texts.
    void tellsLengthsApart()
    {
        TextNumbers numbers;
        for (std::uint32_t length = 0; length < 64; ++length)
            QCOMPARE(numbers.numberOf(std::string(length, '\0')), length);
    }

    /// A name that was given stays where it is while others come.
    void textsStay()
    {
        TextNumbers numbers;
        const std::string &first = numbers.text(numbers.numberOf("bold"));
        for (int i = 0; i < 1000; ++i)
            static_cast<void>(numbers.numberOf(std::to_string(i)));
        QCOMPARE(&first, &numbers.text(0));
        QCOMPARE(first, std::string("bold"));
    }
};

QTEST_APPLESS_MAIN(TextNumbersTest)
#include "text_numbers_test.moc"
