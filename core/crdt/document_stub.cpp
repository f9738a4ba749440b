#include "core/crdt/document_impl.h"

// Until marks and objects are merged.
namespace nlbd::crdt {
std::vector<StyledRun> Document::styledRuns(TextOffset from, TextOffset to) const
{
    if (from == to)
        return {};
    return {{from, to - from, {}}};
}
Attributes Document::attributes(TextOffset) const
{
    return {};
}
void Document::mark(TextOffset, TextOffset, std::string_view, const std::optional<std::string> &,
                    Draft &)
{
    CHECK(false);
}
void Document::setAttribute(TextOffset, std::string_view, const std::optional<std::string> &,
                            Draft &)
{
    CHECK(false);
}
std::vector<Stretch> Document::takeRestyled()
{
    return {};
}
} // namespace nlbd::crdt
