#include "core/consensus/round_votes.h"

#include "core/base/check.h"
#include "core/base/mutant.h"

namespace nlbd::consensus {

PhaseVotes::Result PhaseVotes::insert(const Vote &vote, bool isShown)
{
    CHECK(vote.seat.value < m_seats.size());
    SeatEntry &seat = m_seats[vote.seat.value];
    const auto enter = [&] {
        m_votes.push_back(vote);
        m_isCounted.push_back(false);
        ++seat.words;
        return m_votes.size() - 1;
    };
    if (seat.words == 0) {
        const std::size_t index = enter();
        seat.first = static_cast<std::uint16_t>(m_votes.size());
        return {Taken::First, index, index};
    }
    const std::size_t first = seat.first - 1U;
    if (saySame(m_votes[first], vote))
        return NLBD_MUTANT("count-seat-twice") ? Result{Taken::First, enter(), first}
                                               : Result{Taken::Known, first, first};
    if (NLBD_MUTANT("first-word-only"))
        return {Taken::Beyond, first, first};
    const auto isSame = [&](const Vote &other) { return saySame(other, vote); };
    if (seat.words > 1 && std::ranges::any_of(m_votes, isSame))
        return {Taken::Known, first, first};
    if (seat.words > 1 && !isShown)
        return {Taken::Beyond, first, first};
    return {Taken::Second, enter(), first};
}

bool PhaseVotes::count(std::size_t index)
{
    CHECK(index < m_votes.size());
    if (m_isCounted[index])
        return false;
    const Vote &vote = m_votes[index];
    SeatEntry &seat = m_seats[vote.seat.value];
    const bool isCountedTwice = NLBD_MUTANT("count-seat-twice") || NLBD_MUTANT("count-two-words");
    if (seat.words > 1 && seat.isCounted && !isCountedTwice)
        for (std::size_t i = 0; i < m_votes.size(); ++i)
            if (m_isCounted[i] && m_votes[i].seat == vote.seat && m_votes[i].value == vote.value)
                return false;
    m_isCounted[index] = true;
    m_seatsCounted += seat.isCounted ? 0 : 1;
    seat.isCounted = true;
    const auto place = std::ranges::find(m_counts, vote.value, &Count::value);
    if (place != m_counts.end())
        ++place->seats;
    else
        m_counts.push_back({vote.value, 1});
    return true;
}

const Vote *PhaseVotes::firstOf(SeatIndex seat) const
{
    CHECK(seat.value < m_seats.size());
    const SeatEntry &entry = m_seats[seat.value];
    return entry.words == 0 ? nullptr : &m_votes[entry.first - 1U];
}

std::size_t PhaseVotes::countFor(const std::optional<Hash> &value) const
{
    if (NLBD_MUTANT("count-any-value"))
        return value ? seats() : 0;
    const auto place = std::ranges::find(m_counts, value, &Count::value);
    return place == m_counts.end() ? 0 : place->seats;
}

std::vector<const Vote *> PhaseVotes::countedFor(const Hash &value) const
{
    std::vector<const Vote *> result;
    for (std::size_t i = 0; i < m_votes.size(); ++i)
        if (m_isCounted[i] && m_votes[i].value == value)
            result.push_back(&m_votes[i]);
    std::ranges::sort(result, {}, [](const Vote *vote) { return vote->seat; });
    return result;
}

PhaseVotes::Result RoundVotes::insert(const Vote &vote, bool isShown, const PolkaBook &book)
{
    CHECK(vote.round == m_round);
    PhaseVotes &votes = of(vote.phase);
    const PhaseVotes::Result result = votes.insert(vote, isShown);
    const bool isNew =
        result.taken == PhaseVotes::Taken::First || result.taken == PhaseVotes::Taken::Second;
    const bool isReasoned = vote.phase != Phase::Prevote || !vote.value
        || book.isReasoned(*vote.value, vote.polka) || NLBD_MUTANT("unreasoned-counts");
    if (isNew && isReasoned)
        votes.count(result.index);
    return result;
}

void RoundVotes::recount(const PolkaBook &book)
{
    PhaseVotes &prevotes = of(Phase::Prevote);
    for (std::size_t i = 0; i < prevotes.votes().size(); ++i) {
        const Vote &vote = prevotes.votes()[i];
        if (!prevotes.isCounted(i) && vote.value && book.isReasoned(*vote.value, vote.polka))
            prevotes.count(i);
    }
}

Polka RoundVotes::polkaFor(const Hash &value) const
{
    Polka polka{{}, m_round, value, {}};
    for (const Vote *vote : of(Phase::Prevote).countedFor(value)) {
        polka.epoch = vote->epoch;
        polka.lines.push_back({vote->seat, vote->polka, vote->signature});
    }
    return polka;
}

Certificate RoundVotes::certificateFor(const Hash &value) const
{
    Certificate certificate{{}, m_round, value, {}};
    for (const Vote *vote : of(Phase::Precommit).countedFor(value)) {
        certificate.epoch = vote->epoch;
        certificate.lines.push_back({vote->seat, vote->signature});
    }
    return certificate;
}

} // namespace nlbd::consensus
