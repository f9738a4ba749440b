#include "core/consensus/newcomer_rule.h"

namespace nlbd::consensus {

bool isKeptOut(const Admit &wish, const identity::Configuration &configuration)
{
    const auto known = configuration.memberWith(wish.identity);
    const bool isHere =
        known && configuration.members[known->value].standing != identity::Standing::Gone;
    return !isHere && !configuration.policy.newcomersReadPast;
}

} // namespace nlbd::consensus
