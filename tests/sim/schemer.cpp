#include "tests/sim/schemer.h"

#include "core/consensus/offered_key.h"
#include "core/consensus/record_domains.h"
#include "core/consensus/short_close.h"
#include "tests/sim/checker.h"
#include "tests/support/acks_of.h"

namespace nlbd::sim {

namespace {

using gossip::ControlKind;

constexpr std::size_t kRemembered = 64;
constexpr Millis kActEvery{1'500};
constexpr std::size_t kFlood = 60;

} // namespace

std::vector<Scheme> drawnSchemes(Random &random)
{
    std::set<Scheme> schemes;
    for (std::uint64_t i = random.below(4); i > 0; --i)
        schemes.insert(static_cast<Scheme>(random.below(kSchemes)));
    return {schemes.begin(), schemes.end()};
}

Schemer::Schemer(World &world, Checker &checker, Network &network, PeerShell &shell)
    : m_world(world)
    , m_checker(checker)
    , m_network(network)
    , m_shell(shell)
    , m_pen({world.group.configuration, world.scheme, world.group.devices[shell.device().value],
             shell.device(), world.group.key})
{
}

void Schemer::start()
{
    if (!m_world.profile.schemes.empty())
        actLater();
}

bool Schemer::has(Scheme scheme) const
{
    return std::ranges::count(m_world.profile.schemes, scheme) > 0;
}

const identity::Configuration &Schemer::now() const
{
    return m_shell.engine().configuration();
}

bool Schemer::isMine(Epoch epoch, SeatIndex seat) const
{
    return epoch == now().epoch && now().seatOf(m_shell.device()) == seat;
}

std::size_t Schemer::someVictim()
{
    return m_world.random.below(m_world.profile.peers - m_world.profile.hostile);
}

void Schemer::send(std::size_t victim, const hostile::Frame &frame)
{
    if (const auto session = m_network.sessionWith(m_shell.number(), victim))
        m_network.send(m_shell.number(), *session, frame.kind, frame.body);
}

// ---- what passes --------------------------------------------------------------------------------

std::optional<Schemer::Passed> Schemer::passed(std::size_t victim, std::uint8_t kind, Bytes body)
{
    Passed passed{std::move(body), Millis(0)};
    if (!m_world.isActive || !m_shell.isUp())
        return passed;
    if (has(Scheme::Slow)) {
        MonoTime &due = m_due[victim];
        due = std::max(due, m_world.queue.now() + m_world.between(Millis(200), Millis(2500)));
        passed.later = due - m_world.queue.now();
    }
    const auto message = gossip::decode(kind, passed.body);
    if (!message)
        return passed;
    if (std::holds_alternative<gossip::AckMessage>(*message) && m_acks.size() < kRemembered)
        m_acks.push_back({kind, passed.body});
    const auto *records = std::get_if<gossip::ControlRecords>(&*message);
    if (records == nullptr)
        return passed;
    gossip::ControlRecords shown;
    for (const Record &record : records->records)
        if (auto other = altered(victim, record, passed.later))
            shown.records.push_back(std::move(*other));
    if (shown.records.empty())
        return std::nullopt;
    passed.body = gossip::encode(gossip::Message(shown));
    return passed;
}

std::optional<Schemer::Record> Schemer::altered(std::size_t victim, Record record, Millis &later)
{
    const bool isReport =
        record.kind == ControlKind::Close || record.kind == ControlKind::ShortClose;
    if (isReport && has(Scheme::InflatedReport))
        return inflated(record);
    if (isReport && has(Scheme::WrongDelta))
        return misled(victim, std::move(record));
    if (record.kind == ControlKind::Polka && has(Scheme::HiddenPolka))
        return std::nullopt;
    if (record.kind != ControlKind::Vote)
        return record;
    const auto vote = consensus::Vote::decode(record.bytes);
    if (!vote || !isMine(vote->epoch, vote->seat))
        return record;
    if (vote->phase == consensus::Phase::Propose) {
        if (has(Scheme::BadBox))
            record.bytes = withBadBox(record.bytes);
        if (has(Scheme::LateProposals) && victim % 2 == 0)
            later = m_world.between(Millis(1900), Millis(2700)); // about when the first round ends
        return record;
    }
    const auto shown = has(Scheme::HiddenPolka) ? shownTo(victim, *vote) : std::optional(*vote);
    if (!shown)
        return std::nullopt;
    record.bytes = shown->encode();
    return record;
}

/// A quorum of prevotes comes together at one victim only, which locks; nobody else learns why.
std::optional<consensus::Vote> Schemer::shownTo(std::size_t victim, consensus::Vote vote)
{
    const auto chosen = m_polkaVictims.try_emplace(vote.round.value, victim).first->second;
    if (victim == chosen || !vote.value)
        return vote;
    if (vote.phase == consensus::Phase::Precommit)
        return std::nullopt;
    vote.value.reset();
    vote.polka.reset();
    return consensus::signVote(m_world.scheme, m_world.group.devices[m_shell.device().value], now(),
                               vote);
}

/// The same lie for everybody: a next change of my own that I give to nobody, or that none is.
Schemer::Record Schemer::inflated(const Record &record)
{
    auto close = m_report;
    const auto whole = consensus::Close::decode(record.bytes);
    const auto told = consensus::ShortClose::decode(record.bytes);
    const bool isIt = close && isMine(close->epoch, close->seat)
        && (record.kind == ControlKind::Close ? whole && whole->hash() == close->hash()
                                              : told && told->hash() == close->hash());
    if (!isIt)
        return record;
    const auto mine =
        std::ranges::find(close->frontier, m_shell.device(), &trust::FrontierEntry::device);
    if (mine == close->frontier.end())
        return record;
    const bool isReal = now().epoch == Epoch(0) && m_pen.head() != ChangeHandle(0)
        && m_pen.graph().entry(m_pen.head()).hash == mine->head;
    if (isReal && !m_withheld)
        m_withheld = m_pen.draft(m_pen.typing("held back "), m_shell.now().wall);
    mine->seq = mine->seq.next();
    mine->head = isReal ? m_withheld->hash : digest(domains::kFront, mine->head.view());
    return {ControlKind::Close,
            consensus::signClose(m_world.scheme, m_world.group.devices[m_shell.device().value],
                                 now(), close->seat, close->lastAckNo, close->frontier)
                .encode()};
}

/// The word of the seat is true, its own or an honest one's, and what it is about never comes.
std::optional<Schemer::Record> Schemer::misled(std::size_t victim, Record record)
{
    if (victim % 2 == 0)
        return record;
    auto close = consensus::ShortClose::decode(record.bytes);
    if (record.kind == ControlKind::Close || !close)
        return std::nullopt;
    trust::FrontierEntry nowhere{m_shell.device(), Seq(1 + m_world.random.below(99)), {}};
    m_world.random.fill(nowhere.head.value);
    close->entries = {nowhere};
    return Record{ControlKind::ShortClose, close->encode()};
}

/// Proposes the same value with another offer of my own in it, of which one box is wrong.
Bytes Schemer::withBadBox(const Bytes &bytes)
{
    auto vote = consensus::Vote::decode(bytes);
    const auto known = vote && vote->value ? m_values.find(*vote->value) : m_values.end();
    if (known == m_values.end() || !known->second.keyOffer)
        return bytes;
    const auto held = m_offers.find(*known->second.keyOffer);
    auto offer = held == m_offers.end() ? std::unexpected(Code::E_CANON)
                                        : consensus::OfferedKey::decode(held->second);
    if (!offer || offer->boxes.boxes.empty())
        return bytes;
    const std::size_t victim = someVictim() % offer->boxes.boxes.size();
    offer->boxes.boxes[victim][0] ^= std::byte{1};
    offer->seat = vote->seat;
    const auto &key = m_world.group.devices[m_shell.device().value];
    offer->signature = m_world.scheme.sign(key, domains::kOffer, now().workspace, offer->hash());
    consensus::Value value = known->second;
    value.keyOffer = offer->hash();
    hostile::Pen &pen = councilPen();
    pen.hold(value.hash(), {ControlKind::Value, value.encode()});
    pen.hold(offer->hash(), {ControlKind::Offer, offer->encode()});
    vote->value = value.hash();
    vote->polka.reset();
    return consensus::signVote(m_world.scheme, key, now(), *vote).encode();
}

// ---- what is seen -------------------------------------------------------------------------------

bool Schemer::heard(std::size_t from, std::uint8_t kind, const Bytes &body)
{
    const bool isQuestion = kind == static_cast<std::uint8_t>(gossip::Kind::PullControl);
    if (isQuestion && m_council && m_world.isActive)
        if (const auto answer = m_council->answer(kind, body))
            send(from, *answer);
    return !m_shell.isUp() || !isMyWord(kind, body);
}

bool Schemer::isMyWord(std::uint8_t kind, const Bytes &body) const
{
    const bool canBe = kind == static_cast<std::uint8_t>(gossip::Kind::Ack)
        || kind == static_cast<std::uint8_t>(gossip::Kind::Acks)
        || kind == static_cast<std::uint8_t>(gossip::Kind::ControlRecords);
    const auto message = canBe
        ? gossip::decode(kind, body)
        : std::expected<gossip::Message, Code>(std::unexpected(Code::E_CANON));
    if (!message)
        return false;
    const auto isMyAck = [this](const gossip::AckMessage &told) {
        const auto ack = trust::Ack::decode(told.ack);
        return ack && isMine(ack->epoch, ack->seat);
    };
    if (std::ranges::any_of(testing::acksOf(*message), isMyAck))
        return true;
    const auto *records = std::get_if<gossip::ControlRecords>(&*message);
    return records != nullptr
        && std::ranges::any_of(records->records, [this](const Record &record) {
               const auto whole = consensus::Close::decode(record.bytes);
               const auto told = consensus::ShortClose::decode(record.bytes);
               return record.kind == ControlKind::Close ? whole && isMine(whole->epoch, whole->seat)
                                                        : record.kind == ControlKind::ShortClose
                       && told && isMine(told->epoch, told->seat);
           });
}

void Schemer::stores(const store::Rows &rows)
{
    if (m_world.profile.schemes.empty())
        return;
    for (const store::Row &row : rows) {
        if (const auto *change = std::get_if<store::ChangeRow>(&row)) {
            if (const auto record = history::decodeFull(change->record))
                static_cast<void>(m_pen.take(*record));
        } else if (const auto *control = std::get_if<store::ControlRow>(&row)) {
            const auto what = static_cast<ControlKind>(control->kind);
            if (what == ControlKind::Value && m_values.size() < kRemembered) {
                if (const auto value = consensus::Value::decode(control->record))
                    m_values.insert_or_assign(value->hash(), *value);
            } else if (what == ControlKind::Offer && m_offers.size() < kRemembered) {
                if (const auto offer = consensus::OfferedKey::decode(control->record))
                    m_offers.insert_or_assign(offer->hash(), control->record);
            } else if (what == ControlKind::Close) {
                const auto close = consensus::Close::decode(control->record);
                if (close && isMine(close->epoch, close->seat))
                    m_report = *close;
            }
        } else if (std::holds_alternative<store::DecisionRow>(row)) {
            m_values.clear();
            m_offers.clear();
            m_polkaVictims.clear();
        }
    }
}

// ---- what is done of itself ---------------------------------------------------------------------

hostile::Pen &Schemer::councilPen()
{
    if (!m_council || m_councilEpoch.epoch != now().epoch) {
        m_council.reset();
        m_councilEpoch = now();
        m_council = std::make_unique<hostile::Pen>(hostile::Member{
            m_councilEpoch, m_world.scheme, m_world.group.devices[m_shell.device().value],
            m_shell.device(), m_world.group.key});
    }
    return *m_council;
}

void Schemer::actLater()
{
    m_world.queue.after(m_world.around(kActEvery), [this] {
        if (!m_world.isActive)
            return;
        if (m_shell.isReachable())
            act();
        actLater();
    });
}

void Schemer::act()
{
    const auto &schemes = m_world.profile.schemes;
    const Scheme scheme = schemes[m_world.random.below(schemes.size())];
    m_world.note(m_shell.number(), "scheme", static_cast<std::uint64_t>(scheme));
    switch (scheme) {
    case Scheme::CouncilLies:
        councilLie();
        break;
    case Scheme::LoneLies:
        loneLie();
        break;
    case Scheme::Floods:
        flood();
        break;
    case Scheme::FalseAcks:
        falseAck();
        break;
    case Scheme::Eclipse:
        eclipse();
        break;
    case Scheme::WritesOn:
        writeOn();
        break;
    case Scheme::InflatedReport: // what was reported comes out in the end, to somebody
        if (m_withheld)
            send(someVictim(), hostile::changesFrame({*m_withheld}));
        break;
    case Scheme::Slow:
    case Scheme::LateProposals:
    case Scheme::HiddenPolka:
    case Scheme::BadBox:
    case Scheme::RestoredDevice:
    case Scheme::WrongDelta:
        break; // in what passes, or in what happens to the computer
    }
}

void Schemer::councilLie()
{
    if (!now().seatOf(m_shell.device()))
        return;
    const auto &lies = hostile::councilAttacks();
    const hostile::Plan plan = hostile::councilPlanOf(lies[m_world.random.below(lies.size())].verb,
                                                      councilPen(), m_world.random);
    const std::size_t victim = someVictim();
    for (const hostile::Frame &frame : plan.frames)
        send(m_world.random.below(2) == 0 ? victim : someVictim(), frame);
}

void Schemer::loneLie()
{
    const auto &lies = hostile::lies();
    const std::string_view verb = lies[m_world.random.below(lies.size())].verb;
    if (now().epoch != Epoch(0) || !now().seatOf(m_shell.device())
        || (verb != "salamander" && m_pen.mine().empty()))
        return; // the pen is of the founding epoch, and its chain the engine's
    const hostile::Plan plan = hostile::planOf(verb, m_pen, m_world.random, m_shell.now().wall);
    for (const hostile::Record &record : plan.records)
        m_checker.madeByHostile(record);
    const std::size_t victim = someVictim();
    for (const hostile::Frame &frame : plan.frames)
        send(victim, frame);
}

void Schemer::flood()
{
    const std::size_t victim = someVictim();
    if (m_world.random.below(2) == 0) {
        for (std::size_t i = 0; i < kFlood; ++i) {
            const hostile::Plan plan =
                hostile::planOf("dangle", m_pen, m_world.random, m_shell.now().wall);
            for (const hostile::Frame &frame : plan.frames)
                send(victim, frame);
        }
        return;
    }
    const std::vector<ChangeHandle> mine = m_pen.mine();
    if (mine.empty())
        return;
    for (std::size_t i = 0; i < kFlood / 2; ++i) {
        const ChangeHandle place = mine[m_world.random.below(mine.size())];
        const hostile::Record twin = m_pen.twinOf(place, "truth " + std::to_string(i) + " ");
        m_checker.madeByHostile(twin);
        send(m_world.random.below(3) == 0 ? someVictim() : victim, hostile::changesFrame({twin}));
    }
}

void Schemer::falseAck()
{
    const auto seat = now().seatOf(m_shell.device());
    if (!seat)
        return;
    if (m_world.random.below(2) == 0 && !m_acks.empty()) {
        send(someVictim(), m_acks[m_world.random.below(m_acks.size())]);
        return;
    }
    // Of changes that nobody made yet: whoever counted them would call agreed what nobody read.
    trust::Frontier frontier;
    for (std::size_t i = 0; i < m_world.profile.peers; ++i) {
        trust::FrontierEntry entry{
            DeviceIndex(static_cast<std::uint16_t>(i)), Seq(500 + m_world.random.below(500)), {}};
        m_world.random.fill(entry.head.value);
        frontier.push_back(entry);
    }
    send(someVictim(), councilPen().ack(1'000'000 + m_world.random.below(1'000), frontier));
}

void Schemer::eclipse()
{
    const std::size_t victim = someVictim();
    const std::size_t honest = m_world.profile.peers - m_world.profile.hostile;
    const auto separate = [this, victim, honest](bool isApart) {
        for (std::size_t other = 0; other < honest; ++other)
            if (other != victim)
                m_network.forbid(victim, other, isApart);
    };
    separate(true);
    m_world.queue.after(m_world.between(Millis(2000), Millis(6000)),
                        [separate] { separate(false); });
}

void Schemer::writeOn()
{
    const identity::Device &row = now().devices[m_shell.device().value];
    if (row.mayWrite)
        return;
    // As if it had been typed before: in the epoch that the pen was of, to members and to the other
    // hostile ones, who vouch for it.
    const hostile::Record late = m_pen.append("I am still here ", m_shell.now().wall);
    m_checker.madeByHostile(late);
    for (std::size_t i = 0; i < m_world.profile.peers; ++i)
        if (i != m_shell.number() && m_world.random.below(2) == 0)
            send(i, hostile::changesFrame({late}));
}

} // namespace nlbd::sim
