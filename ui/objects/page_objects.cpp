#include "ui/objects/page_objects.h"

#include "ui/clipboard/clip.h"
#include "ui/editor/document_view.h"
#include "ui/editor/page_change.h"
#include "ui/editor/page_layout.h"
#include "ui/editor/page_zoom.h"
#include "ui/pictures/picture_shelf.h"
#include "ui/theme.h"
#include "ui/words_pictures.h"

#include <QPainter>

#include <algorithm>
#include <cmath>
#include <utility>

namespace nlbd::ui {

namespace {

constexpr qreal kPadding = 4;     // of a chip, beside its name
constexpr qreal kHeightMax = 560; // of a picture, at 100 %
constexpr qreal kSideMin = 24;    // so that there is something to point at
constexpr qreal kAboveAndBelow = 6;

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
    connect(&page, &DocumentView::copying, this, &PageObjects::tellOthers);
}

void PageObjects::setShelf(PictureShelf &shelf)
{
    m_shelf = &shelf;
    connect(&shelf, &PictureShelf::changed, this, &PageObjects::pictureChanged);
}

void PageObjects::showAlsoIn(QPlainTextEdit &page)
{
    auto *layout = page.document()->documentLayout();
    layout->registerHandler(objectType(), this);
    layout->registerHandler(QTextFormat::NoObject, this);
    if (m_shelf != nullptr)
        connect(m_shelf, &PictureShelf::changed, page.viewport(),
                [viewport = page.viewport()] { viewport->update(); });
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

QString PageObjects::pictureName(const Hash &blob) const
{
    const auto doc = m_page.shownDocument();
    return m_shelf && doc ? m_shelf->known(*doc, blob).name : QString();
}

QString PageObjects::plain(const Embed &embed) const
{
    const Member *member = embed.kind == Embed::Kind::Member ? find(embed.member) : nullptr;
    if (member)
        return u'@' + member->name;
    if (embed.kind == Embed::Kind::Picture) {
        const QString name = pictureName(embed.blob);
        return name.isEmpty() ? tr("[picture]") : tr("[picture: %1]").arg(quietName(name));
    }
    return embed.kind == Embed::Kind::Member ? tr("@somebody unknown")
                                             : tr("[something not known here]");
}

std::optional<Embed> PageObjects::at(qsizetype unit) const
{
    const bool isObject = unit >= 0 && unit < m_page.looks().units()
        && m_page.document()->characterAt(static_cast<int>(unit)) == QChar(kObjectLetter);
    return isObject ? std::optional(embedOf(m_page.looks().at(unit)).value_or(Embed()))
                    : std::nullopt;
}

QString PageObjects::wordsAt(qsizetype unit) const
{
    const std::optional<Embed> object = at(unit);
    if (!object)
        return {};
    const Embed &embed = *object;
    if (embed.kind == Embed::Kind::Picture) {
        const auto doc = m_page.shownDocument();
        const bool isKnown = m_shelf != nullptr && doc.has_value();
        return words::pictureAt(isKnown ? m_shelf->known(*doc, embed.blob) : PictureShelf::Look(),
                                embed.size);
    }
    const Member *member = embed.kind == Embed::Kind::Member ? find(embed.member) : nullptr;
    if (!member)
        return plain(embed);
    return member->isGone ? tr("%1 is mentioned here, who is no member any more").arg(member->name)
                          : tr("%1 is mentioned here").arg(member->name);
}

std::vector<Hash> PageObjects::picturesOf(const PageLooks &looks)
{
    std::vector<Hash> result;
    for (const PageLooks::Run &run : looks.runs(0, looks.units())) {
        const auto embed = embedOf(*run.attributes);
        if (embed && embed->kind == Embed::Kind::Picture
            && std::ranges::find(result, embed->blob) == result.end())
            result.push_back(embed->blob);
    }
    return result;
}

PageObjects::Written PageObjects::written(Written all, const Stays &stays) const
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
        const Embed embed = embedOf(look).value_or(Embed());
        if (embed.kind == Embed::Kind::Picture && stays(embed.blob))
            continue;
        const QString words = plain(embed);
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

/// What other programs get: words where only this one has objects.
void PageObjects::tellOthers(QMimeData *mime, qsizetype, qsizetype) const
{
    auto *clip = qobject_cast<Clip *>(mime);
    if (clip == nullptr || !clip->fragment().text.contains(QChar(kObjectLetter)))
        return;
    Fragment told;
    told.blocks = clip->fragment().blocks;
    const QString &text = clip->fragment().text;
    qsizetype done = 0;
    for (Fragment::Run run : clip->fragment().runs) {
        told.text += QStringView(text).sliced(done, run.from - done);
        const qsizetype from = told.text.size();
        if (const auto embed = embedOf(run.marks)) {
            for (qsizetype i = run.from; i < run.to; ++i)
                told.text += plain(*embed);
            run.marks.erase(kEmbed);
        } else {
            told.text += QStringView(text).sliced(run.from, run.to - run.from);
        }
        done = run.to;
        if (!run.marks.empty())
            told.runs.push_back({from, told.text.size(), std::move(run.marks)});
    }
    told.text += QStringView(text).sliced(done);
    clip->tellOthers(std::move(told));
}

// ---- drawing ------------------------------------------------------------------------------------

QSizeF PageObjects::fitted(const QSize &size, qreal width)
{
    const qreal zoom = PageZoom::instance().factor();
    const QSizeF most(std::max(width, kSideMin), kHeightMax * zoom);
    QSizeF result = QSizeF(size) * zoom;
    if (result.width() > most.width() || result.height() > most.height())
        result.scale(most, Qt::KeepAspectRatio);
    return result.expandedTo({kSideMin, kSideMin});
}

QSizeF PageObjects::intrinsicSize(QTextDocument *document, int place, const QTextFormat &format)
{
    if (const Embed embed = embedOf(format); embed.kind == Embed::Kind::Picture) {
        const auto *layout = qobject_cast<const PageLayout *>(document->documentLayout());
        const qreal left = metricsOf(layout->styleOf(document->findBlock(place))).left;
        constexpr qreal kCaretRoom = 4;
        const qreal width = layout->room() - left - kCaretRoom;
        return fitted(embed.size, width) + QSizeF(0, 2 * kAboveAndBelow);
    }
    const QFontMetricsF metrics(chipFont(format));
    const qreal width = metrics.horizontalAdvance(plain(embedOf(format)));
    // It stands on the base line, and what hangs below is the line's already.
    return {std::ceil(width + 2 * kPadding), std::floor(metrics.ascent())};
}

void PageObjects::drawObject(QPainter *painter, const QRectF &rect, QTextDocument *, int,
                             const QTextFormat &format)
{
    const Embed embed = embedOf(format);
    if (embed.kind == Embed::Kind::Picture) {
        drawPicture(*painter, rect, embed, format);
        return;
    }
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

/// The picture, or a frame that says where it is.
void PageObjects::drawPicture(QPainter &painter, const QRectF &rect, const Embed &embed,
                              const QTextFormat &format) const
{
    const QRectF place = rect.adjusted(0, kAboveAndBelow, 0, -kAboveAndBelow);
    const auto doc = m_page.shownDocument();
    PictureShelf::Look look;
    if (m_shelf && doc) {
        const qreal ratio = painter.device()->devicePixelRatioF();
        look = m_shelf->look(*doc, embed.blob, (place.size() * ratio).toSize());
    }
    painter.save();
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setRenderHint(QPainter::SmoothPixmapTransform);
    if (!look.image.isNull()) {
        QSizeF size = look.image.size();
        size.scale(place.size(), Qt::KeepAspectRatio); // its author may have said another size
        QRectF inside(QPointF(), size);
        inside.moveCenter(place.center());
        painter.drawImage(inside, look.image);
    } else {
        painter.setPen(QPen(theme().border, 1, Qt::DashLine));
        painter.setBrush(theme().room);
        painter.drawRoundedRect(place.adjusted(0.5, 0.5, -0.5, -0.5), 6, 6);
        painter.setFont(uiFont(13));
        painter.setPen(theme().muted);
        painter.setClipRect(place);
        painter.drawText(place.adjusted(8, 4, -8, -4), Qt::AlignCenter | Qt::TextWordWrap,
                         words::pictureFrame(look));
    }
    if (format.hasProperty(QTextFormat::BackgroundBrush)) { // it is selected
        QColor tint = theme().accent;
        tint.setAlphaF(0.3F);
        painter.fillRect(place, tint);
    }
    painter.restore();
}

/// It is drawn where it is on the screen; its size is the same.
void PageObjects::pictureChanged(const Hash &)
{
    m_page.viewport()->update();
    caretMoved();
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
