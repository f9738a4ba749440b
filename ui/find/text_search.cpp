#include "ui/find/text_search.h"

#include <QElapsedTimer>
#include <QRegularExpression>

#include <algorithm>
#include <optional>

namespace nlbd::ui {

namespace {

// Of one start in a line, and of the memory it may take: what goes back and forth for longer is
// given up. Without the just-in-time compiler the limits are exact.
const QString kLimits = QStringLiteral("(*LIMIT_MATCH=20000)(*LIMIT_HEAP=20000)(*NO_JIT)");
constexpr int kLinesPerLook = 64; // between two looks at the clock and at whoever asked

bool isWordUnit(QChar unit)
{
    return unit.isLetterOrNumber() || unit.isMark() || unit.isSurrogate() || unit == u'_';
}

/// A line as it is compared: without case, accents or both; each unit knows where it came from.
struct Folded {
    QString text;
    std::vector<qsizetype> from; ///< of each unit, and of the end
};

void foldOne(QStringView letter, qsizetype at, const FindQuery &query, Folded &folded)
{
    const QString parts = query.ignoresAccents
        ? letter.toString().normalized(QString::NormalizationForm_D)
        : letter.toString();
    for (const QChar unit : parts) {
        if (query.ignoresAccents && unit.isMark())
            continue;
        folded.text += query.matchesCase ? unit : unit.toCaseFolded();
        folded.from.push_back(at);
    }
}

Folded fold(QStringView line, const FindQuery &query)
{
    Folded folded;
    folded.text.reserve(line.size());
    folded.from.reserve(static_cast<std::size_t>(line.size()) + 1);
    for (qsizetype i = 0; i < line.size(); ++i) {
        const QChar unit = line[i];
        if (unit.unicode() < 0x80) {
            folded.text += query.matchesCase ? unit : unit.toLower();
            folded.from.push_back(i);
            continue;
        }
        const bool isPair = unit.isHighSurrogate() && i + 1 < line.size();
        foldOne(line.mid(i, isPair ? 2 : 1), i, query, folded);
        i += isPair ? 1 : 0;
    }
    folded.from.push_back(line.size());
    return folded;
}

bool isWhole(QStringView line, qsizetype from, qsizetype to)
{
    const bool goesOn = to < line.size() && isWordUnit(line[to]) && isWordUnit(line[to - 1]);
    const bool beganBefore = from > 0 && isWordUnit(line[from - 1]) && isWordUnit(line[from]);
    return !goesOn && !beganBefore;
}

/// Never half a letter: a mark that follows belongs to it, and so does the other half of a pair.
bool cutsLetter(QStringView line, qsizetype from, qsizetype to)
{
    return (to < line.size() && (line[to].isMark() || line[to].isLowSurrogate()))
        || line[from].isLowSurrogate();
}

QRegularExpression patternOf(const FindQuery &query)
{
    QRegularExpression::PatternOptions options = QRegularExpression::UseUnicodePropertiesOption;
    if (!query.matchesCase)
        options |= QRegularExpression::CaseInsensitiveOption;
    return QRegularExpression(kLimits + query.text.left(kQueryUnitsMax), options);
}

QString filled(const QString &replacement, const QRegularExpressionMatch &match)
{
    QString result;
    for (qsizetype i = 0; i < replacement.size(); ++i) {
        const QChar next = i + 1 < replacement.size() ? replacement[i + 1] : QChar();
        if (replacement[i] != u'\\' || (next != u'\\' && (next < u'0' || next > u'9'))) {
            result += replacement[i];
            continue;
        }
        ++i;
        result += next == u'\\' ? QString(next) : match.captured(next.unicode() - u'0');
    }
    return result;
}

/// One search over one text.
class Search {
public:
    Search(const FindQuery &query, const QString *replacement)
        : m_query(query)
        , m_replacement(replacement)
    {
        if (query.isPattern)
            m_pattern = patternOf(query);
        else
            m_needle = fold(QStringView(query.text).left(kQueryUnitsMax), query).text;
    }

    [[nodiscard]] bool canSearch()
    {
        if (!m_query.isPattern)
            return !m_needle.isEmpty();
        if (m_pattern.isValid())
            return true;
        m_result.end = FindResult::End::NoPattern;
        m_result.why = m_pattern.errorString();
        return false;
    }

    /// False when there is no point in going on.
    bool look(QStringView line, qsizetype base)
    {
        return m_query.isPattern ? lookWithPattern(line, base) : lookForLetters(line, base);
    }

    void giveUp() { m_result.end = FindResult::End::TooSlow; }
    [[nodiscard]] FindResult take() { return std::move(m_result); }

private:
    bool add(qsizetype from, qsizetype to, QString replacement)
    {
        m_result.hits.push_back({from, to, std::move(replacement)});
        if (m_result.hits.size() < kHitsMax)
            return true;
        m_result.end = FindResult::End::TooMany;
        return false;
    }

    bool lookForLetters(QStringView line, qsizetype base)
    {
        const Folded folded = fold(line, m_query);
        qsizetype at = folded.text.indexOf(m_needle);
        while (at >= 0) {
            const qsizetype end = at + m_needle.size();
            const qsizetype from = folded.from[static_cast<std::size_t>(at)];
            const qsizetype to = folded.from[static_cast<std::size_t>(end)];
            const bool isHit = to > from && !cutsLetter(line, from, to)
                && (!m_query.isWholeWord || isWhole(line, from, to));
            if (isHit
                && !add(base + from, base + to,
                        m_replacement == nullptr ? QString() : *m_replacement))
                return false;
            at = folded.text.indexOf(m_needle, isHit ? end : at + 1);
        }
        return true;
    }

    bool lookWithPattern(QStringView line, qsizetype base)
    {
        QRegularExpressionMatchIterator matches = m_pattern.globalMatch(line.toString());
        while (matches.hasNext()) {
            const QRegularExpressionMatch match = matches.next();
            const qsizetype from = match.capturedStart();
            const qsizetype to = match.capturedEnd();
            const bool isHit = to > from && (!m_query.isWholeWord || isWhole(line, from, to));
            if (isHit
                && !add(base + from, base + to,
                        m_replacement == nullptr ? QString() : filled(*m_replacement, match)))
                return false;
        }
        if (matches.isValid())
            return true;
        giveUp(); // beyond the limits
        return false;
    }

    const FindQuery &m_query;
    const QString *m_replacement;
    QString m_needle;
    QRegularExpression m_pattern;
    FindResult m_result;
};

} // namespace

FindResult findAll(const QString &text, const FindQuery &query, const std::atomic<bool> &isStale,
                   const QString *replacement)
{
    Search search(query, replacement);
    if (query.text.isEmpty() || !search.canSearch())
        return search.take();
    QElapsedTimer clock;
    clock.start();
    int lines = 0;
    for (qsizetype from = 0; from <= text.size(); ++lines) {
        if (lines % kLinesPerLook == 0) {
            if (isStale.load(std::memory_order_relaxed))
                break;
            if (clock.elapsed() > kSearchMillisMax) {
                search.giveUp();
                break;
            }
        }
        const qsizetype found = text.indexOf(u'\n', from);
        const qsizetype end = found < 0 ? text.size() : found;
        if (!search.look(QStringView(text).mid(from, end - from), from))
            break;
        from = end + 1;
    }
    return search.take();
}

QString replacementFor(const QString &line, qsizetype from, qsizetype to, const FindQuery &query,
                       const QString &replacement)
{
    if (!query.isPattern)
        return replacement;
    const QRegularExpressionMatch match = patternOf(query).match(
        line, from, QRegularExpression::NormalMatch, QRegularExpression::AnchorAtOffsetMatchOption);
    return match.hasMatch() && match.capturedEnd() == to ? filled(replacement, match) : replacement;
}

} // namespace nlbd::ui
