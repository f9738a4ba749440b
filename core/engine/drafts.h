#pragma once

#include "core/api/command.h"
#include "core/engine/engine_state.h"
#include "core/engine/rejections.h"
#include "core/engine/views.h"

namespace nlbd::engine {

/// What is typed while this folder may not sign (self_guard.h): per document, patches over its text
/// as the history has it. Views show both; news of others are carried over the draft, which moves
/// along. Kept on the disk, and signed as my own edits as soon as that may be. A draft in which
/// anything was only suggested is suggested as a whole. What may never be signed, as its person
/// may not write any more, is kept as words that are only here (rejections.h).
class Drafts {
public:
    explicit Drafts(Engine::State &state)
        : m_state(state)
    {
    }

    /// After the history was read.
    void load(const std::vector<store::MetaRow> &meta);

    void edit(const api::EditText &command);
    /// Patches of the text as it is shown.
    void add(DocIndex doc, const TextPatches &patches, api::EditText::Mode mode);
    /// Signs everything, if the device may write. The draft of a document that is not here waits.
    void release();
    /// The same where a document has come that a draft waited for. At the end of every step.
    void releaseArrived();

    /// The texts under the drafts, and that they were replaced, not patched: a draft goes along
    /// with what is left of the text around it, and loses no word.
    using Texts = std::map<DocIndex, std::string>;
    [[nodiscard]] Texts textsUnder() const;
    void textsReplaced(const Texts &before);

    [[nodiscard]] bool has(DocIndex doc) const { return m_drafts.contains(doc); }
    [[nodiscard]] bool isEmpty() const { return m_drafts.empty(); }
    [[nodiscard]] std::string shown(DocIndex doc, std::string text) const;
    [[nodiscard]] TextOffset shown(DocIndex doc, TextOffset offset) const;
    [[nodiscard]] std::vector<api::AgreementSpan>
    shown(DocIndex doc, const std::vector<api::AgreementSpan> &spans) const;
    /// The same of who wrote what; `typed` says who writes drafts.
    [[nodiscard]] std::vector<api::AuthorSpan> shown(DocIndex doc,
                                                     const std::vector<api::AuthorSpan> &spans,
                                                     const api::AuthorSpan &typed) const;
    /// What of the document is shown in [from, to).
    [[nodiscard]] std::pair<TextOffset, TextOffset> under(DocIndex doc, TextOffset from,
                                                          TextOffset to) const;
    /// Words of a draft are shown there.
    [[nodiscard]] bool hasWordsIn(DocIndex doc, TextOffset from, TextOffset to) const;
    /// Patches of the document as patches of what is shown.
    [[nodiscard]] TextPatches carried(DocIndex doc, const TextPatches &patches);

private:
    template <typename Span>
    [[nodiscard]] std::vector<Span> amongWords(DocIndex doc, const std::vector<Span> &spans,
                                               const Span &typed) const;
    using Mode = api::EditText::Mode;
    struct Draft {
        TextPatches patches;
        Mode mode = Mode::Writing;
    };
    [[nodiscard]] store::Rows rowsOf(DocIndex doc) const;
    [[nodiscard]] api::Looks looksKept(DocIndex doc, const Views::Incoming &edit) const;
    void keep(DocIndex doc);
    void keepWords();
    [[nodiscard]] std::vector<Rejections::Piece> piecesOf(DocIndex doc);
    [[nodiscard]] TextPatches fitting(DocIndex doc, const TextPatches &patches) const;

    Engine::State &m_state;
    std::map<DocIndex, Draft> m_drafts; ///< none is empty
};

} // namespace nlbd::engine
