#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What the seats have said of a change.
struct Standing {
    api::Agreement state = api::Agreement::Unsent;
    std::uint16_t signedBy = 0;
    friend bool operator==(const Standing &, const Standing &) = default;
};
/// graph.nextHandle(): the change that is open. @complexity O(seats).
[[nodiscard]] Standing standingOf(const Engine::State &state, ChangeHandle change);

/// Who wrote [from, to), a run for each change that says of it whose words it quotes. That counts
/// only if the writer of the letters says so: nobody else can put another's name to them.
/// @complexity O(log n + runs and marks met).
[[nodiscard]] std::vector<Engine::BlameRun>
blameOf(const Engine::State &state, const crdt::Document &document, TextOffset from, TextOffset to);

/// What views ask of who wrote and who has a passage (core/api/authors.h). An answer costs as much
/// as was asked for, however long the document.
class Authors {
public:
    explicit Authors(Engine::State &state)
        : m_state(state)
    {
    }

    void tell(const api::AskAuthors &question) const;
    void tell(const api::AskWhoHas &question) const;

private:
    [[nodiscard]] std::vector<api::AuthorSpan> spansOf(DocIndex doc, TextOffset from,
                                                       TextOffset to) const;
    [[nodiscard]] api::AuthorSpan spanOf(const Engine::BlameRun &run) const;
    [[nodiscard]] bool has(SeatIndex seat, ChangeHandle change) const;

    Engine::State &m_state;
};

} // namespace nlbd::engine
