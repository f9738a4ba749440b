#pragma once

#include "tests/mesh/networks.h"
#include "tests/mesh/process.h"
#include "tests/mesh/reaper.h"

#include <QJsonObject>
#include <QProcess>
#include <QString>
#include <QStringList>
#include <QTemporaryDir>

#include <chrono>
#include <functional>

namespace nlbd::mesh {

// With a sanitizer a start, which reads thousands of changes, takes some ten seconds on a busy
// machine: longer than most of the lives that a storm leaves otherwise.
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr int kSlowness = 20;
inline constexpr std::chrono::seconds kPatience{480};
#else
inline constexpr int kSlowness = 1;
inline constexpr std::chrono::seconds kPatience{180};
#endif

/// People around a table: each a process in a network namespace of its own. The honest run
/// nlbd-peer, which types all the time, may be killed at any moment and is started again; the
/// hostile are members as well and mount the attacks of nlbd-malory without end.
///
/// Everything that is asked of a process is asked until it is done: whoever is killed in the middle
/// of a verb is looked at after the next start, and nothing is asked for twice.
class Table {
public:
    struct Setting {
        QStringList honest;
        QStringList hostile;
        int guests = 0;              ///< computers for people who come later
        bool hasWrongClocks = false; ///< those of the honest can be set
        quint64 seed = 1;
    };
    /// Says what is missing where namespaces cannot be had.
    [[nodiscard]] static std::expected<std::unique_ptr<Table>, QString>
    open(const Setting &setting);
    ~Table();
    Table(const Table &) = delete;
    Table &operator=(const Table &) = delete;

    // ---- who is here ----
    [[nodiscard]] std::vector<Peer *> honest() const;
    [[nodiscard]] std::vector<Peer *> hostile() const;
    [[nodiscard]] Peer &named(const QString &name) const;
    /// Somebody honest who was not there when it was founded, online in a namespace of his own.
    [[nodiscard]] Peer *add(const QString &name);

    /// All members found the workspace, by their cards. False if one of them does not come along.
    [[nodiscard]] bool found();

    // ---- what happens to them ----
    /// From now on honest processes are killed, and typed in.
    void beginStorm(Reaper::Pause pause);
    void endStorm();
    [[nodiscard]] int killsOf(const Peer &peer) const;
    /// Whose process ended without being told to, of the honest.
    [[nodiscard]] const QStringList &crashed() const { return m_crashed; }
    /// What the hostile member does until told otherwise: "texts", "council" or "all".
    void attack(const QString &name, const QString &attacks, const QStringList &without = {});
    /// How many of his attacks reached somebody so far.
    [[nodiscard]] int attacksOf(const QString &name) const;
    /// He does as the honest do, online and without attacks.
    [[nodiscard]] bool behave(const QString &name);
    /// He stands still until he is woken, and nobody kills him meanwhile. Nobody may ask him
    /// anything.
    [[nodiscard]] bool freeze(const QString &name);
    [[nodiscard]] bool wake(const QString &name);
    [[nodiscard]] bool part(const std::vector<QStringList> &parts);
    [[nodiscard]] bool heal() { return m_networks->heal(); }

    /// Waits, and keeps everybody alive meanwhile. False if it did not come true in time.
    [[nodiscard]] bool eventually(const std::function<bool()> &isTrue,
                                  std::chrono::seconds patience = kPatience);
    [[nodiscard]] bool everybody(const std::function<bool(const Peer &)> &isTrue);

    // ---- what they do, until it is done ----
    [[nodiscard]] bool makeDocument(Peer &who, const QString &title);
    /// A line that nobody else types, at the end; remembered for the checks.
    [[nodiscard]] bool type(Peer &who, const QString &title);
    /// The identity of the proposal; empty if it was refused.
    [[nodiscard]] QString propose(Peer &who, const QStringList &wish, const QString &words);
    /// All of them say yes, or it was decided before they could.
    [[nodiscard]] bool agree(const QString &words, const QStringList &names);

    // ---- what one sees ----
    [[nodiscard]] static QString textOf(const Peer &peer, const QString &title);
    [[nodiscard]] static bool hasDecided(const Peer &peer, const QString &words);
    [[nodiscard]] static int epochOf(const Peer &peer);
    [[nodiscard]] static QJsonObject openProposal(const Peer &peer, const QString &words);
    [[nodiscard]] const QStringList &lines() const { return m_lines; }
    /// Standings of all: what a failed test prints.
    [[nodiscard]] QString story() const;

private:
    struct Seat {
        std::unique_ptr<Peer> peer;
        bool isHonest = true;
        int computer = 0;
        int starts = 0;
        QString attacks; ///< empty: it runs nlbd-peer
        QStringList without;
        std::unique_ptr<QProcess> malory;
    };
    explicit Table(const Setting &setting);
    Seat &sit(const QString &name, bool isHonest);
    [[nodiscard]] Seat &seatOf(const Peer &peer);
    [[nodiscard]] bool start(Seat &seat);
    void revive();
    void mount(Seat &seat);
    /// It is so, and what makes it so is on the disk of the process.
    [[nodiscard]] bool stands(Peer &who, const std::function<bool()> &isTrue);

    Setting m_setting;
    std::unique_ptr<Networks> m_networks;
    QTemporaryDir m_folder;
    std::vector<std::unique_ptr<Seat>> m_seats;
    std::unique_ptr<Reaper> m_reaper;
    QStringList m_lines;
    QStringList m_crashed;
    bool m_types = false;
};

} // namespace nlbd::mesh
