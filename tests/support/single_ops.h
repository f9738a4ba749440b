#pragma once

#include "core/crdt/document.h"

/// Local edits that are looked at one by one, as if each began a change's ops anew.
namespace nlbd::test {

[[nodiscard]] inline crdt::Op insertOp(crdt::Document &document, TextOffset at,
                                       std::string_view utf8, ChangeHandle change,
                                       std::uint32_t firstIndex)
{
    crdt::Draft draft{change, {}, firstIndex};
    document.insert(at, utf8, draft);
    return draft.ops.front();
}

[[nodiscard]] inline crdt::Ops eraseOps(crdt::Document &document, TextOffset at, TextOffset count,
                                        ChangeHandle change, std::uint32_t firstIndex)
{
    crdt::Draft draft{change, {}, firstIndex};
    document.erase(at, count, draft);
    return draft.ops;
}

} // namespace nlbd::test
