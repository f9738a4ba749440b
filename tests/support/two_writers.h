#pragma once

#include "core/crdt/document.h"
#include "tests/support/fake_history.h"

namespace nlbd::test {

/// Two people who begin with the same change and then write without having met.
struct TwoWriters {
    FakeHistory history{2};
    crdt::Document ann{history};
    crdt::Document bob{history};
    crdt::Draft draft;
    std::vector<ChangeHandle> base;

    /// What both start from.
    template <typename Write>
    void begin(Write write)
    {
        draft.restart(history.open(0));
        write(ann, draft);
        history.sign(draft.change, {}, 0);
        base.push_back(draft.change);
        bob.integrate(draft.change, draft.ops);
    }

    struct Change {
        ChangeHandle handle;
        crdt::Ops ops;
    };
    /// A change that knows only the base; of two, the one with the higher tie is later.
    template <typename Write>
    Change writeAs(crdt::Document &document, std::uint64_t tie, Write write)
    {
        draft.restart(history.open(&document == &ann ? 0 : 1));
        write(document, draft);
        history.sign(draft.change, base, tie);
        return {draft.change, draft.ops};
    }

    /// Ann's and Bob's change, at the same time; the higher tie is the later one.
    template <typename First, typename Second>
    std::pair<ChangeHandle, ChangeHandle> concurrently(std::uint64_t annTie, First first,
                                                       std::uint64_t bobTie, Second second)
    {
        const Change one = writeAs(ann, annTie, first);
        const Change two = writeAs(bob, bobTie, second);
        CHECK(ann.check(two.handle, two.ops, isBase()).has_value());
        CHECK(bob.check(one.handle, one.ops, isBase()).has_value());
        (void)ann.apply(two.handle, two.ops);
        (void)bob.apply(one.handle, one.ops);
        return {one.handle, two.handle};
    }

    [[nodiscard]] std::function<bool(ChangeHandle)> isBase() const
    {
        return [this](ChangeHandle it) { return std::ranges::find(base, it) != base.end(); };
    }

    void setVoid(ChangeHandle change, bool isVoid)
    {
        (void)ann.setVoid(change, isVoid);
        (void)bob.setVoid(change, isVoid);
        checkInvariants();
    }
    void checkInvariants() const
    {
        ann.checkInvariants();
        bob.checkInvariants();
    }
};

} // namespace nlbd::test
