// What comments there are in a document, by what its changes say and who signed them.

#include "core/engine/comments.h"

#include "core/base/utf8.h"
#include "core/crdt/document_parts.h"
#include "core/crdt/mark_rules.h"
#include "core/engine/authors.h"

namespace nlbd::engine {

using EverSet = crdt::DocumentParts::EverSet;
using PlacedMark = crdt::DocumentParts::PlacedMark;

namespace {

/// The last of others who marked a thread counts, with all marks of that change: it has one for
/// each part that came back.
template <typename Thread, typename IsBefore>
void bringBack(Thread &thread, const Stretch &here, crdt::OpId mark, IsBefore isBefore)
{
    if (!thread.broughtBack || thread.broughtBackBy.change != mark.change) {
        if (thread.broughtBack && isBefore(mark, thread.broughtBackBy))
            return;
        thread.broughtBack = here;
        thread.broughtBackBy = mark;
        return;
    }
    auto &place = *thread.broughtBack;
    const TextOffset end = std::max(place.from + place.length, here.from + here.length);
    place.from = std::min(place.from, here.from);
    place.length = end - place.from;
}

} // namespace

std::optional<MemberIndex> Comments::me() const
{
    const identity::Device *mine = m_state.known().device(m_state.me);
    return mine == nullptr ? std::nullopt : std::optional(mine->member);
}

/// Nothing of what is not signed yet.
std::optional<MemberIndex> Comments::memberOf(ChangeHandle change) const
{
    if (change == ChangeHandle() || change >= m_state.graph.nextHandle())
        return std::nullopt;
    const identity::Device *device = m_state.known().device(m_state.graph.entry(change).device);
    return device == nullptr ? std::nullopt : std::optional(device->member);
}

/// The tie order of PROTOCOL C3, in which causes come before effects.
bool Comments::isBefore(crdt::OpId a, crdt::OpId b) const
{
    return a.change == b.change ? a.index < b.index : m_state.graph.isBefore(a.change, b.change);
}

WallTime Comments::timeOf(ChangeHandle change) const
{
    return std::min(WallTime(Millis(m_state.graph.entry(change).wallMs)), m_state.now.wall);
}

const Comments::Page &Comments::pageOf(DocIndex doc)
{
    const auto [page, isNew] = m_pages.try_emplace(doc);
    if (m_stale.erase(doc) > 0 || isNew)
        page->second = read(m_state.documents.at(doc).document, page->second.threads);
    return page->second;
}

/// Returns how many settings were looked at.
std::size_t Comments::gatherFields(const crdt::Document &document, Gathering &all) const
{
    std::size_t settings = 0;
    crdt::DocumentParts::forEachEverSet(document, crdt::kCommentPrefix, [&](const EverSet &it) {
        ++settings;
        const auto key = decodeKey(it.key);
        const auto member = key ? memberOf(it.id.change) : std::nullopt;
        const bool isText = it.kind == crdt::Value::Kind::Text;
        if (!member || (!isText && it.kind != crdt::Value::Kind::Nothing)
            || (key->message && key->message->member != *member))
            return;
        Gathered &thread = all[key->thread];
        const Field found{it.id, it.id, it.kind, it.text};
        if (!key->message && !thread.resolved)
            thread.resolved = found;
        Field &field = key->message
            ? thread.messages.try_emplace(*key->message, found).first->second
            : *thread.resolved;
        if (isBefore(it.id, field.first))
            field.first = it.id;
        if (isBefore(field.last, it.id)) {
            field.last = it.id;
            field.kind = it.kind;
            field.text = it.text;
        }
    });
    return settings;
}

/// A thread is where the marks of its owner are: words that come back after they were deleted are
/// marked anew by whoever took the deletion back. A mark of somebody else counts if there are no
/// others any more, and so nobody can carry a thread elsewhere.
void Comments::gatherMarks(const crdt::Document &document, Gathering &all) const
{
    crdt::DocumentParts::forEachMark(document, crdt::kCommentPrefix, [&](const PlacedMark &it) {
        const auto key = decodeKey(it.key);
        const auto member = key ? memberOf(it.id.change) : std::nullopt;
        const auto found = key ? all.find(key->thread) : all.end();
        if (!member || it.value == nullptr || key->message || found == all.end())
            return;
        Gathered &thread = found->second;
        const Stretch here{it.from, it.to - it.from};
        if (*member != key->thread.member) {
            if (here.length > 0)
                bringBack(thread, here, it.id,
                          [this](crdt::OpId a, crdt::OpId b) { return isBefore(a, b); });
            return;
        }
        if (!thread.begun || isBefore(it.id, *thread.begun)) {
            thread.begun = it.id;
            thread.quote = *it.value;
            thread.remains = it.from;
        }
        if (here.length == 0)
            return;
        if (!thread.place) {
            thread.place = here;
            return;
        }
        const TextOffset end = std::max(thread.place->from + thread.place->length, it.to);
        thread.place->from = std::min(thread.place->from, it.from);
        thread.place->length = end - thread.place->from;
    });
}

api::Comment Comments::commentOf(api::CommentId id, const Field &field,
                                 api::CommentWords words) const
{
    const ChangeHandle change = field.last.change;
    const Standing standing = standingOf(m_state, change);
    api::Comment comment{id, m_state.graph.entry(change).device, std::move(words),
                         timeOf(field.first.change)};
    if (field.first != field.last)
        comment.edited = timeOf(change);
    comment.state = standing.state;
    comment.signedBy = standing.signedBy;
    return comment;
}

/// Null if nobody says anything in it.
std::shared_ptr<const api::CommentThread>
Comments::threadOf(api::CommentId id, const Gathered &gathered, Page &page) const
{
    std::vector<std::pair<crdt::OpId, api::Comment>> messages;
    for (const auto &[message, field] : gathered.messages)
        if (auto words = decodeWords(field.text); words && field.kind == crdt::Value::Kind::Text)
            messages.emplace_back(field.first, commentOf(message, field, std::move(*words)));
    if (messages.empty())
        return nullptr;
    std::ranges::sort(messages,
                      [this](const auto &a, const auto &b) { return isBefore(a.first, b.first); });
    api::CommentThread thread;
    thread.id = id;
    thread.quote = std::string(
        utf8::slice(gathered.quote, 0,
                    std::min(utf8::length(gathered.quote),
                             static_cast<TextOffset>(api::CommentThread::kQuoteScalarsMax))));
    for (auto &[first, comment] : messages) {
        const std::size_t bytes = page.textBytes + comment.words.text.size();
        if (thread.messages.size() == api::CommentThread::kMessagesMax
            || bytes > api::CommentsChanged::kTextBytesMax) {
            page.isCut = true;
            break;
        }
        page.textBytes = bytes;
        page.isSettled = page.isSettled && comment.state == api::Agreement::Agreed;
        thread.messages.push_back(std::move(comment));
    }
    if (gathered.resolved) {
        const ChangeHandle change = gathered.resolved->last.change;
        thread.isResolved = gathered.resolved->text == kResolved;
        thread.resolvedBy = memberOf(change);
        thread.resolvedAt = timeOf(change);
    }
    if (thread.messages.empty())
        return nullptr;
    return std::make_shared<const api::CommentThread>(std::move(thread));
}

Comments::Page Comments::read(const crdt::Document &document, const Threads &known) const
{
    Gathering all;
    Page page;
    page.settings = gatherFields(document, all);
    page.isSettled = true;
    if (all.empty())
        return page;
    gatherMarks(document, all);
    std::vector<std::pair<crdt::OpId, api::CommentId>> order;
    for (const auto &[id, thread] : all)
        if (thread.begun)
            order.emplace_back(*thread.begun, id);
    std::ranges::sort(order,
                      [this](const auto &a, const auto &b) { return isBefore(a.first, b.first); });
    for (const auto &[begun, id] : order) {
        if (page.threads.size() == api::CommentsChanged::kThreadsMax) {
            page.isCut = true;
            break;
        }
        const Gathered &gathered = all.at(id);
        auto thread = threadOf(id, gathered, page);
        if (!thread)
            continue;
        const auto old = known.find(id);
        if (old != known.end() && *old->second == *thread)
            thread = old->second;
        const Stretch where = gathered.place ? *gathered.place
            : gathered.broughtBack           ? *gathered.broughtBack
                                             : Stretch{gathered.remains, 0};
        page.placed.push_back({where.from, where.from + where.length, thread});
        page.threads.emplace(id, std::move(thread));
    }
    std::ranges::stable_sort(page.placed, [](const auto &a, const auto &b) {
        return std::pair(a.from, a.to) < std::pair(b.from, b.to);
    });
    return page;
}

// ---- who is mentioned ---------------------------------------------------------------------------

/// Where letters stand is not asked for, so that a document that nobody opened is not laid out.
bool Comments::mentionsMe(const crdt::Document &document) const
{
    Gathering all;
    static_cast<void>(gatherFields(document, all));
    return std::ranges::any_of(all, [this](const auto &thread) {
        return std::ranges::any_of(thread.second.messages, [this](const auto &message) {
            const auto words = decodeWords(message.second.text);
            return words && message.first.member != *me()
                && std::ranges::find(words->mentions, *me(), &api::Mention::member)
                != words->mentions.end();
        });
    });
}

void Comments::readMentions(DocIndex doc)
{
    m_mentions.erase(doc);
    const auto open = m_state.documents.find(doc);
    if (!me() || open == m_state.documents.end() || !mentionsMe(open->second.document))
        return;
    std::vector<api::MentionInfo> mentions;
    for (const auto &[id, thread] : read(open->second.document, {}).threads)
        for (const api::Comment &comment : thread->messages) {
            const bool isMe =
                std::ranges::find(comment.words.mentions, *me(), &api::Mention::member)
                != comment.words.mentions.end();
            if (isMe && comment.id.member != *me() && !thread->isResolved)
                mentions.push_back({doc, id, comment.id, comment.when});
        }
    if (!mentions.empty())
        m_mentions.emplace(doc, std::move(mentions));
}

} // namespace nlbd::engine
