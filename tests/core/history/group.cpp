#include "tests/core/history/group.h"

#include "core/base/check.h"
#include "tests/support/single_ops.h"

namespace nlbd::test {

namespace {

std::vector<Group::Person> makePeople(std::size_t size, std::uint64_t seed)
{
    SeededRandom random(seed);
    std::vector<Group::Person> people;
    for (std::size_t i = 0; i < size; ++i) {
        identity::SecretKey identity = identity::SecretKey::generate(random);
        people.push_back({std::move(identity), identity::SecretKey::generate(random)});
    }
    std::ranges::sort(people, {}, [](const Group::Person &p) { return p.identity.publicKey(); });
    return people;
}

keys::WorkspaceKey makeKey(std::uint64_t seed)
{
    SeededRandom random(seed + 1'000'000);
    return keys::WorkspaceKey::generate(random);
}

keys::PayloadContext contextOf(const history::ChangeHeader &header)
{
    return {header.doc, header.device, header.seq, header.associated()};
}

} // namespace

Group::Group(std::size_t size, const identity::SignatureScheme &scheme_, std::uint64_t seed)
    : scheme(scheme_)
    , people(makePeople(size, seed))
    , key(makeKey(seed))
{
    genesis.name = "Winter";
    genesis.random[0] = static_cast<std::byte>(seed);
    genesis.keyCommit = key.commitment();
    for (std::size_t i = 0; i < size; ++i) {
        const PublicKey device = people[i].device.publicKey();
        genesis.founders.push_back({people[i].identity.publicKey(),
                                    "Member " + std::to_string(i + 1), device,
                                    identity::certifyDevice(scheme, people[i].identity, device)});
    }
    configuration = genesis.configuration();
}

identity::SignedGenesis Group::signedGenesis() const
{
    identity::SignedGenesis result{genesis, {}};
    for (const Person &person : people)
        result.signatures.push_back(identity::signGenesis(scheme, person.identity, genesis));
    return result;
}

Replica::Replica(const Group &group, std::size_t me)
    : validator(
        group.configuration, graph, group.scheme,
        [&group](KeyEpoch epoch) { return epoch == KeyEpoch(0) ? &group.key : nullptr; },
        [this](DocIndex doc) { return &document(doc); })
    , m_group(group)
    , m_me(static_cast<std::uint16_t>(me))
{
}

crdt::Document &Replica::document(DocIndex doc)
{
    return documents.try_emplace(doc, graph).first->second;
}

history::Change Replica::setTitle(DocIndex doc, std::string_view title)
{
    const crdt::Ops ops{crdt::SetField{"title", std::string(title)}};
    history::Change change = publish(doc, ops, heads());
    document(doc).apply(change.handle(), ops);
    return change;
}

history::Change Replica::insert(DocIndex doc, TextOffset at, std::string_view text)
{
    return publish(doc, {insertOp(document(doc), at, text, graph.nextHandle(), 0)}, heads());
}

history::Change Replica::erase(DocIndex doc, TextOffset at, TextOffset count)
{
    return publish(doc, eraseOps(document(doc), at, count, graph.nextHandle(), 0), heads());
}

history::Change Replica::merge(DocIndex doc, const std::vector<ChangeHandle> &seen)
{
    return publish(doc, {}, seen);
}

history::Change Replica::publish(DocIndex doc, const crdt::Ops &ops,
                                 const std::vector<ChangeHandle> &seen)
{
    history::Change change =
        validator.author(m_group.people[m_me.value].device, m_me, history::ChangeKind::Edit, doc,
                         ops, head, seen, WallTime{});
    graph.add(change);
    head = change.handle();
    return change;
}

void Replica::take(const history::Change &change)
{
    graph.add(change);
    document(change.header().doc).apply(change.handle(), change.ops());
    if (change.header().device == m_me)
        head = change.handle();
}

std::expected<history::Change, history::Refused> Replica::receive(history::UnverifiedChange change)
{
    auto verdict = validator.validate(std::move(change));
    if (verdict)
        take(*verdict);
    return verdict;
}

std::expected<history::Change, history::Refused>
Replica::receiveBranch(history::UnverifiedChange change)
{
    auto verdict = validator.validateWanted(std::move(change));
    if (verdict)
        take(*verdict);
    return verdict;
}

history::UnverifiedChange resigned(const Group &group, history::UnverifiedChange change)
{
    change.hash = change.header.hash();
    change.signature =
        group.scheme.sign(group.people.at(change.header.device.value).device, domains::kChange,
                          group.configuration.workspace, change.hash);
    return change;
}

history::UnverifiedChange resealed(const Group &group, history::UnverifiedChange change,
                                   ByteView plaintext)
{
    change.header.payloadBytes =
        static_cast<std::uint32_t>(plaintext.size() + keys::kPayloadOverhead);
    change.payload = keys::sealPayload(group.key, contextOf(change.header), plaintext);
    change.header.payloadHash = digest(domains::kPayload, change.payload);
    return resigned(group, std::move(change));
}

Bytes contentOf(const Group &group, const history::UnverifiedChange &change)
{
    auto content = keys::openPayload(group.key, contextOf(change.header), change.payload);
    CHECK(content.has_value());
    return std::move(*content);
}

} // namespace nlbd::test
