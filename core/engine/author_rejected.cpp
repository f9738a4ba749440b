// What comes back of rejected work, and what is looked at before somebody's work is taken back.

#include "core/engine/author.h"
#include "core/engine/board.h"
#include "core/engine/epochs.h"
#include "core/engine/looks.h"
#include "core/engine/views.h"

#include <ranges>

namespace nlbd::engine {

namespace {

/// Any two times may stand in changes: their distance need not fit into a number with a sign.
bool isPause(std::int64_t from, std::int64_t to)
{
    return to > from
        && static_cast<std::uint64_t>(to) - static_cast<std::uint64_t>(from)
        > static_cast<std::uint64_t>(api::DeviceReviewed::kPause.count());
}

} // namespace

/// An ordinary edit of mine: what was decided stays decided.
void Author::putBack(const api::PutBack &command)
{
    m_state.epochs->forgetLoose();
    api::WordsPutBack answer{command.request, false};
    const auto words = m_state.board->rejections().wordsOf(command.changes);
    const bool isHere = words && !words->pieces.empty() && m_state.documents.contains(words->doc);
    if (isHere && !mustWait()) {
        flush();
        // What was typed in one go stands at one place. Pieces of one place keep their order, and
        // the last place is written first, so that the places before it stay where they are.
        std::map<TextOffset, std::string> places;
        for (const Rejections::Piece &piece : words->pieces)
            places[piece.at.value_or(m_state.document(words->doc).document.length())] += piece.text;
        TextPatches patches;
        for (auto &[at, text] : places | std::views::reverse)
            patches.push_back({at, 0, std::move(text)});
        logOf(words->doc).endGroup();
        apply(words->doc, patches, api::EditText::Mode::Writing, {});
        const crdt::Document &document = m_state.document(words->doc).document;
        m_state.views->patched(words->doc,
                               {.patches = patches,
                                .cause = api::PatchCause::MyOtherView,
                                .looks = looksAfter(document, patches, {})});
        answer.isDone = true;
    }
    m_state.out.notify(answer);
}

/// Changes of a device that takeBackOf would look at, by sittings.
void Author::review(const api::ReviewDevice &command) const
{
    struct Written {
        std::int64_t wallMs;
        Seq seq;
        DocIndex doc;
    };
    std::vector<Written> all;
    for (const history::ChainId chain : m_state.graph.chainsOf(command.device))
        for (ChangeHandle change = m_state.graph.headOf(chain); change != ChangeHandle();) {
            const auto &entry = m_state.graph.entry(change);
            if (!m_state.epochs->isVoid(change))
                all.push_back({entry.wallMs, entry.seq, entry.doc});
            change = entry.prev;
        }
    // By number: the clock is the writer's own and may say anything.
    std::ranges::sort(all, std::greater(), &Written::seq);
    api::DeviceReviewed answer{command.request, command.device, {}};
    std::set<DocIndex> documents;
    std::uint64_t count = 0;
    for (std::size_t i = 0; i < all.size(); ++i) {
        documents.insert(all[i].doc);
        ++count;
        const bool isLast = i + 1 == all.size();
        const bool begins = isLast || isPause(all[i + 1].wallMs, all[i].wallMs);
        const bool hasRoom = answer.sittings.size() + 1 < api::DeviceReviewed::kSittingsMax;
        const bool goesOn = !isLast && all[i + 1].seq == all[i].seq; // the branches of a fork
        if (isLast || (begins && hasRoom && !goesOn))
            answer.sittings.push_back(
                {all[i].seq, WallTime(Millis(all[i].wallMs)), count, documents.size()});
    }
    m_state.out.notify(std::move(answer));
}

} // namespace nlbd::engine
