#include "app/founding_rules.h"

#include "core/identity/name_likeness.h"

#include <algorithm>

namespace nlbd::app {

std::vector<PublicKey> devicesOf(const identity::Genesis &genesis)
{
    std::vector<PublicKey> result;
    for (const identity::Founder &founder : genesis.founders)
        result.push_back(founder.device);
    return result;
}

bool areDistinct(std::vector<identity::Founder> founders)
{
    const auto isRepeated = [&founders](auto member) {
        std::ranges::sort(founders, {}, member);
        return std::ranges::adjacent_find(founders, {}, member) != founders.end();
    };
    return !isRepeated(&identity::Founder::device) && !isRepeated(&identity::Founder::identity);
}

bool haveTellingNames(const std::vector<identity::Founder> &founders)
{
    for (auto one = founders.begin(); one != founders.end(); ++one)
        for (auto other = std::next(one); other != founders.end(); ++other)
            if (identity::areConfusable(one->name, other->name))
                return false;
    return true;
}

} // namespace nlbd::app
