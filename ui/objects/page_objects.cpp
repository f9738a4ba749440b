#include "ui/objects/page_objects.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/editor/page_layout.h"
#include "ui/theme.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qreal kPadding = 4; // of a chip, beside its name

QFont chipFont(const QTextFormat &format)
{
    QFont font = format.toCharFormat().font();
    font.setWeight(std::max(font.weight(), QFont::Medium));
    return font;
}

} // namespace

PageObjects::PageObjects(DocumentView &page, QObject *parent)
    : QObject(parent)
    , m_page(page)
{
    auto *layout = page.document()->documentLayout();
    layout->registerHandler(objectType(), this);
    layout->registerHandler(QTextFormat::NoObject, this); // the letter, and nothing it stands for
    connect(&page, &DocumentView::looksTouched, this, &PageObjects::caretMoved);
}

void PageObjects::setPeople(const std::vector<api::Person> &people)
{
    std::vector<Member> members;
    for (const api::Person &person : people) {
        const Member member{person.member, quietName(QString::fromUtf8(person.name)), person.colour,
                            person.standing == api::Person::Standing::Gone};
        const auto known = std::ranges::find(members, person.member, &Member::index);
        if (known == members.end())
            members.push_back(member);
        else if (known->isGone)
            *known = member; // one of several computers went
    }
    std::ranges::sort(members, {}, [](const Member &member) { return member.index.value; });
    if (std::exchange(m_members, std::move(members)) == m_members)
        return;
    auto *layout = qobject_cast<PageLayout *>(m_page.document()->documentLayout());
    layout->restyleAll(); // names are of another length
}

const PageObjects::Member *PageObjects::find(std::uint16_t index) const
{
    const auto found = std::ranges::find(m_members, MemberIndex(index), &Member::index);
    return found == m_members.end() ? nullptr : &*found;
}

QString PageObjects::plain(const Embed &embed) const
{
    const Member *member = embed.kind == Embed::Kind::Member ? find(embed.member) : nullptr;
    if (member)
        return u'@' + member->name;
    return embed.kind == Embed::Kind::Member ? tr("@somebody unknown")
                                             : tr("[something not known here]");
}

QString PageObjects::wordsAt(qsizetype unit) const
{
    const bool isObject = unit >= 0 && unit < m_page.looks().units()
        && m_page.document()->characterAt(static_cast<int>(unit)) == QChar(kObjectLetter);
    if (!isObject)
        return {};
    const Embed embed = embedOf(m_page.looks().at(unit)).value_or(Embed());
    const Member *member = embed.kind == Embed::Kind::Member ? find(embed.member) : nullptr;
    if (!member)
        return plain(embed);
    return member->isGone ? tr("%1 is mentioned here, who is no member any more").arg(member->name)
                          : tr("%1 is mentioned here").arg(member->name);
}

PageObjects::Written PageObjects::written(Written all) const
{
    std::vector<std::pair<qsizetype, Attributes>> objects;
    for (const PageLooks::Run &run : all.looks.runs(0, all.looks.units()))
        if (run.attributes->contains(kEmbed))
            for (qsizetype at = run.from; at < run.to; ++at)
                objects.emplace_back(at, *run.attributes);
    if (objects.empty())
        return all;
    QString text = all.pieces.join(QString());
    for (auto it = objects.rbegin(); it != objects.rend(); ++it) {
        auto &[at, look] = *it;
        if (text[at] != QChar(kObjectLetter))
            continue;
        const QString words = plain(*embedOf(look));
        look.erase(kEmbed);
        text.replace(at, 1, words);
        all.looks.replace(at, 1, words.size());
        all.looks.set(at, at + words.size(), look);
    }
    all.pieces = {text};
    return all;
}

void PageObjects::mention(MemberIndex member, qsizetype from, qsizetype to)
{
    const std::string value = valueOf({Embed::Kind::Member, member.value});
    PageChange change{from, to, QString(QChar(kObjectLetter)) + u' ', {{kEmbed, value}}};
    change.plainTail = 1;
    m_page.change(change);
}

QSizeF PageObjects::intrinsicSize(QTextDocument *, int, const QTextFormat &format)
{
    const QFontMetricsF metrics(chipFont(format));
    const qreal width = metrics.horizontalAdvance(plain(embedOf(format)));
    // It stands on the base line, and what hangs below is the line's already.
    return {std::ceil(width + 2 * kPadding), std::floor(metrics.ascent())};
}

void PageObjects::drawObject(QPainter *painter, const QRectF &rect, QTextDocument *, int,
                             const QTextFormat &format)
{
    const Embed embed = embedOf(format);
    const Member *member = embed.kind == Embed::Kind::Member ? find(embed.member) : nullptr;
    const QFont font = chipFont(format);
    const bool isFaint = format.foreground().color() == theme().faint;
    const QColor ink = member && !isFaint ? theme().people[member->colour % 8U] : theme().muted;
    painter->save();
    painter->setRenderHint(QPainter::Antialiasing);
    painter->setPen(QPen(blend(ink, theme().page, 0.45), 1));
    painter->setBrush(Qt::NoBrush);
    const QRectF chip = rect.adjusted(1, 0.5, -1, QFontMetricsF(font).descent() + 0.5);
    painter->drawRoundedRect(chip, 5, 5);
    painter->setPen(ink);
    painter->setFont(font);
    painter->drawText(QPointF(rect.left() + kPadding, rect.bottom()), plain(embed));
    painter->restore();
}

/// Right before or behind it.
void PageObjects::caretMoved()
{
    const int at = m_page.textCursor().position();
    QString words = wordsAt(at);
    if (words.isEmpty())
        words = wordsAt(at - 1);
    const bool wasSaid = !m_noted.isEmpty();
    m_noted = words;
    if (!words.isEmpty() || wasSaid)
        Q_EMIT noted(words);
}

} // namespace nlbd::ui
