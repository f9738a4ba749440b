// What I say beside a text.

#include "core/engine/author.h"

namespace nlbd::engine {

bool Author::remark(DocIndex doc, std::string_view key, std::size_t bytes, const Writing &writing,
                    bool canBeUndone)
{
    if (!m_state.documents.contains(doc) || mustWait())
        return false;
    flush(); // it is not taken back with what was typed
    UndoLog &log = logOf(doc);
    log.endGroup();
    const crdt::OpId first = write(
        doc, history::ChangeKind::Edit, bytes, [&](crdt::Document &document, crdt::Draft &draft) {
            // What is overwritten was seen, also of disputed devices.
            for (const crdt::Document::Entry &entry : document.entries(crdt::kRoot, key)) {
                if (disputedTargets() < kDisputedTargetsMax)
                    m_open->targets.insert(entry.id.change);
            }
            writing(document, draft);
        });
    if (canBeUndone)
        log.record(first.change, m_state.now.mono);
    log.endGroup();
    flush();
    sendUndoState(doc);
    return true;
}

} // namespace nlbd::engine
