// Comments as they are written, and as views are told of them; comments_read.cpp reads them.

#include "core/engine/comments.h"

#include "core/base/utf8.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/author.h"
#include "core/engine/drafts.h"
#include "core/engine/epochs.h"
#include "core/engine/self_guard.h"

namespace nlbd::engine {

namespace {

constexpr Millis kInterval{100};
constexpr std::size_t kWorkPerMilli = 20; // what takes long to read is read less often

bool isAbout(const crdt::Ops &ops)
{
    return std::ranges::any_of(ops, [](const crdt::Op &op) {
        const auto *field = std::get_if<crdt::SetField>(&op);
        const auto *mark = std::get_if<crdt::SetMark>(&op);
        return (field != nullptr && crdt::isCommentKey(field->key))
            || (mark != nullptr && crdt::isCommentKey(mark->key));
    });
}

} // namespace

// ---- what a person does -------------------------------------------------------------------------

void Comments::answerWith(std::uint64_t request, Result result, api::CommentId thread,
                          api::CommentId message)
{
    m_state.out.notify(api::CommentWritten{request, result, thread, message});
}

api::CommentId Comments::freshId()
{
    return {*me(), m_state.config.random.next64() & 0xFFFF'FFFF'FFFFULL};
}

Comments::Result Comments::mayWrite(DocIndex doc, api::CommentId thread)
{
    m_state.epochs->forgetLoose();
    if (!me() || !m_state.guard->maySign())
        return Result::MayNotWrite;
    if (!m_state.documents.contains(doc) || !pageOf(doc).threads.contains(thread))
        return Result::Unknown;
    return Result::Done;
}

Comments::Result Comments::mayChange(DocIndex doc, api::CommentId thread, api::CommentId message)
{
    if (const Result result = mayWrite(doc, thread); result != Result::Done)
        return result;
    if (message.member != *me())
        return Result::NotMine;
    const bool isKnown = std::ranges::any_of(
        pageOf(doc).threads.at(thread)->messages,
        [message](const api::Comment &comment) { return comment.id == message; });
    return isKnown ? Result::Done : Result::Unknown;
}

Comments::Result Comments::put(DocIndex doc, const CommentKey &key, const crdt::Value &value)
{
    const std::string field = encodeKey(key);
    const auto set = [&](crdt::Document &document, crdt::Draft &draft) {
        document.set(crdt::kRoot, field, value, draft);
    };
    const bool isDone =
        m_state.author->remark(doc, field, field.size() + value.text.size(), set, false);
    return isDone ? Result::Done : Result::MayNotWrite;
}

void Comments::start(const api::StartThread &command)
{
    m_state.epochs->forgetLoose();
    const DocIndex doc = command.passage.doc;
    const auto refuse = [&](Result result) { answerWith(command.request, result, {}); };
    if (!isGood(command.words))
        return refuse(Result::NotValid);
    if (!me() || !m_state.guard->maySign())
        return refuse(Result::MayNotWrite);
    const auto asked = m_state.views->asked(command.passage);
    if (!asked || !m_state.documents.contains(doc))
        return refuse(Result::Lost);
    const auto [from, to] = m_state.drafts->under(doc, asked->from, asked->to);
    if (from >= to)
        return refuse(Result::NoWords);
    const Page &page = pageOf(doc);
    if (page.threads.size() >= api::CommentsChanged::kThreadsMax
        || page.textBytes + command.words.text.size() > api::CommentsChanged::kTextBytesMax)
        return refuse(Result::TooMany);
    const CommentKey key{freshId(), freshId()};
    const TextOffset quoted =
        std::min(to - from, static_cast<TextOffset>(api::CommentThread::kQuoteScalarsMax));
    const std::string words = encodeWords(command.words);
    const std::string field = encodeKey(key);
    const auto write = [&](crdt::Document &document, crdt::Draft &draft) {
        document.mark(from, to, encodeKey({key.thread, std::nullopt}), document.text(from, quoted),
                      draft);
        document.set(crdt::kRoot, field, crdt::Value(words), draft);
    };
    if (!m_state.author->remark(doc, field, words.size() + 5 * quoted, write, true))
        return refuse(Result::MayNotWrite);
    answerWith(command.request, Result::Done, key.thread, *key.message);
}

void Comments::answer(const api::AnswerThread &command)
{
    Result result =
        isGood(command.words) ? mayWrite(command.doc, command.thread) : Result::NotValid;
    api::CommentId message;
    if (result == Result::Done) {
        const Page &page = pageOf(command.doc);
        const bool isFull =
            page.threads.at(command.thread)->messages.size() >= api::CommentThread::kMessagesMax
            || page.textBytes + command.words.text.size() > api::CommentsChanged::kTextBytesMax;
        message = freshId();
        result = isFull
            ? Result::TooMany
            : put(command.doc, {command.thread, message}, crdt::Value(encodeWords(command.words)));
    }
    answerWith(command.request, result, command.thread, message);
}

void Comments::edit(const api::EditComment &command)
{
    Result result = isGood(command.words) ? mayChange(command.doc, command.thread, command.message)
                                          : Result::NotValid;
    if (result == Result::Done)
        result = put(command.doc, {command.thread, command.message},
                     crdt::Value(encodeWords(command.words)));
    answerWith(command.request, result, command.thread, command.message);
}

void Comments::remove(const api::DeleteComment &command)
{
    Result result = mayChange(command.doc, command.thread, command.message);
    if (result == Result::Done)
        result = put(command.doc, {command.thread, command.message}, crdt::Value());
    answerWith(command.request, result, command.thread, command.message);
}

void Comments::resolve(const api::ResolveThread &command)
{
    Result result = mayWrite(command.doc, command.thread);
    if (result == Result::Done)
        result = put(command.doc, {command.thread, std::nullopt},
                     crdt::Value(std::string(command.isResolved ? kResolved : kOpen)));
    answerWith(command.request, result, command.thread);
}

// ---- what changed -------------------------------------------------------------------------------

void Comments::changeTaken(DocIndex doc, ChangeHandle change, const crdt::Ops &ops)
{
    if (!isAbout(ops))
        return;
    touch(doc);
    m_dirtyMentions.insert(doc);
    // What this computer's own person did is to be seen at once.
    if (m_state.graph.entry(change).device == m_state.me)
        m_next = m_state.now.mono;
}

void Comments::touch(DocIndex doc)
{
    m_stale.insert(doc);
    m_news.insert(doc);
}

void Comments::historyChanged()
{
    for (const auto &[doc, page] : m_pages)
        touch(doc);
    for (const auto &[doc, open] : m_state.documents)
        m_dirtyMentions.insert(doc);
}

void Comments::sendAll()
{
    m_untold.clear();
    m_told.clear();
    m_areMentionsTold = false;
    if (!m_mentions.empty())
        m_next = m_state.now.mono;
}

std::optional<MonoTime> Comments::nextDeadline() const
{
    if (!m_untold.empty())
        return m_state.now.mono;
    const bool isNews = !m_dirtyMentions.empty() || m_areStandingsDirty
        || std::ranges::any_of(m_news, [this](DocIndex doc) { return m_pages.contains(doc); })
        || (!m_areMentionsTold && !m_mentions.empty());
    return isNews ? std::optional(m_next) : std::nullopt;
}

void Comments::sendIfDue()
{
    const auto due = nextDeadline();
    if (!due || m_state.now.mono < *due)
        return;
    if (std::exchange(m_areStandingsDirty, false))
        for (const auto &[doc, page] : m_pages)
            if (!page.isSettled)
                touch(doc);
    const std::size_t work = sendPages();
    sendMentions();
    m_next = m_state.now.mono + kInterval + Millis(static_cast<std::int64_t>(work / kWorkPerMilli));
}

/// Documents that somebody looks at are read again if they changed; their new views are told of all
/// of it.
std::size_t Comments::sendPages()
{
    std::size_t work = 0;
    const auto untold = std::exchange(m_untold, {});
    for (const auto &[doc, view] : untold)
        if (m_state.documents.contains(doc))
            m_pages.try_emplace(doc);
    for (auto it = m_pages.begin(); it != m_pages.end();) {
        const DocIndex doc = it->first;
        const std::vector<Views::Basis> views = m_state.views->viewsOf(doc);
        if (views.empty() || !m_state.documents.contains(doc)) {
            m_told.erase(doc);
            m_news.erase(doc);
            it = m_pages.erase(it);
            continue;
        }
        const bool isNews = m_news.erase(doc) > 0;
        const bool isNew = std::ranges::any_of(views, [&](const Views::Basis &basis) {
            return untold.contains({doc, basis.view});
        });
        if (!isNews && !isNew) {
            ++it;
            continue;
        }
        m_stale.insert(doc); // the text may have moved since it was read
        const Page &page = pageOf(doc);
        work += page.settings;
        for (const Views::Basis &basis : views) {
            const bool isMeant = isNews || untold.contains({doc, basis.view});
            if (isMeant && (!page.placed.empty() || m_told.contains(doc)))
                tell(doc, basis, page);
        }
        if (!page.placed.empty())
            m_told.insert(doc);
        ++it;
    }
    return work;
}

void Comments::tell(DocIndex doc, const Views::Basis &basis, const Page &page)
{
    api::CommentsChanged event{doc,         basis.view,
                               basis.patch, basis.includesSerial,
                               page.placed, static_cast<std::uint16_t>(m_state.seatCount()),
                               page.isCut};
    for (api::PlacedThread &placed : event.threads) {
        const bool isGone = placed.from == placed.to;
        placed.from = m_state.drafts->shown(doc, placed.from);
        placed.to = isGone ? placed.from : m_state.drafts->shown(doc, placed.to);
    }
    m_state.out.notify(std::move(event));
}

void Comments::sendMentions()
{
    const auto before = m_mentions;
    for (const DocIndex doc : std::exchange(m_dirtyMentions, {}))
        readMentions(doc);
    const bool isFirst = !std::exchange(m_areMentionsTold, true) && !m_mentions.empty();
    if (m_mentions == before && !isFirst)
        return;
    api::MentionsChanged event;
    for (const auto &[doc, mentions] : m_mentions)
        event.mentions.insert(event.mentions.end(), mentions.begin(), mentions.end());
    std::ranges::stable_sort(event.mentions, std::greater(), &api::MentionInfo::when);
    if (event.mentions.size() > api::MentionsChanged::kMentionsMax)
        event.mentions.resize(api::MentionsChanged::kMentionsMax);
    m_state.out.notify(std::move(event));
}

} // namespace nlbd::engine
