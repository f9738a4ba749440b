#pragma once

#include <QString>
#include <QStringList>

#include <chrono>
#include <expected>
#include <memory>
#include <vector>

namespace nlbd::mesh {

class DelayedSwitch;

/// Some computers in one room: each is a network namespace with an address of its own at one
/// switch, which can be cut into parts that do not hear each other. Sessions that a cut goes
/// through hang, as they do when a cable is pulled: nobody is told.
///
/// The names carry the number of this process, so that several runs do not meet; what a run left
/// behind that was ended by force is cleared away by the next.
class Networks {
public:
    static constexpr int kPartsMax = 4;

    /// What the cables of every computer carry.
    struct Wiring {
        bool hasIpv4 = true;
        bool hasIpv6 = false;
        /// If not zero: how long a frame takes. Then the switch can't be cut into parts, nor cables
        /// pulled.
        std::chrono::milliseconds delay{0};
    };

    /// Needs the right to make namespaces, and iproute2; else says in a sentence what is missing.
    [[nodiscard]] static std::expected<std::unique_ptr<Networks>, QString> open(int computers);
    [[nodiscard]] static std::expected<std::unique_ptr<Networks>, QString> open(int computers,
                                                                                Wiring wiring);
    ~Networks();
    Networks(const Networks &) = delete;
    Networks &operator=(const Networks &) = delete;

    /// For setns(); open as long as this object lives.
    [[nodiscard]] int namespaceOf(int computer) const;
    [[nodiscard]] QString hostOf(int computer) const;

    /// Computers of one list hear each other and nobody else; those in no list stay in the first.
    [[nodiscard]] bool part(const std::vector<std::vector<int>> &parts);
    [[nodiscard]] bool heal() { return part({}); }

    // ---- what happens to one computer's cables: eth0, and more that are added ----
    /// The cable is pulled, or put back.
    [[nodiscard]] bool setPlugged(int computer, bool isPlugged) const;
    /// It gets another address of IPv4, as from DHCP.
    [[nodiscard]] bool move(int computer, const QString &host) const;
    /// Another cable, to a switch of its own for everybody who has that number.
    [[nodiscard]] bool addCable(int computer, int number) const;
    /// Whatever its routes do not name goes out there.
    [[nodiscard]] bool setDefaultRoute(int computer, const QString &interfaceName) const;
    /// Likewise, and another computer is the router.
    [[nodiscard]] bool setRouter(int computer, int router) const;
    /// It passes on what comes to it, and hides who sent it behind its address at that cable (NAT):
    /// inside they reach who is outside, and nobody outside reaches them. Needs nftables.
    [[nodiscard]] bool beRouter(int computer, const QString &outside) const;
    /// At the switch that a cable with this number leads to.
    [[nodiscard]] static QString hostAt(int number, int computer);
    /// Switches pass groups on, or drop them as guest networks do. Broadcast is passed on.
    [[nodiscard]] bool setMulticast(bool isPassed) const;
    /// So many of a hundred packets that come to it are lost; none from 0 on. Needs nftables.
    [[nodiscard]] bool setLoss(int computer, int percent) const;
    /// Its cable carries no more than that, both ways. Needs the kernel's tbf.
    [[nodiscard]] bool setRate(int computer, int megabitsPerSecond) const;

private:
    Networks(int computers, Wiring wiring);
    [[nodiscard]] QStringList commandsFor(int computer) const;
    [[nodiscard]] QString nameOf(int computer) const;
    [[nodiscard]] QString hub() const;
    [[nodiscard]] std::expected<void, QString> make();
    [[nodiscard]] std::expected<void, QString> plugIn();
    static void clearLeftovers();

    int m_computers = 0;
    Wiring m_wiring;
    int m_number = 0; ///< of this object in this process
    std::vector<int> m_files;
    std::unique_ptr<DelayedSwitch> m_delayed;
};

} // namespace nlbd::mesh
