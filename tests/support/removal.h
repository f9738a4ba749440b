#pragma once

#include "tests/support/small_group.h"

namespace nlbd::testing {

/// One asks that a member be removed, these say yes, and there is time to decide it.
inline void removeMember(SmallGroup &group, std::size_t by, std::size_t member,
                         std::initializer_list<std::size_t> yes)
{
    using namespace std::chrono_literals;
    api::Wish wish;
    wish.kind = api::Wish::Kind::RemoveMember;
    wish.member = MemberIndex(static_cast<std::uint16_t>(member));
    group.submit(by, api::Propose{1, wish});
    group.run(200ms);
    const Hash id = group.at(*yes.begin()).decisions().open.front().id;
    for (const std::size_t i : yes)
        group.submit(i, api::Vote{2, id, true});
    group.run(7s);
}

} // namespace nlbd::testing
