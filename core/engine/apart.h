#pragma once

#include "core/engine/engine_state.h"

namespace nlbd::engine {

/// What came from people who were away while both they and the person here had changed the same
/// document (core/api/past.h): kept until it is read, also over a restart.
///
/// A member is met again when a session with one of its devices begins, or a change of it comes,
/// after more than kAway without either, or for the first time since the start. What comes of it
/// within kMeeting, and as long as more of it does, was written apart if it did not know the last
/// change that was made here before the meeting. The past decides that and no clock, so that who
/// writes with others all day long is never told of, whatever the links do.
class Apart {
public:
    explicit Apart(Engine::State &state)
        : m_state(state)
    {
    }

    /// After the history was read.
    void load(const std::vector<store::MetaRow> &meta);
    void peerUp(PeerId peer, const PublicKey &device);
    void peerDown(PeerId peer);
    /// A change was taken that is not of this device.
    void changeTaken(ChangeHandle change);

    void tell(const api::AskApart &question);
    void end(DocIndex doc);
    void sendAll();
    void sendIfDue();
    [[nodiscard]] std::optional<MonoTime> nextDeadline() const;

    static constexpr Millis kAway{3 * 60'000};
    static constexpr Millis kMeeting{30'000};
    static constexpr std::size_t kStretchesMax = 1'024; ///< of one document; what is more is let go

private:
    /// The changes of a device from one of its numbers on up to a change.
    struct Stretch {
        Hash last;
        Seq first{1};
        std::uint64_t meeting = 0; ///< at which it came; 0: before the start
    };
    struct Contact {
        std::size_t sessions = 0;
        std::optional<MonoTime> last; ///< nothing: never since the start
        MonoTime meetingUntil{};
        std::uint64_t meeting = 0;
        ChangeHandle before; ///< what was here before the meeting has a lower handle
        std::map<DocIndex, ChangeHandle> ownBefore; ///< as they were asked for in this meeting
    };
    void meet(Contact &contact);
    [[nodiscard]] ChangeHandle ownBefore(Contact &contact, DocIndex doc) const;
    void add(ChangeHandle change, std::uint64_t meeting);
    [[nodiscard]] std::set<ChangeHandle> changesOf(DocIndex doc) const;
    void keep(DocIndex doc);
    void refresh();
    void count(DocIndex doc);
    void send();

    Engine::State &m_state;
    std::map<MemberIndex, Contact> m_contacts;
    std::map<PeerId, MemberIndex> m_peers;
    std::map<DocIndex, std::vector<Stretch>> m_stretches; ///< none is empty
    std::set<DocIndex> m_touched;                         ///< not counted yet
    std::set<DocIndex> m_unstored;
    std::uint64_t m_meetings = 0;
    std::map<DocIndex, api::ApartInfo> m_told;
    std::optional<MonoTime> m_due;
};

} // namespace nlbd::engine
