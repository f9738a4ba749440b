#pragma once

#include "core/api/authors.h"

#include <algorithm>

namespace nlbd::testing {

/// What FakeWorkspace answers about who wrote the text as it is now, and who has it.
struct FakeAuthors {
    std::vector<api::AuthorSpan> spans;
    std::vector<MemberIndex> have;
    std::vector<MemberIndex> lack;
    std::uint16_t seats = 4;

    void wrote(TextOffset from, TextOffset to, std::uint16_t who, WallTime when,
               api::Agreement state = api::Agreement::Agreed, std::uint16_t signedBy = 4,
               std::string quoted = {})
    {
        spans.push_back({from, to, DeviceIndex(who), MemberIndex(who), when, state, signedBy,
                         std::move(quoted)});
    }

    /// `basis`: a view's patch and serial, as the fake knows them.
    template <typename Basis>
    [[nodiscard]] api::AuthorsTold answer(const api::AskAuthors &asked, const Basis &basis) const
    {
        const api::Passage &of = asked.passage;
        api::AuthorsTold told{asked.request, of.doc, of.view, basis.patch, basis.serial,
                              of.from,       of.to,  {},      seats};
        for (api::AuthorSpan span : spans) {
            span.from = std::max(span.from, of.from);
            span.to = std::min(span.to, of.to);
            if (span.from < span.to)
                told.spans.push_back(std::move(span));
        }
        return told;
    }
    template <typename Basis>
    [[nodiscard]] api::WhoHasTold answer(const api::AskWhoHas &asked, const Basis &basis) const
    {
        const api::Passage &of = asked.passage;
        return {asked.request, of.doc, of.view, basis.patch, basis.serial,
                of.from,       of.to,  have,    lack};
    }
};

} // namespace nlbd::testing
