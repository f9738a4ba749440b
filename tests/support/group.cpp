#include "tests/support/group.h"

#include "core/base/check.h"

#include <algorithm>

namespace nlbd::test {

namespace {

struct Person {
    identity::SecretKey identity;
    identity::SecretKey device;
};

std::vector<Person> peopleSortedByKey(std::size_t count, Random &random)
{
    std::vector<Person> people;
    people.reserve(count);
    for (std::size_t i = 0; i < count; ++i) {
        identity::SecretKey person = identity::SecretKey::generate(random);
        people.push_back({std::move(person), identity::SecretKey::generate(random)});
    }
    std::ranges::sort(people, {}, [](const Person &p) { return p.identity.publicKey(); });
    return people;
}

} // namespace

FoundedGroup FoundedGroup::found(std::size_t members, const identity::SignatureScheme &scheme,
                                 Random &random)
{
    std::vector<Person> people = peopleSortedByKey(members, random);
    keys::WorkspaceKey key = keys::WorkspaceKey::generate(random);

    identity::SignedGenesis genesis;
    random.fill(genesis.genesis.random);
    genesis.genesis.name = "Simulated";
    genesis.genesis.keyCommit = key.commitment();
    for (std::size_t i = 0; i < people.size(); ++i) {
        const Person &person = people[i];
        const PublicKey device = person.device.publicKey();
        genesis.genesis.founders.push_back(
            {person.identity.publicKey(), "Member " + std::to_string(i), device,
             identity::certifyDevice(scheme, person.identity, device)});
    }
    for (const Person &person : people)
        genesis.signatures.push_back(
            identity::signGenesis(scheme, person.identity, genesis.genesis));
    CHECK(genesis.verify(scheme).has_value());

    std::vector<identity::SecretKey> devices;
    for (Person &person : people)
        devices.push_back(std::move(person.device));
    identity::Configuration configuration = genesis.genesis.configuration();
    return {std::move(genesis), std::move(devices), std::move(key), std::move(configuration)};
}

} // namespace nlbd::test
