#include "core/engine/edit_script.h"

#include <QTest>

#include <random>
#include <string>

using namespace nlbd::engine;

namespace {

std::string apply(const std::string &before, const std::string &after,
                  const std::vector<EditStep> &script)
{
    std::string result;
    std::size_t a = 0;
    std::size_t b = 0;
    for (const EditStep step : script) {
        if (step == EditStep::Insert)
            result += after.at(b++);
        else if (step == EditStep::Delete)
            ++a;
        else if (before.at(a) == after.at(b))
            result += before.at(a), ++a, ++b;
    }
    return a == before.size() && b == after.size() ? result : "wrong";
}

std::vector<EditStep> scriptOf(const std::string &before, const std::string &after,
                               std::size_t most = 1'000)
{
    return editScript(
        before.size(), after.size(),
        [&](std::size_t a, std::size_t b) { return before.at(a) == after.at(b); }, most);
}

/// The textbook's table.
std::size_t commonLetters(const std::string &a, const std::string &b)
{
    std::vector<std::vector<std::size_t>> table(a.size() + 1,
                                                std::vector<std::size_t>(b.size() + 1));
    for (std::size_t i = 1; i <= a.size(); ++i)
        for (std::size_t j = 1; j <= b.size(); ++j)
            table[i][j] = a[i - 1] == b[j - 1] ? table[i - 1][j - 1] + 1
                                               : std::max(table[i - 1][j], table[i][j - 1]);
    return table.back().back();
}

std::size_t kept(const std::vector<EditStep> &script)
{
    return static_cast<std::size_t>(std::ranges::count(script, EditStep::Keep));
}

} // namespace

class EditScriptTest : public QObject {
    Q_OBJECT

private Q_SLOTS:
    void isTheShortest()
    {
        std::mt19937 random(5);
        const auto below = [&](int end) {
            return std::uniform_int_distribution<int>(0, end - 1)(random);
        };
        for (int i = 0; i < 3'000; ++i) {
            std::string texts[2];
            for (std::string &text : texts)
                for (int n = below(14); n > 0; --n)
                    text += static_cast<char>('a' + below(1 + i % 4));
            const auto script = scriptOf(texts[0], texts[1]);
            QCOMPARE(apply(texts[0], texts[1], script), texts[1]);
            QCOMPARE(kept(script), commonLetters(texts[0], texts[1]));
        }
    }
    void replacesWhatDiffersTooMuch()
    {
        const std::string before = "<" + std::string(300, 'a') + "x" + std::string(300, 'a') + ">";
        const std::string after = "<" + std::string(300, 'b') + "x" + std::string(300, 'b') + ">";
        const auto script = scriptOf(before, after, 50);
        QCOMPARE(apply(before, after, script), after);
        QCOMPARE(kept(script), 2U);
        QCOMPARE(kept(scriptOf(before, after)), 2U); // 1,200 edits are too many, too
        QCOMPARE(kept(scriptOf(before, after, 1'200)), 3U);
    }
};

QTEST_GUILESS_MAIN(EditScriptTest)
#include "edit_script_test.moc"
