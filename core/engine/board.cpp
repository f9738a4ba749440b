#include "core/engine/board.h"

#include "core/base/utf8.h"
#include "core/engine/attestor.h"
#include "core/engine/exchange.h"
#include "core/engine/presence.h"
#include "core/engine/self_guard.h"
#include "core/identity/words.h"

namespace nlbd::engine {

namespace {

constexpr Millis kInterval{200};
// What is told grows with the people, and among many somebody is always a step behind.
constexpr Millis kIntervalPerPerson{10};
constexpr TextOffset kTitleScalars = 80;
constexpr std::uint8_t kColours = 8;

api::Trouble::Kind kindOf(store::StoreError::Kind kind)
{
    switch (kind) {
    case store::StoreError::Kind::Full:
        return api::Trouble::Kind::DiskFull;
    case store::StoreError::Kind::ReadOnly:
        return api::Trouble::Kind::DiskReadOnly;
    case store::StoreError::Kind::InUse:
    case store::StoreError::Kind::Damaged:
    case store::StoreError::Kind::Conflict:
    case store::StoreError::Kind::Failed:
        break;
    }
    return api::Trouble::Kind::DiskFailed;
}

/// The first line that says something, shortened.
std::string firstLine(std::string_view text)
{
    while (!text.empty()) {
        const std::size_t end = std::min(text.find('\n'), text.size());
        std::string_view line = text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
        const std::size_t begin = line.find_first_not_of("# \t\r");
        if (begin == std::string_view::npos)
            continue;
        line.remove_prefix(begin);
        line.remove_suffix(line.size() - 1 - line.find_last_not_of(" \t\r"));
        return std::string(line);
    }
    return {};
}

/// Reckoned once: a digest each.
const std::string &wordsOf(std::map<PublicKey, std::string> &known, const PublicKey &key)
{
    const auto [words, isNew] = known.try_emplace(key);
    if (isNew)
        words->second = identity::fourWords(key);
    return words->second;
}

api::Person::Standing standingOf(const identity::Member &member, const identity::Device &device)
{
    using Standing = api::Person::Standing;
    if (member.standing == identity::Standing::Gone || !device.mayRead)
        return Standing::Gone;
    if (member.standing == identity::Standing::Dormant)
        return Standing::Dormant;
    return member.role == identity::Role::Reader ? Standing::Reads : Standing::Writes;
}

} // namespace

std::string Board::titleOf(const OpenDocument &open) const
{
    const std::string_view title = open.document.field("title");
    if (!title.empty())
        return std::string(title);
    return firstLine(open.document.text(0, std::min(kTitleScalars, open.document.length())));
}

std::vector<api::DocumentInfo> Board::documents() const
{
    std::vector<api::DocumentInfo> list;
    for (const auto &[doc, open] : m_state.documents)
        list.push_back({doc, titleOf(open), open.changed});
    std::ranges::stable_sort(list, std::greater{}, &api::DocumentInfo::changed);
    return list;
}

std::vector<api::Person> Board::people() const
{
    std::vector<api::Person> people;
    const auto &configuration = m_state.configuration;
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const DeviceIndex device(static_cast<std::uint16_t>(i));
        const identity::Member &member = *configuration.memberOf(device);
        api::Person person;
        person.member = configuration.devices[i].member;
        person.device = device;
        person.name = member.name;
        person.words = wordsOf(m_words, member.identity);
        person.colour = static_cast<std::uint8_t>(person.member.value % kColours);
        person.isMe = device == m_state.me;
        person.isOnline = person.isMe || m_state.exchange->isOnline(device);
        person.isDisputed = m_state.isDisputed(device);
        person.standing = standingOf(member, configuration.devices[i]);
        const auto seat = configuration.seatOf(device);
        person.hasSeat = seat.has_value();
        if (seat && !person.isMe && !m_state.isAlone())
            person.changesBehind = m_state.attestor->behind(*seat);
        person.lastHeard = m_state.exchange->lastHeard(device);
        person.writingIn = m_state.presence->writingIn(device);
        people.push_back(std::move(person));
    }
    return people;
}

std::vector<api::DeviceInfo> Board::devices() const
{
    std::vector<api::DeviceInfo> result;
    const auto &configuration = m_state.configuration;
    const identity::Device *mine = configuration.device(m_state.me);
    for (std::size_t i = 0; i < configuration.devices.size(); ++i) {
        const identity::Device &row = configuration.devices[i];
        api::DeviceInfo info;
        info.device = DeviceIndex(static_cast<std::uint16_t>(i));
        info.member = row.member;
        info.key = row.key;
        info.words = wordsOf(m_words, row.key);
        info.isMine = mine != nullptr && row.member == mine->member;
        info.isHere = info.device == m_state.me;
        info.isCopy = info.isHere && m_state.guard->isCopy();
        info.hasSeat = row.hasSeat;
        info.mayWrite = row.mayWrite;
        info.mayRead = row.mayRead;
        result.push_back(std::move(info));
    }
    return result;
}

api::StatusChanged Board::status(const std::vector<api::Person> &people) const
{
    api::StatusChanged status;
    for (const api::Person &person : people) {
        status.othersOnline =
            static_cast<std::uint16_t>(status.othersOnline + (person.isOnline && !person.isMe));
        if (person.changesBehind > 0)
            status.missing.push_back(person.member);
    }
    std::int64_t agreed = INT64_MIN;
    for (const auto &[doc, open] : m_state.documents) {
        status.changesInPencil += open.unratified.size();
        for (const ChangeHandle change : open.unratified)
            status.myChangesInPencil += m_state.graph.entry(change).device == m_state.me ? 1 : 0;
    }
    for (std::size_t i = 0; i < m_state.graph.chainCount(); ++i) {
        const history::ChainId chain(static_cast<std::uint16_t>(i));
        const ChangeHandle change =
            m_state.graph.onChain(chain, m_state.attestor->ratification().ratifiedHeight(chain));
        if (change != ChangeHandle())
            agreed = std::max(agreed, m_state.graph.entry(change).wallMs);
    }
    if (agreed != INT64_MIN)
        status.agreedUpTo = std::min(WallTime(Millis(agreed)), m_state.now.wall);
    status.isEverythingStored = !m_trouble.has_value();
    return status;
}

void Board::sendAll()
{
    m_documents = documents();
    m_people = people();
    m_status = status(m_people);
    m_devices = devices();
    const std::size_t seats = m_state.seatCount();
    m_state.out.notify(api::DocumentsChanged{m_documents});
    m_state.out.notify(
        api::PeopleChanged{m_people, static_cast<std::uint16_t>(identity::quorumOf(seats)),
                           static_cast<std::uint16_t>(identity::toleratedFaults(seats))});
    m_state.out.notify(api::DevicesChanged{m_devices});
    m_rejected = rejected();
    if (!m_rejected.empty())
        m_state.out.notify(api::RejectedChanged{m_rejected});
    m_state.out.notify(m_status);
    if (m_trouble)
        m_state.out.notify(api::Trouble{*m_trouble, {}, false});
    m_isDirty = m_areDocumentsDirty = false;
}

void Board::sendIfDue()
{
    if (!m_isDirty || !m_state.out.hasListener() || m_state.now.mono < m_next)
        return;
    m_next = m_state.now.mono
        + std::max(kInterval, kIntervalPerPerson * static_cast<int>(m_people.size()));
    m_isDirty = false;
    if (std::exchange(m_areDocumentsDirty, false)) {
        auto list = documents();
        if (list != m_documents)
            m_state.out.notify(api::DocumentsChanged{m_documents = std::move(list)});
    }
    auto persons = people();
    auto line = status(persons);
    if (persons != m_people) {
        m_people = std::move(persons);
        const std::size_t seats = m_state.seatCount();
        m_state.out.notify(
            api::PeopleChanged{m_people, static_cast<std::uint16_t>(identity::quorumOf(seats)),
                               static_cast<std::uint16_t>(identity::toleratedFaults(seats))});
    }
    if (auto all = rejected(); all != m_rejected)
        m_state.out.notify(api::RejectedChanged{m_rejected = std::move(all)});
    if (auto all = devices(); all != m_devices)
        m_state.out.notify(api::DevicesChanged{m_devices = std::move(all)});
    if (line != m_status)
        m_state.out.notify(m_status = std::move(line));
}

std::optional<MonoTime> Board::nextDeadline() const
{
    return m_isDirty && m_state.out.hasListener() ? std::optional(m_next) : std::nullopt;
}

void Board::persistFailed(const store::StoreError &error)
{
    m_isDirty = true;
    const api::Trouble::Kind kind = kindOf(error.kind);
    if (m_trouble == kind)
        return;
    m_trouble = kind;
    m_state.out.notify(api::Trouble{kind, error.detail, false});
}

void Board::persisted()
{
    if (!m_trouble)
        return;
    m_isDirty = true;
    m_state.out.notify(api::Trouble{*std::exchange(m_trouble, std::nullopt), {}, true});
}

} // namespace nlbd::engine
