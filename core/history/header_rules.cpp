#include "core/history/header_rules.h"

#include "core/base/check.h"

namespace nlbd::history {

namespace {

bool areStrictlySorted(const std::vector<DepRef> &deps)
{
    return std::ranges::adjacent_find(deps, std::ranges::greater_equal{}) == deps.end();
}

} // namespace

std::optional<Lamport> lamportAfter(Lamport highest) noexcept
{
    if (highest.value == UINT64_MAX)
        return std::nullopt;
    return highest.next();
}

std::optional<std::string_view> faultInHeader(const ChangeHeader &header,
                                              const identity::Configuration &configuration)
{
    const identity::Device *device = configuration.device(header.device);
    CHECK(device != nullptr && header.epoch <= configuration.epoch);
    if (header.deps.size() > limits::kDepsMax)
        return "It builds on more changes than one change may name.";
    if (!areStrictlySorted(header.deps))
        return "The changes it builds on are not named in order.";
    if (header.seq == Seq(1) && header.prev != device->admittedBy)
        return "Its device's first change does not follow from the decision that admitted the "
               "device.";
    if ((header.doc.value & 0xFFFFU) == 0 || configuration.device(creatorOf(header.doc)) == nullptr)
        return "It speaks of a document that cannot exist.";
    return std::nullopt;
}

std::optional<std::string_view> faultInRole(const ChangeHeader &header,
                                            const identity::Device &device)
{
    if (!device.mayWrite && !device.penEnd)
        return "Its device may not write.";
    if (header.epoch < device.writesSince)
        return "It names a decision that is older than its device's right to write.";
    if (device.penEnd && header.epoch > device.penEnd->epoch)
        return "Its device had lost the right to write by the decision that it names.";
    return std::nullopt;
}

std::optional<std::string_view> faultInPrev(const ChangeHeader &header, const ParentFacts &prev)
{
    if (prev.device != header.device || prev.seq.next() != header.seq)
        return "It does not follow the change before it in its device's chain.";
    if (prev.epoch > header.epoch)
        return "It names an older decision than a change it builds on.";
    return std::nullopt;
}

std::optional<std::string_view> faultInDep(const ChangeHeader &header, const DepRef &named,
                                           const ParentFacts &dep)
{
    if (dep.device != named.device || dep.seq != named.seq)
        return "It names a change that it builds on by the wrong place.";
    if (dep.epoch > header.epoch)
        return "It names an older decision than a change it builds on.";
    return std::nullopt;
}

} // namespace nlbd::history
