#pragma once

#include "core/api/workspace.h"
#include "core/base/utf8.h"
#include "tests/support/fake_authors.h"
#include "tests/support/fake_document.h"

#include <map>

namespace nlbd::testing {

/// A workspace without core: a small text engine that keeps the engine's half of the agreement in
/// core/base/text_patch.h, undoes per author, and says whatever a test lets it say. Events can be
/// held back so that they cross with edits.
class FakeWorkspace : public api::Workspace {
public:
    using Doc = FakeDocument;

    std::vector<Doc> docs;
    std::vector<api::Command> commands; ///< everything that was submitted, in order
    api::PeopleChanged people;
    api::StatusChanged status;
    FakeAuthors authors;
    bool isHeld = false;

    FakeWorkspace();
    ~FakeWorkspace() override;

    void submit(api::Command command) override;

    void subscribe(Sink sink) override
    {
        m_sink = std::move(sink);
        if (!m_sink)
            return;
        tellDocuments();
        tell(people);
        tell(status);
    }

    void tell(api::Event event)
    {
        if (isHeld)
            m_held.push_back(std::move(event));
        else if (m_sink)
            m_sink({std::move(event)});
    }

    /// Sends what was held, all of it or the first `count`.
    void release(std::size_t count = SIZE_MAX)
    {
        std::vector<api::Event> batch;
        for (; !m_held.empty() && count > 0; --count) {
            batch.push_back(std::move(m_held.front()));
            m_held.pop_front();
        }
        if (m_sink && !batch.empty())
            m_sink(std::move(batch));
    }

    DocIndex addDocument(std::string title, std::string text)
    {
        docs.push_back({std::move(title), std::move(text), ++m_clock, {}, {}, {}});
        tellDocuments();
        return DocIndex(static_cast<std::uint32_t>(docs.size() - 1));
    }

    std::string &textOf(DocIndex doc) { return docs.at(doc.value).text; }

    /// Somebody else edits: offsets in the engine's own text. `looks`: after that.
    void othersEdit(DocIndex doc, const TextPatches &patches, const api::Looks &looks = {})
    {
        apply(doc, patches, false);
        push(doc, patches, api::PatchCause::Others, nullptr, looks);
    }

    void agreement(DocIndex doc, std::vector<api::AgreementSpan> spans, std::uint16_t seats = 4,
                   std::uint16_t quorum = 3)
    {
        for (const auto &[number, view] : m_views) {
            if (view.doc == doc)
                tell(api::AgreementChanged{doc, number, view.patch, view.serial, spans, seats,
                                           quorum});
        }
    }

    void caret(DocIndex doc, DeviceIndex device, TextOffset caret, TextOffset anchor,
               std::optional<api::CaretMoved::Preview> preview = {})
    {
        const api::CaretMoved::Place place{caret, anchor};
        for (const auto &[number, view] : m_views)
            if (view.doc == doc)
                tell(api::CaretMoved{doc, number, view.patch, view.serial, device, place, preview});
    }

    template <typename Wanted>
    [[nodiscard]] std::vector<Wanted> all() const
    {
        std::vector<Wanted> result;
        for (const api::Command &command : commands) {
            if (const auto *value = std::get_if<Wanted>(&command))
                result.push_back(*value);
        }
        return result;
    }

private:
    using View = FakeView;

    void tellDocuments()
    {
        api::DocumentsChanged event;
        for (std::size_t i = 0; i < docs.size(); ++i)
            event.documents.push_back({DocIndex(static_cast<std::uint32_t>(i)), docs[i].title,
                                       WallTime(Millis(1'795'000'000'000 + docs[i].changed))});
        tell(std::move(event));
    }

    void apply(DocIndex doc, const TextPatches &patches, bool isMine)
    {
        Doc &target = docs.at(doc.value);
        TextPatches inverse;
        for (const TextPatch &patch : patches) {
            const std::string gone(utf8::slice(target.text, patch.at, patch.removed));
            inverse.insert(inverse.begin(),
                           TextPatch{patch.at, utf8::length(patch.inserted), gone});
            applyTo(target.text, {patch});
        }
        target.log.push_back({patches, inverse, isMine});
        target.changed = ++m_clock;
    }

    void push(DocIndex doc, const TextPatches &patches, api::PatchCause cause, const View *author,
              const api::Looks &looks = {})
    {
        for (auto &[number, view] : m_views) {
            if (view.doc != doc || &view == author)
                continue;
            view.unconfirmed.push_back({++view.patch, patches});
            tell(api::TextPatched{doc, number, view.patch, view.serial, patches, cause, looks});
        }
    }

    void handle(const api::EditText &edit)
    {
        const auto it = m_views.find(edit.view);
        if (it == m_views.end())
            return;
        View &view = it->second;
        while (!view.unconfirmed.empty() && view.unconfirmed.front().patch <= edit.basePatch)
            view.unconfirmed.pop_front();
        TextPatches patches = edit.patches;
        for (View::Sent &sent : view.unconfirmed) {
            Transformed crossed = transform(patches, sent.patches, Precedence::First);
            patches = std::move(crossed.left);
            sent.patches = std::move(crossed.right);
        }
        if (edit.serial != view.serial + 1
            || !fits(patches, utf8::length(docs.at(edit.doc.value).text)))
            ++brokenEdits;
        view.serial = edit.serial;
        apply(edit.doc, patches, true);
        docs[edit.doc.value].undoable.push_back(docs[edit.doc.value].log.size() - 1);
        docs[edit.doc.value].redoable.clear();
        push(edit.doc, patches, api::PatchCause::MyOtherView, &view);
        tellUndo(edit.doc);
    }

    void handle(const api::OpenDocument &open)
    {
        m_views[open.view] = {open.doc, 0, 0, {}};
        tell(api::DocumentOpened{open.doc, open.view, docs.at(open.doc.value).text});
        tellUndo(open.doc);
    }

    void handle(const api::CloseDocument &close) { m_views.erase(close.view); }

    void handle(const api::CreateDocument &create)
    {
        const DocIndex doc = addDocument(create.title, create.text);
        tell(api::DocumentCreated{create.request, doc});
    }

    void handle(const api::RenameDocument &rename)
    {
        docs.at(rename.doc.value).title = rename.title;
        tellDocuments();
    }

    void handle(const api::Undo &undo)
    {
        Doc &doc = docs.at(undo.doc.value);
        takeBack(undo.doc, doc.undoable, doc.redoable, api::PatchCause::Undo);
    }

    void handle(const api::Redo &redo)
    {
        Doc &doc = docs.at(redo.doc.value);
        takeBack(redo.doc, doc.redoable, doc.undoable, api::PatchCause::Redo);
    }

    /// The inverse of one logged edit, carried over everything since: others' text stays.
    void takeBack(DocIndex index, std::vector<std::size_t> &from, std::vector<std::size_t> &to,
                  api::PatchCause cause)
    {
        Doc &doc = docs.at(index.value);
        if (from.empty())
            return;
        const std::size_t place = from.back();
        from.pop_back();
        TextPatches inverse = doc.log[place].inverse;
        for (std::size_t i = place + 1; i < doc.log.size(); ++i)
            inverse = transform(inverse, doc.log[i].patches, Precedence::First).left;
        apply(index, inverse, true);
        to.push_back(doc.log.size() - 1);
        push(index, inverse, cause, nullptr);
        tellUndo(index);
    }

    void tellUndo(DocIndex doc)
    {
        const Doc &target = docs.at(doc.value);
        tell(api::UndoChanged{doc, !target.undoable.empty(), !target.redoable.empty(), "typing",
                              "typing"});
    }
    void handle(const api::CheckEvidence &check)
    {
        tell(api::EvidenceChecked{check.evidence, true,
                                  "Both records are signed by the same key for the same place."});
    }
    void handle(const api::AcknowledgeRefusals &) { tell(api::Refused{{}, 0}); }
    void handle(const auto &command) // of carets, decisions and others tests look at `commands`
    {
        if constexpr (requires { authors.answer(command, View()); })
            if (m_views.contains(command.passage.view))
                tell(authors.answer(command, m_views[command.passage.view]));
    }

public:
    int brokenEdits = 0; ///< edits out of order or outside the text: always 0

private:
    Sink m_sink;
    std::deque<api::Event> m_held;
    std::map<std::uint64_t, View> m_views;
    std::uint64_t m_clock = 0;
};

} // namespace nlbd::testing
