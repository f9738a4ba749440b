// What was once, written again.

#include "core/base/utf8.h"
#include "core/engine/author.h"
#include "core/engine/looks.h"
#include "core/engine/past_text.h"
#include "core/engine/rewrite.h"

namespace nlbd::engine {

namespace {

using Kind = crdt::DeltaStep::Kind;

/// What leads from the looks of letters that were just written to those that they are to have.
AttributeChanges leading(const Attributes &from, const AttributeChanges &to)
{
    AttributeChanges changes;
    for (const auto &[key, value] : from)
        if (!to.contains(key))
            changes.emplace(key, std::nullopt);
    for (const auto &[key, value] : to) {
        const auto before = from.find(key);
        if (value && (before == from.end() || before->second != *value))
            changes.emplace(key, value);
    }
    return changes;
}

bool isWithin(const api::RestorePast::Part &part, TextOffset length)
{
    return part.from < part.to && part.to <= length;
}

} // namespace

/// An ordinary edit of mine: history is never erased, and one undo takes it back.
api::PastRestored Author::restore(const api::RestorePast &command, const PastOrder &order)
{
    using Result = api::PastRestored::Result;
    api::PastRestored answer{command.request, command.doc, Result::NotKnown};
    const auto upTo = order.find(command.upTo);
    if (!upTo)
        return answer;
    const crdt::Document &document = m_state.document(command.doc).document;
    const auto isNow = [](ChangeHandle) { return true; };
    const auto isThen = [&](ChangeHandle change) { return !order.isBefore(*upTo, change); };
    const crdt::Delta then = document.contentAt(isThen);
    const TextOffset length = lengthOf(then);
    if (command.part && !isWithin(*command.part, length))
        return answer;
    RewritePart part;
    if (command.part && command.part->to - command.part->from < length)
        part = {command.part->from, command.part->to, false};
    Rewrite plan =
        rewriteTo(document.contentAt(isNow), then, document.difference(isNow, isThen), part);
    answer.result = Result::Same;
    if (plan.isEmpty())
        return answer;
    answer.result = Result::MayNot;
    if (mustWait() || document.length() + plan.added > kDocumentScalarsMax)
        return answer;
    rewrite(command.doc, plan.steps);
    answer.added = plan.added;
    answer.removed = plan.removed;
    answer.result = Result::Done;
    return answer;
}

void Author::rewrite(DocIndex doc, const std::vector<crdt::AuthoredStep> &steps)
{
    UndoLog &log = logOf(doc);
    log.endGroup();
    TextPatches patches;
    TextOffset at = 0;
    for (const crdt::AuthoredStep &it : steps) {
        if (it.step.kind == Kind::Delete) {
            erase(doc, history::ChangeKind::Edit, at, it.step.length, &log);
            patches.push_back({at, it.step.length, {}});
        } else if (it.step.kind == Kind::Insert) {
            insert(doc, history::ChangeKind::Edit, at, it.step.text, &log);
            patches.push_back({at, 0, it.step.text});
            at += utf8::length(it.step.text);
        } else {
            at += it.step.length;
        }
    }
    // The letters stand: now how they look, and whose words they were.
    std::vector<Stretch> looked;
    at = 0;
    for (const crdt::AuthoredStep &it : steps) {
        if (it.step.kind == Kind::Delete)
            continue;
        const bool isNew = it.step.kind == Kind::Insert;
        const TextOffset length = isNew ? utf8::length(it.step.text) : it.step.length;
        if (isNew || !it.step.attributes.empty()) {
            lookAs(doc, {at, length}, it, log);
            looked.push_back({at, length});
        }
        at += length;
    }
    log.endGroup();
    flush();
    m_state.views->patched(doc,
                           {.patches = patches,
                            .cause = api::PatchCause::MyOtherView,
                            .looks = looksOf(m_state.document(doc).document, std::move(looked))});
    sendUndoState(doc);
}

/// The name of who signed a change, if that is somebody else.
std::optional<std::string> Author::otherBehind(ChangeHandle change) const
{
    if (change == ChangeHandle() || change == m_state.graph.nextHandle())
        return std::nullopt;
    const identity::Device *writer = m_state.known().device(m_state.graph.entry(change).device);
    const identity::Device *mine = m_state.known().device(m_state.me);
    if (writer == nullptr || mine == nullptr || writer->member == mine->member)
        return std::nullopt;
    return m_state.known().members[writer->member.value].name;
}

/// What others had written is quoted from them, as when it is copied from another page.
void Author::lookAs(DocIndex doc, const Stretch &where, const crdt::AuthoredStep &it, UndoLog &log)
{
    const TextOffset end = where.from + where.length;
    if (it.step.kind == Kind::Retain) {
        const TextOffset length = m_state.document(doc).document.length();
        style(doc, {where.from, std::min(end, length), it.step.attributes, end > length}, log);
        return;
    }
    AttributeChanges wanted = it.step.attributes;
    if (const auto writer = otherBehind(it.author))
        wanted.emplace(kQuotedMark, *writer);
    std::vector<api::Styling> stylings;
    TextOffset at = where.from;
    for (const crdt::DeltaStep &piece : m_state.document(doc).document.content(where.from, end)) {
        if (piece.kind != Kind::Insert)
            continue;
        Attributes present;
        for (const auto &[key, value] : piece.attributes)
            if (value)
                present.emplace(key, *value);
        const TextOffset length = utf8::length(piece.text);
        AttributeChanges changes = leading(present, wanted);
        if (!changes.empty())
            stylings.push_back({at, at + length, std::move(changes), false});
        at += length;
    }
    for (const api::Styling &styling : stylings)
        style(doc, styling, log);
}

} // namespace nlbd::engine
