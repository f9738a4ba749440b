#pragma once

#include "core/engine/engine_state.h"

#include <deque>

namespace nlbd::engine {

/// The open views of documents, and how their edits and the engine's patches that cross on the way
/// are brought together: each side transforms what it gets over what the other had not seen
/// (Nichols et al., "High-Latency, Low-Bandwidth Windowing in the Jupiter Collaboration System",
/// UIST 1995). The view's insertion stands before what the engine brings at the same place.
class Views {
public:
    explicit Views(Engine::State &state)
        : m_state(state)
    {
    }

    void open(DocIndex doc, std::uint64_t view);
    void close(DocIndex doc, std::uint64_t view);
    void closeAll();
    /// The view and the engine lost each other: starts anew with the whole text.
    void reopen(DocIndex doc, std::uint64_t view);
    void reopenAll();
    /// Views of documents that were void and are there again begin anew.
    void findLost();

    /// An edit in the document as it is now.
    struct Incoming {
        TextPatches patches;
        std::vector<api::Styling> stylings; ///< after the patches
        bool hasCrossed = false;            ///< made before the view knew all that was sent
    };
    /// Nothing if the view is unknown or the edit does not fit what it claims to be based on.
    [[nodiscard]] std::optional<Incoming> incoming(const api::EditText &edit);

    /// Where a caret of the view stands in the document as it is now.
    [[nodiscard]] std::optional<TextOffset> caretNow(const api::MoveCaret &command,
                                                     TextOffset offset) const;

    /// Where a passage of the view is in the text as it is now, with its draft: what others put at
    /// its ends stays outside. Nothing if the view and the engine lost each other.
    struct Asked {
        TextOffset from = 0;
        TextOffset to = 0;
        std::uint64_t patch = 0;
        std::uint64_t includesSerial = 0;
    };
    [[nodiscard]] std::optional<Asked> asked(const api::Passage &passage) const;

    /// What changed in a document: patches, and how it looks after them. One view has the patches
    /// already, and hears of looks only if it may not know them.
    struct News {
        TextPatches patches;
        api::PatchCause cause = api::PatchCause::Others;
        std::optional<std::uint64_t> except = std::nullopt;
        api::Looks looks = {};
        bool tellsExcepted = false;
        TextPatches forExcepted = {}; ///< that view's text is brought to this one's by them
    };
    /// Tells all views of the document.
    void patched(DocIndex doc, News news);

    /// The same for patches of the text as it is shown, with its draft.
    void shownChanged(DocIndex doc, const News &news);

    void marksChanged(DocIndex doc);
    void allMarksChanged();
    void sendMarksIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    struct Basis {
        std::uint64_t view = 0;
        std::uint64_t patch = 0;
        std::uint64_t includesSerial = 0;
    };
    [[nodiscard]] std::vector<Basis> viewsOf(DocIndex doc) const;

    /// True if a view of the document is open or a draft lies over it: somebody must hear what
    /// changes in it.
    [[nodiscard]] bool isWatched(DocIndex doc) const;

private:
    struct View {
        std::uint64_t opening = 0; ///< edits that cross with the next are of another text
        std::uint64_t patch = 0;
        std::uint64_t lastSerial = 0;
        std::deque<std::pair<std::uint64_t, TextPatches>>
            unseen; ///< sent, not yet known to be applied
        std::vector<api::AgreementSpan> marks;
        bool areMarksDirty = true;
        std::optional<std::pair<std::uint64_t, std::uint64_t>>
            marksBasis; ///< patch and serial as sent
    };
    using Key = std::pair<DocIndex, std::uint64_t>;

    void openAs(const Key &key, std::uint64_t opening);
    [[nodiscard]] std::vector<api::AgreementSpan> marksOf(DocIndex doc) const;
    [[nodiscard]] std::optional<api::AgreementSpan> markOf(const crdt::Document::Run &run) const;

    Engine::State &m_state;
    std::map<Key, View> m_views;
    std::map<Key, std::uint64_t> m_lost; ///< of documents that are not here, with their opening
    MonoTime m_nextMarks{};
};

} // namespace nlbd::engine
