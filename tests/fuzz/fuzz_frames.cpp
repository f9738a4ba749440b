// A conversation with an engine: frames from two members who send anything, while its own person
// writes and time passes.
#include "core/base/codec.h"
#include "tests/fuzz/engine_world.h"

#include <set>

using namespace nlbd;

namespace {

constexpr std::size_t kFrameMax = 64 * 1024;
constexpr std::size_t kStepsMax = 200;

class Conversation {
public:
    explicit Conversation(ByteView bytes)
        : m_in(bytes)
    {
        m_me.load({});
        toggle(1);
        toggle(2);
        m_me.step(engine::Subscribe{});
    }

    // Steps one after the other, each led by what happens:
    //     0 time passes: u8 in units of 20 ms         1 a peer comes or goes: u8 which
    //     2 a document is made: blob text             3 undo in it    4 redo in it
    //     5 a new title: blob                         6 the queue to a peer ran over: u8 which
    //     else a frame: the kind, with its highest bit for the second peer | blob body
    void run()
    {
        for (std::size_t i = 0; i < kStepsMax && m_in.left() > 0 && m_in.ok(); ++i)
            step(m_in.u8());
        constexpr Millis kWhile{500};
        for (int i = 0; i < 4; ++i)
            m_me.pass(kWhile);
        m_me.look();
    }

    /// The next start knows what this one knew.
    void restart()
    {
        m_me.step(api::Command(api::Flush{}));
        const auto stored = m_me.disk().load();
        CHECK(stored.has_value());
        fuzz::Member next(0);
        next.load(*stored);
        next.look();
        CHECK(next.engine().snapshot().documents == m_me.engine().snapshot().documents);
    }

private:
    void step(std::uint8_t what)
    {
        constexpr Millis kUnit{20};
        const DocIndex doc = m_me.engine().findDocument("Agenda").value_or(DocIndex(0));
        switch (what) {
        case 0:
            m_me.pass(kUnit * m_in.u8());
            return;
        case 1:
            toggle(1U + m_in.u8() % 2U);
            return;
        case 2:
            m_me.step(api::Command(api::CreateDocument{++m_requests, "Agenda", text()}));
            return;
        case 3:
            m_me.step(api::Command(api::Undo{doc}));
            return;
        case 4:
            m_me.step(api::Command(api::Redo{doc}));
            return;
        case 5:
            m_me.step(api::Command(api::RenameDocument{doc, text()}));
            return;
        case 6:
            m_me.step(engine::Overflowed{PeerId(1U + m_in.u8() % 2U)});
            return;
        default:
            m_me.step(engine::FrameIn{PeerId(1U + (what >> 7U)),
                                      static_cast<std::uint8_t>(what & 0x7FU),
                                      copyOf(m_in.blob(kFrameMax))});
        }
    }

    std::string text() { return std::string(m_in.text(kFrameMax)); }

    void toggle(std::size_t peer)
    {
        if (m_up.erase(peer) != 0) {
            m_me.step(engine::PeerDown{PeerId(peer)});
        } else {
            m_up.insert(peer);
            m_me.step(engine::PeerUp{PeerId(peer), fuzz::group().devices[peer].publicKey()});
        }
    }

    Reader m_in;
    fuzz::Member m_me{0};
    std::set<std::size_t> m_up;
    std::uint64_t m_requests = 0;
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t *data, std::size_t size)
{
    Conversation conversation(std::as_bytes(std::span(data, size)));
    conversation.run();
    conversation.restart();
    return 0;
}
