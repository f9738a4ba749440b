#pragma once

#include "core/api/agreement.h"
#include "core/base/ids.h"
#include "core/base/time.h"

#include <optional>
#include <string>
#include <vector>

/// Who wrote what on a page, and who has it.
namespace nlbd::api {

/// [from, to) of the text that a view shows: after patch `basePatch` and the view's own edits up to
/// `serial`, as of EditText.
struct Passage {
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t basePatch = 0;
    std::uint64_t serial = 0;
    TextOffset from = 0;
    TextOffset to = 0;
    std::uint64_t opening = 0;
};

/// Who wrote a passage. Answered by AuthorsTold, unless the view begins anew meanwhile.
struct AskAuthors {
    std::uint64_t request = 0;
    Passage passage;
};

/// Letters of one writer that came within one minute and have the same standing.
struct AuthorSpan {
    TextOffset from = 0;
    TextOffset to = 0;
    DeviceIndex device;
    MemberIndex member;
    std::optional<WallTime> when; ///< of the newest of them, never ahead of this clock; nothing:
                                  ///< not signed yet
    Agreement state = Agreement::Pencil;
    std::uint16_t signedBy = 0; ///< seats that have signed for all of it
    std::string quoted{};       ///< whose words they are, as their writer says; empty: the writer's
    friend bool operator==(const AuthorSpan &, const AuthorSpan &) = default;
};

/// In the text after `patch` and `includesSerial`. `to` lies before the end of what was asked for
/// if that was more than a page: ask on from there.
struct AuthorsTold {
    std::uint64_t request = 0;
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    TextOffset from = 0;
    TextOffset to = 0;
    std::vector<AuthorSpan> spans; ///< in order and apart; they cover [from, to)
    std::uint16_t seats = 0;
    static constexpr std::size_t kLettersMax = 20'000;
    static constexpr std::size_t kSpansMax = 4'096;
    static constexpr std::size_t kQuotedBytesMax = 256;
};

/// Who has all letters of a passage. Answered by WhoHasTold, like AskAuthors.
struct AskWhoHas {
    std::uint64_t request = 0;
    Passage passage;
};

/// Members who vote: those who wrote or signed for every letter of [from, to), and the others. Of
/// the member at this computer it is known that it has them. `to` as of AuthorsTold.
struct WhoHasTold {
    std::uint64_t request = 0;
    DocIndex doc;
    std::uint64_t view = 0;
    std::uint64_t patch = 0;
    std::uint64_t includesSerial = 0;
    TextOffset from = 0;
    TextOffset to = 0;
    std::vector<MemberIndex> have; ///< ascending, as the next
    std::vector<MemberIndex> lack;
    static constexpr std::size_t kLettersMax = 200'000;
};

} // namespace nlbd::api
