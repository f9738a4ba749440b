#include "tests/core/history/random_history.h"

#include "core/base/check.h"

namespace nlbd::test {

RandomHistory::RandomHistory(const Group &group, Random &random, std::size_t steps)
{
    for (std::size_t i = 0; i < group.people.size(); ++i)
        m_replicas.push_back(std::make_unique<Replica>(group, i));
    m_read.resize(group.people.size());
    Replica &first = *m_replicas[0];
    m_changes.push_back(first.setTitle(first.firstDocument(), "Shared").raw());
    for (std::size_t step = 0; step < steps; ++step) {
        const auto who = static_cast<std::size_t>(random.below(m_replicas.size()));
        Replica &replica = *m_replicas[who];
        if (random.below(2) == 0 && replica.graph.size() > 0)
            edit(replica, random);
        else
            read(replica, m_changes.size() - static_cast<std::size_t>(random.below(2)));
    }
}

void RandomHistory::edit(Replica &author, Random &random)
{
    const DocIndex doc = author.firstDocument();
    const TextOffset length = author.document(doc).length();
    const auto at = static_cast<TextOffset>(random.below(length + 1));
    switch (random.below(4)) {
    case 0:
        m_changes.push_back(author.setTitle(doc, "Title " + std::to_string(random.below(9))).raw());
        break;
    case 1:
        if (at < length) {
            m_changes.push_back(author.erase(doc, at, 1).raw());
            break;
        }
        [[fallthrough]];
    default:
        m_changes.push_back(author.insert(doc, at, std::string(1 + random.below(3), 'a')).raw());
    }
}

void RandomHistory::read(Replica &reader, std::size_t upTo)
{
    const auto index = static_cast<std::size_t>(reader.me().value);
    for (; m_read[index] < upTo; ++m_read[index]) {
        const history::UnverifiedChange &change = m_changes[m_read[index]];
        if (change.header.device != reader.me())
            CHECK(reader.receive(change).has_value());
    }
}

std::vector<history::UnverifiedChange> RandomHistory::shuffled(Random &random) const
{
    std::vector<history::UnverifiedChange> result = m_changes;
    for (std::size_t i = result.size(); i > 1; --i)
        std::swap(result[i - 1], result[static_cast<std::size_t>(random.below(i))]);
    return result;
}

void Delivery::bring(history::UnverifiedChange change, PeerId from)
{
    std::deque<history::OrphanBuffer::Waiting> todo;
    todo.push_back({std::move(change), from, history::SignatureNeed::Check});
    while (!todo.empty()) {
        auto [next, peer, need] = std::move(todo.front());
        todo.pop_front();
        const Hash hash = next.hash;
        const auto verdict = m_replica.receive(next);
        if (verdict) {
            verdicts[hash] = "valid";
            for (auto &waiting : orphans.takeWaitingFor(hash))
                todo.push_back(std::move(waiting));
        } else if (verdict.error().kind == history::Refused::Kind::NeedsParents) {
            orphans.add(std::move(next), peer, verdict.error().missing, need);
        } else if (verdict.error().kind != history::Refused::Kind::Duplicate) {
            verdicts[hash] = codeName(verdict.error().code);
        }
    }
}

} // namespace nlbd::test
