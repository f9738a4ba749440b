#include "core/engine/authors.h"

#include "core/base/utf8.h"
#include "core/engine/attestor.h"
#include "core/engine/author.h"
#include "core/engine/drafts.h"
#include "core/engine/epochs.h"
#include "core/engine/views.h"

#include <algorithm>
#include <map>

namespace nlbd::engine {

namespace {

DeviceIndex deviceOf(const Engine::State &state, ChangeHandle change)
{
    return change == state.graph.nextHandle() ? state.me : state.graph.entry(change).device;
}

bool isOneMember(const identity::Configuration &configuration, DeviceIndex a, DeviceIndex b)
{
    const identity::Device *one = configuration.device(a);
    const identity::Device *other = configuration.device(b);
    return a == b || (one != nullptr && other != nullptr && one->member == other->member);
}

/// A name, cut to what a name may be, whole scalars.
std::string shortened(const std::string &name)
{
    std::size_t end = std::min(name.size(), api::AuthorsTold::kQuotedBytesMax);
    while (end < name.size() && end > 0 && (static_cast<unsigned char>(name[end]) & 0xC0U) == 0x80U)
        --end;
    return name.substr(0, end);
}

bool isWithinAMinute(const std::optional<WallTime> &a, const std::optional<WallTime> &b)
{
    using std::chrono::floor;
    using std::chrono::minutes;
    return a.has_value() == b.has_value() && (!a || floor<minutes>(*a) == floor<minutes>(*b));
}

void join(std::vector<api::AuthorSpan> &spans, api::AuthorSpan span)
{
    api::AuthorSpan *last = spans.empty() ? nullptr : &spans.back();
    if (last == nullptr || last->to != span.from || last->device != span.device
        || last->state != span.state || last->signedBy != span.signedBy
        || last->quoted != span.quoted || !isWithinAMinute(last->when, span.when)) {
        spans.push_back(std::move(span));
        return;
    }
    last->to = span.to;
    last->when = std::max(last->when, span.when);
}

/// The head of an answer: what it is about, as much as is told at once. Nothing if the view begins
/// anew.
template <typename Answer, typename Question>
std::optional<Answer> answerTo(const Views &views, const Question &question)
{
    const auto asked = views.asked(question.passage);
    if (!asked)
        return std::nullopt;
    Answer answer;
    answer.request = question.request;
    answer.doc = question.passage.doc;
    answer.view = question.passage.view;
    answer.patch = asked->patch;
    answer.includesSerial = asked->includesSerial;
    answer.from = asked->from;
    answer.to = std::min(asked->to, asked->from + static_cast<TextOffset>(Answer::kLettersMax));
    return answer;
}

} // namespace

Standing standingOf(const Engine::State &state, ChangeHandle change)
{
    if (change == state.graph.nextHandle())
        return {api::Agreement::Unsent, 0};
    const auto seats = static_cast<std::uint16_t>(state.seatCount());
    // What an epoch closed in was signed for by all who go on; nobody signs for it again.
    const std::size_t seen = state.isAlone() || state.epochs->isClosed(change)
        ? seats
        : state.attestor->ratification().seenBy(change, state.graph);
    Standing standing{api::Agreement::Pencil, static_cast<std::uint16_t>(seen)};
    if (state.isDisputed(state.graph.entry(change).device))
        standing.state = api::Agreement::Disputed;
    else if (state.isRatified(change))
        standing.state = api::Agreement::Agreed;
    return standing;
}

std::vector<Engine::BlameRun> blameOf(const Engine::State &state, const crdt::Document &document,
                                      TextOffset from, TextOffset to)
{
    std::vector<Engine::BlameRun> blame;
    const auto add = [&](TextOffset at, TextOffset end, ChangeHandle change,
                         const std::string &quoted) {
        if (at == end)
            return;
        Engine::BlameRun *last = blame.empty() ? nullptr : &blame.back();
        if (last != nullptr && last->change == change && last->quoted == quoted)
            last->length += end - at;
        else
            blame.push_back({at, end - at, change, deviceOf(state, change), quoted});
    };
    const std::vector<crdt::MarkedRun> quotes = document.markedRuns(from, to, Author::kQuotedMark);
    auto quote = quotes.begin();
    for (const crdt::Document::Run &run : document.runs(from, to)) {
        const ChangeHandle change = run.first.change;
        const TextOffset end = run.from + run.length;
        TextOffset at = run.from;
        while (at < end) {
            while (quote != quotes.end() && quote->from + quote->length <= at)
                ++quote;
            const bool isQuoted = quote != quotes.end() && quote->from <= at;
            const TextOffset next = quote == quotes.end() ? end
                : isQuoted                                ? quote->from + quote->length
                                                          : quote->from;
            const bool isByItsWriter = isQuoted
                && isOneMember(state.known(), deviceOf(state, quote->by), deviceOf(state, change));
            add(at, std::min(next, end), change, isByItsWriter ? quote->value : std::string());
            at = std::min(next, end);
        }
    }
    return blame;
}

api::AuthorSpan Authors::spanOf(const Engine::BlameRun &run) const
{
    const Standing standing = standingOf(m_state, run.change);
    api::AuthorSpan span{run.from, run.from + run.length, run.author,        {},
                         {},       standing.state,        standing.signedBy, shortened(run.quoted)};
    if (const identity::Device *device = m_state.known().device(run.author))
        span.member = device->member;
    if (standing.state != api::Agreement::Unsent)
        span.when =
            std::min(WallTime(Millis(m_state.graph.entry(run.change).wallMs)), m_state.now.wall);
    return span;
}

std::vector<api::AuthorSpan> Authors::spansOf(DocIndex doc, TextOffset from, TextOffset to) const
{
    const crdt::Document &document = m_state.documents.at(doc).document;
    const auto [under, underTo] = m_state.drafts->under(doc, from, to);
    std::vector<api::AuthorSpan> held;
    for (const Engine::BlameRun &run : blameOf(m_state, document, under, underTo))
        join(held, spanOf(run));
    api::AuthorSpan typed;
    typed.device = m_state.me;
    typed.state = api::Agreement::Unsent;
    if (const identity::Device *mine = m_state.known().device(m_state.me))
        typed.member = mine->member;
    std::vector<api::AuthorSpan> spans;
    for (api::AuthorSpan &span : m_state.drafts->shown(doc, held, typed)) {
        span.from = std::clamp(span.from, from, to);
        span.to = std::clamp(span.to, from, to);
        if (span.from < span.to)
            join(spans, std::move(span));
    }
    return spans;
}

void Authors::tell(const api::AskAuthors &question) const
{
    auto answer = answerTo<api::AuthorsTold>(*m_state.views, question);
    if (!answer)
        return;
    answer->spans = spansOf(answer->doc, answer->from, answer->to);
    if (answer->spans.size() > api::AuthorsTold::kSpansMax) {
        answer->spans.resize(api::AuthorsTold::kSpansMax);
        answer->to = answer->spans.back().to;
    }
    answer->seats = static_cast<std::uint16_t>(m_state.seatCount());
    m_state.out.notify(std::move(*answer));
}

/// Whoever wrote a change has it, before he signs for what he holds.
bool Authors::has(SeatIndex seat, ChangeHandle change) const
{
    const DeviceIndex device = m_state.configuration.seats[seat.value];
    return m_state.isAlone() || m_state.epochs->isClosed(change)
        || isOneMember(m_state.known(), device, m_state.graph.entry(change).device)
        || m_state.attestor->ratification().hasSeen(seat, change, m_state.graph);
}

void Authors::tell(const api::AskWhoHas &question) const
{
    auto answer = answerTo<api::WhoHasTold>(*m_state.views, question);
    if (!answer)
        return;
    const auto [from, to] = m_state.drafts->under(answer->doc, answer->from, answer->to);
    bool isUnsigned = m_state.drafts->hasWordsIn(answer->doc, answer->from, answer->to);
    std::map<history::ChainId, ChangeHandle> newest; // who has it has all before it on its chain
    for (const auto &run : m_state.documents.at(answer->doc).document.runs(from, to)) {
        const ChangeHandle change = run.first.change;
        if (change == m_state.graph.nextHandle()) {
            isUnsigned = true;
            continue;
        }
        const auto &entry = m_state.graph.entry(change);
        ChangeHandle &last = newest[entry.chain];
        if (last == ChangeHandle() || m_state.graph.entry(last).seq < entry.seq)
            last = change;
    }
    for (std::size_t i = 0; i < m_state.seatCount(); ++i) {
        const SeatIndex seat(static_cast<std::uint16_t>(i));
        const DeviceIndex device = m_state.configuration.seats[i];
        const bool isMine = isOneMember(m_state.known(), device, m_state.me);
        const bool hasAll =
            isMine || (!isUnsigned && std::ranges::all_of(newest, [&](const auto &it) {
                return has(seat, it.second);
            }));
        (hasAll ? answer->have : answer->lack)
            .push_back(m_state.configuration.devices[device.value].member);
    }
    std::ranges::sort(answer->have);
    std::ranges::sort(answer->lack);
    m_state.out.notify(std::move(*answer));
}

} // namespace nlbd::engine
