#pragma once

#include "core/history/checkpoint.h"
#include "tests/support/small_group.h"

namespace nlbd::testing {

using namespace std::chrono_literals;

/// A founded group that writes, and people who come later.
struct CheckpointRoom {
    explicit CheckpointRoom(std::size_t founders)
        : group(founders)
        , size(founders)
    {
        group.run(300ms);
        group.submit(0, api::CreateDocument{1, "Notes", ""});
        group.run(2s);
        doc = *group.at(0).findDocument("Notes");
        type(0, "old ");
        group.run(3s);
    }

    void type(std::size_t i, std::string_view text, TextOffset at = 0)
    {
        const std::uint64_t view = ++lastView;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{at, 0, std::string(text)}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }
    void erase(std::size_t i, TextOffset at, TextOffset count)
    {
        const std::uint64_t view = ++lastView;
        group.submit(i, api::OpenDocument{doc, view});
        group.submit(i, api::EditText{doc, view, 0, 1, {{at, count, ""}}});
        group.submit(i, api::Flush{});
        group.submit(i, api::CloseDocument{doc, view});
    }

    void agree(std::size_t who, const api::Wish &wish, const std::vector<std::size_t> &others)
    {
        group.submit(who, api::Propose{++requests, wish});
        const Hash id = group.at(who).lastAnswer().proposal;
        group.run(200ms);
        for (const std::size_t other : others)
            group.submit(other, api::Vote{++requests, id, true});
        group.run(20s);
    }
    void takeCheckpoint() { agree(0, wishFor(api::Wish::Kind::Checkpoint), {1, 2}); }

    [[nodiscard]] static api::Wish wishFor(api::Wish::Kind kind)
    {
        api::Wish wish;
        wish.kind = kind;
        return wish;
    }
    [[nodiscard]] static api::Wish removal(std::uint16_t member)
    {
        api::Wish wish = wishFor(api::Wish::Kind::RemoveMember);
        wish.member = MemberIndex(member);
        return wish;
    }

    std::size_t invite()
    {
        const auto &now = group.at(0).configuration();
        ++size;
        return group.addNewcomer({now.epoch, now.decision});
    }
    void meet(std::size_t i)
    {
        for (std::size_t other = 0; other < size; ++other)
            if (other != i)
                group.join(i, other);
    }
    void part(std::size_t i)
    {
        for (std::size_t other = 0; other < size; ++other)
            if (other != i)
                group.cut(i, other);
    }

    [[nodiscard]] std::string text(std::size_t i) { return group.at(i).text(doc).value_or("?"); }
    [[nodiscard]] const identity::Configuration &now(std::size_t i)
    {
        return group.at(i).configuration();
    }
    [[nodiscard]] bool isAllAgreed(std::size_t i)
    {
        const engine::Snapshot now = group.at(i).snapshot();
        return now.changes > 0 && now.ratified == now.changes;
    }
    /// All show and hold the same, and nobody was accused or cut.
    [[nodiscard]] bool isOneGroup()
    {
        for (std::size_t i = 0; i < size; ++i) {
            const engine::Snapshot mine = group.at(i).snapshot();
            const engine::Snapshot first = group.at(0).snapshot();
            if (mine.documents != first.documents || mine.frontierRoot != first.frontierRoot
                || !isAllAgreed(i) || now(i).decision != now(0).decision
                || !group.at(i).evidence().empty() || !group.cuts(i).empty())
                return false;
        }
        return true;
    }
    /// What member `i` gives to newcomers is what was decided.
    [[nodiscard]] bool givesWhatWasDecided(std::size_t i)
    {
        const auto bytes = group.at(i).checkpoint();
        return bytes
            && history::openCheckpoint(*bytes, now(i), now(i).checkpoint->stateRoot).has_value();
    }

    SmallGroup group;
    std::size_t size;
    DocIndex doc;
    std::uint64_t lastView = 0;
    std::uint64_t requests = 0;
};

} // namespace nlbd::testing
