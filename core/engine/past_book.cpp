#include "core/engine/past_book.h"

#include "core/engine/agreed_times.h"
#include "core/engine/author.h"
#include "core/engine/authors.h"
#include "core/engine/epochs.h"
#include "core/engine/past_text.h"

namespace nlbd::engine {

namespace {

constexpr std::size_t kQuestionsMax =
    16; // that wait for the past to be read; then the newest count
constexpr Millis kKept{10 * 60'000};

DocIndex docOf(const PastBook::Question &question)
{
    return std::visit([](const auto &it) { return it.doc; }, question);
}

} // namespace

void PastBook::ask(Question question)
{
    m_askedAt = m_state.now.mono;
    if (m_questions.size() >= kQuestionsMax)
        m_questions.pop_front();
    m_questions.push_back(std::move(question));
}

bool PastBook::forget()
{
    if (m_order != nullptr && m_state.now.mono - m_askedAt > kKept)
        m_order.reset();
    return false;
}

bool PastBook::work()
{
    if (m_questions.empty())
        return forget();
    if (std::holds_alternative<api::RestorePast>(m_questions.front()))
        m_state.epochs->forgetLoose(); // may give handles other meanings: before they are looked up
    if (!std::holds_alternative<api::AskPast>(m_questions.front())) {
        m_state.author->flush();
        if (m_state.author->isOpen())
            return false; // nothing may be signed just now: with the next step
    }
    const Progress progress = prepare(docOf(m_questions.front()));
    if (progress == Progress::Reading)
        return true;
    const Question question = std::move(m_questions.front());
    m_questions.pop_front();
    if (progress == Progress::Ready)
        std::visit([this](const auto &it) { answer(it); }, question);
    else if (const auto *wish = std::get_if<api::RestorePast>(&question))
        m_state.out.notify(
            api::PastRestored{wish->request, wish->doc, api::PastRestored::Result::NotKnown});
    else if (const auto *asked = std::get_if<api::AskPast>(&question))
        m_state.out.notify(api::PastTold{asked->request, asked->doc});
    return !m_questions.empty();
}

PastBook::Progress PastBook::prepare(DocIndex doc)
{
    if (!m_state.documents.contains(doc))
        return Progress::Unknown;
    if (m_order == nullptr || m_order->doc() != doc || m_order->isStale())
        m_order = std::make_unique<PastOrder>(m_state, doc);
    return m_order->readOn() ? Progress::Ready : Progress::Reading;
}

api::PastGroup PastBook::groupAt(std::size_t index) const
{
    const PastOrder::Group &group = m_order->groups()[index];
    const auto nameOf = [&](std::size_t place) {
        return m_state.graph.entry(m_order->places()[place].change).hash;
    };
    api::PastGroup told;
    told.first = nameOf(group.from);
    told.last = nameOf(group.to - 1);
    told.members = group.members;
    told.from = WallTime(Millis(group.fromMs));
    told.to = WallTime(Millis(group.toMs));
    told.changes = group.to - group.from;
    told.added = group.added;
    told.removed = group.removed;
    // Whoever has signed for the newest of a chain has signed for all before it.
    bool isTimed = !group.newest.empty();
    told.state = api::Agreement::Agreed;
    told.signedBy = static_cast<std::uint16_t>(m_state.seatCount());
    for (const ChangeHandle change : group.newest) {
        const Standing standing = standingOf(m_state, change);
        told.signedBy = std::min(told.signedBy, standing.signedBy);
        if (standing.state == api::Agreement::Disputed
            || (standing.state != api::Agreement::Agreed && told.state != api::Agreement::Disputed))
            told.state = standing.state;
        const auto since = m_state.agreedTimes->of(change);
        isTimed = isTimed && since;
        told.agreedSince = std::max(told.agreedSince, since);
    }
    if (!isTimed || told.state != api::Agreement::Agreed)
        told.agreedSince.reset();
    return told;
}

void PastBook::answer(const api::AskPast &question) const
{
    api::PastTold told{question.request, question.doc};
    std::size_t end = m_order->groups().size();
    if (question.before) {
        const auto change = m_order->find(*question.before);
        end = change ? m_order->groupOf(*change) : 0;
    }
    const std::size_t begin = end - std::min(end, api::PastTold::kGroupsMax);
    for (std::size_t i = begin; i < end; ++i)
        told.groups.push_back(groupAt(i));
    told.hasMore = begin > 0;
    told.changes = m_order->places().size();
    told.seats = static_cast<std::uint16_t>(m_state.seatCount());
    m_state.out.notify(std::move(told));
}

void PastBook::answer(const api::AskPastText &question) const
{
    if (auto told = pastText(m_state, *m_order, question))
        m_state.out.notify(std::move(*told));
}

void PastBook::answer(const api::RestorePast &question) const
{
    m_state.out.notify(m_state.author->restore(question, *m_order));
}

} // namespace nlbd::engine
