#include "ui/history/apart_tour.h"

#include "ui/editor/document_view.h"
#include "ui/editor/page_painter.h"
#include "ui/parts.h"
#include "ui/workspace_bridge.h"

#include <QBoxLayout>

#include <algorithm>
#include <utility>

namespace nlbd::ui {

ApartTour::ApartTour(DocumentView &page, WorkspaceBridge &bridge, QWidget *parent)
    : QFrame(parent)
    , m_page(page)
    , m_bridge(bridge)
    , m_text(makeSentence({}))
    , m_before(makeButton(tr("Back")))
    , m_next(makeButton(tr("Next")))
{
    setObjectName(QStringLiteral("findBar"));
    setAttribute(Qt::WA_StyledBackground);
    m_text->setFocusPolicy(Qt::TabFocus); // for who reads with the ears
    m_before->setAccessibleName(tr("To the place before"));
    m_before->setToolTip(tr("To the place before (Shift+F8)"));
    m_next->setAccessibleName(tr("To the next place"));
    m_next->setToolTip(tr("To the next place (F8)"));
    QPushButton *done = makeButton(tr("Done"));
    done->setToolTip(tr("Ends this (Esc)"));
    auto *row = new QHBoxLayout(this);
    row->setContentsMargins(16, 6, 10, 6);
    row->setSpacing(8);
    row->addWidget(m_text, 1);
    row->addWidget(m_before, 0, Qt::AlignTop);
    row->addWidget(m_next, 0, Qt::AlignTop);
    row->addWidget(done, 0, Qt::AlignTop);
    hide();
    m_page.addLayer(*this);
    connect(m_before, &QPushButton::clicked, this, [this] { go(-1); });
    connect(m_next, &QPushButton::clicked, this, [this] { go(1); });
    connect(done, &QPushButton::clicked, this, [this] {
        stop();
        m_page.setFocus();
    });
    connect(&bridge, &WorkspaceBridge::apartChanged, this, &ApartTour::apartChanged);
    connect(&bridge, &WorkspaceBridge::apartTold, this, &ApartTour::told);
    connect(&m_page, &DocumentView::opened, this, [this] {
        stop();
        Q_EMIT changed();
    });
    connect(&m_page, &DocumentView::editedAt, this,
            [this](qsizetype at, const QString &removed, const QString &inserted) {
                shift(at, removed.size(), inserted.size());
            });
    connect(&m_page, &DocumentView::patched, this,
            [this](qsizetype at, const QString &removed, const QString &inserted, api::PatchCause) {
                shift(at, removed.size(), inserted.size());
            });
}

ApartTour::~ApartTour()
{
    m_page.removeLayer(*this);
}

void ApartTour::setPeople(const words::People &people)
{
    m_people = people;
}

const api::ApartInfo *ApartTour::pending() const
{
    const auto doc = m_page.shownDocument();
    const auto found = doc ? m_apart.find(doc->value) : m_apart.end();
    return found == m_apart.end() ? nullptr : &found->second;
}

void ApartTour::apartChanged(const api::ApartChanged &event)
{
    m_apart.clear();
    for (const api::ApartInfo &info : event.apart)
        m_apart.emplace(info.doc.value, info);
    Q_EMIT changed();
}

// ---- the way -----------------------------------------------------------------------------------

bool ApartTour::go(int step)
{
    if (isOn()) {
        const bool isBeyond = step > 0 ? m_at + 1 == m_places.size() : m_at == 0;
        if (isBeyond && step > 0)
            end();
        else if (!isBeyond)
            show(step > 0 ? m_at + 1 : m_at - 1);
        return true;
    }
    const auto passage = m_page.passage(0, 0);
    if (pending() == nullptr || !passage)
        return false;
    m_firstStep = step;
    m_asking = m_bridge.nextRequest();
    m_bridge.submit(api::AskApart{m_asking, *passage});
    return true;
}

void ApartTour::told(const api::ApartTold &event)
{
    if (event.request != m_asking || m_page.shownDocument() != event.doc)
        return;
    m_asking = 0;
    m_page.inOrder(event.includesSerial, [this, event] {
        if (m_page.shownDocument() != event.doc)
            return;
        m_places.clear();
        for (const api::ApartPlace &place : event.places) {
            const auto [from, to] = m_page.placesOf(place.from, place.to);
            m_places.push_back({from, to, place});
        }
        if (m_places.empty())
            dismiss(); // all of it was written over meanwhile
        else
            show(m_firstStep > 0 ? 0 : m_places.size() - 1);
    });
}

/// The caret goes there, so that who wants to change it types; nothing is selected, or a key would
/// replace it.
void ApartTour::show(std::size_t index)
{
    m_at = index;
    const Place &place = m_places[index];
    const QString words = words::apartPlace(place.told, index, m_places.size(), m_people,
                                            QDateTime::currentDateTime());
    m_text->setText(breakable(words));
    m_text->setAccessibleName(words);
    m_before->setEnabled(index > 0);
    m_next->setText(index + 1 < m_places.size() ? tr("Next") : tr("Seen"));
    const bool wasHidden = !isVisible();
    QFrame::show();
    QTextCursor cursor(m_page.document());
    const auto last = static_cast<qsizetype>(m_page.document()->characterCount()) - 1;
    cursor.setPosition(static_cast<int>(std::clamp<qsizetype>(place.from, 0, last)));
    m_page.setTextCursor(cursor);
    m_page.centerCursor();
    m_page.viewport()->update();
    if (wasHidden)
        Q_EMIT changed();
}

/// Seen to the end.
void ApartTour::end()
{
    stop();
    dismiss();
}

bool ApartTour::stop()
{
    m_asking = 0;
    if (m_places.empty())
        return false;
    m_places.clear();
    hide();
    m_page.viewport()->update();
    Q_EMIT changed();
    return true;
}

void ApartTour::dismiss()
{
    if (pending() == nullptr)
        return;
    const DocIndex doc = pending()->doc;
    m_apart.erase(doc.value);
    m_bridge.submit(api::EndApart{doc});
    Q_EMIT changed();
}

void ApartTour::shift(qsizetype at, qsizetype removed, qsizetype inserted)
{
    const auto moved = [&](qsizetype place, bool isEnd) {
        if (place < at || (place == at && (isEnd || removed > 0)))
            return place;
        return place >= at + removed ? place - removed + inserted : at;
    };
    for (Place &place : m_places) {
        place.from = moved(place.from, false);
        place.to = std::max(place.from, moved(place.to, true));
    }
}

// ---- on the page -------------------------------------------------------------------------------

QColor ApartTour::colourOf(const Place &place) const
{
    const auto person = place.told.members.empty()
        ? m_people.end()
        : std::ranges::find(m_people, place.told.members.front(), &api::Person::member);
    return person == m_people.end() ? theme().accent : theme().people[person->colour % 8U];
}

void ApartTour::paintUnder(QPainter &painter, const PagePainter &page) const
{
    for (const Place &place : m_places) {
        const QColor tint = blend(colourOf(place), theme().page, theme().tint);
        page.eachPart(place.from, place.to, [&](const PagePainter::Part &part) {
            painter.fillRect(part.rect.adjusted(0, 1, part.endsLine ? 5 : 0, -1), tint);
        });
    }
}

/// The one that is told of has a line below; where something only went, a wedge stands.
void ApartTour::paintOver(QPainter &painter, const PagePainter &page) const
{
    for (std::size_t i = 0; i < m_places.size(); ++i) {
        const Place &place = m_places[i];
        const QColor colour = colourOf(place);
        if (place.from == place.to) {
            page.eachPart(place.from, place.from + 1, [&](const PagePainter::Part &part) {
                const qreal x = part.rect.left();
                painter.fillRect(QRectF(x - 1.5, part.rect.top() + 2, 3, part.rect.height() - 4),
                                 colour);
            });
        } else if (i == m_at) {
            page.eachPart(place.from, place.to, [&](const PagePainter::Part &part) {
                painter.fillRect(
                    QRectF(part.rect.left(), part.baseline + 3.5, part.rect.width(), 2), colour);
            });
        }
    }
}

} // namespace nlbd::ui
