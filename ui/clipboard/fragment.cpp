#include "ui/clipboard/fragment.h"

#include "ui/objects/embed.h"

#include <algorithm>
#include <array>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qsizetype kLinkUnitsMax = 1000; ///< in UTF-8 less than a value of the core may be
constexpr std::array kTravelling{kBold, kItalic, "underline", kStrike, kCode, "highlight"};

} // namespace

bool Fragment::hasLooks() const
{
    return !runs.empty() || std::ranges::any_of(blocks, [](const Block &block) {
        return block && *block != BlockStyle();
    });
}

bool isLinkThatTravels(const QString &address)
{
    if (address.isEmpty() || address.size() > kLinkUnitsMax || !address.isValidUtf16())
        return false;
    const bool isPlain = std::ranges::none_of(address, [](QChar unit) {
        return unit.isSpace() || unit.category() == QChar::Other_Control
            || unit.category() == QChar::Other_Format;
    });
    const QString scheme = address.section(QChar(u':'), 0, 0).toLower();
    return isPlain
        && (scheme == QLatin1String("http") || scheme == QLatin1String("https")
            || scheme == QLatin1String("mailto"));
}

Attributes marksThatTravel(const Attributes &marks)
{
    Attributes result;
    for (const auto &[key, value] : marks) {
        const bool isFormat = std::ranges::any_of(
            kTravelling, [&key = key](const char *known) { return key == known; });
        if (isFormat)
            result.emplace(key, value.size() <= 64 ? value : "1");
        else if (key == kLink && isLinkThatTravels(QString::fromStdString(value)))
            result.emplace(key, value);
        else if (const auto embed = key == kEmbed ? embedOf(marks) : std::nullopt;
                 embed && embed->kind != Embed::Kind::Unknown)
            result.emplace(key, valueOf(*embed));
    }
    return result;
}

Fragment fragmentOf(const QString &taken, qsizetype from, const PageLooks &looks, Begins begins,
                    const Fragment::Block &last)
{
    Fragment fragment;
    fragment.text = taken;
    for (const PageLooks::Run &run : looks.runs(from, from + taken.size())) {
        const qsizetype first = run.from - from;
        const qsizetype end = run.to - from;
        const BlockStyle style = blockStyleOf(*run.attributes);
        for (qsizetype at = taken.indexOf(u'\n', first); at >= 0 && at < end;
             at = taken.indexOf(u'\n', at + 1))
            fragment.blocks.emplace_back(style);
        Attributes marks = marksThatTravel(*run.attributes);
        if (marks.empty())
            continue;
        const bool goesOn = !fragment.runs.empty() && fragment.runs.back().to == first
            && fragment.runs.back().marks == marks;
        if (goesOn)
            fragment.runs.back().to = end;
        else
            fragment.runs.push_back({first, end, std::move(marks)});
    }
    const bool isPart = fragment.blocks.empty() && begins == Begins::InBlock;
    fragment.blocks.push_back(isPart ? Fragment::Block() : last);
    if (begins == Begins::InBlock)
        fragment.blocks.front().reset();
    return fragment;
}

PageLooks looksOf(const Fragment &fragment)
{
    PageLooks looks;
    looks.assign(fragment.text.size());
    for (const Fragment::Run &run : fragment.runs)
        looks.set(run.from, run.to, run.marks);
    const auto attributesOf = [&](std::size_t number, Attributes attributes) {
        for (const auto &[key, value] :
             changesTo(fragment.block(number).value_or(BlockStyle()), Attributes()))
            if (value)
                attributes.insert_or_assign(key, *value);
        return attributes;
    };
    std::size_t number = 0;
    for (qsizetype at = fragment.text.indexOf(u'\n'); at >= 0;
         at = fragment.text.indexOf(u'\n', at + 1), ++number)
        if (fragment.block(number).value_or(BlockStyle()) != BlockStyle())
            looks.set(at, at + 1, attributesOf(number, looks.at(at)));
    looks.setLast(attributesOf(number, {}));
    return looks;
}

Fragment plainFragment(QString text)
{
    text.replace(QStringLiteral("\r\n"), QStringLiteral("\n"));
    text.replace(QChar(u'\r'), QChar(u'\n'));
    text.replace(QChar(QChar::ParagraphSeparator), QChar(u'\n'));
    return {withWholePairs(std::move(text)), {}, {}};
}

QString withWholePairs(QString text)
{
    if (text.isValidUtf16())
        return text;
    for (qsizetype i = 0; i < text.size(); ++i) {
        const bool isPair =
            text[i].isHighSurrogate() && i + 1 < text.size() && text[i + 1].isLowSurrogate();
        if (isPair)
            ++i;
        else if (text[i].isSurrogate())
            text[i] = QChar(QChar::ReplacementCharacter);
    }
    return text;
}

// ---- Writing one ------------------------------------------------------------------------------

void FragmentWriter::begin()
{
    if (std::exchange(m_hasEnded, false))
        m_fragment.text += u'\n';
    m_isFresh = false;
}

void FragmentWriter::add(QStringView letters, const Attributes &marks)
{
    if (letters.isEmpty())
        return;
    begin();
    const qsizetype from = m_fragment.text.size();
    m_fragment.text += letters;
    const qsizetype to = m_fragment.text.size();
    if (marks.empty() || m_fragment.runs.size() >= Fragment::kRunsMax)
        return;
    auto &runs = m_fragment.runs;
    if (!runs.empty() && runs.back().to == from && runs.back().marks == marks)
        runs.back().to = to;
    else
        runs.push_back({from, to, marks});
}

void FragmentWriter::endBlock(const Fragment::Block &style)
{
    begin();
    m_fragment.blocks.push_back(style);
    m_hasEnded = true;
    m_isFresh = true;
}

void FragmentWriter::chopSpace()
{
    if (m_isFresh || !m_fragment.text.endsWith(u' '))
        return;
    m_fragment.text.chop(1);
    auto &runs = m_fragment.runs;
    if (!runs.empty() && runs.back().to > m_fragment.text.size())
        --runs.back().to;
    if (!runs.empty() && runs.back().from == runs.back().to)
        runs.pop_back();
}

Fragment FragmentWriter::take(const Fragment::Block &last)
{
    if (!m_isFresh || m_fragment.blocks.empty())
        m_fragment.blocks.push_back(last);
    m_fragment.text = withWholePairs(std::move(m_fragment.text));
    return std::exchange(m_fragment, {});
}

} // namespace nlbd::ui
