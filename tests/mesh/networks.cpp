#include "tests/mesh/networks.h"

#include "tests/mesh/delayed_switch.h"

#include <QCoreApplication>
#include <QDir>
#include <QFile>
#include <QProcess>

#include <csignal>
#include <fcntl.h>
#include <unistd.h>

namespace nlbd::mesh {

namespace {

constexpr int kToolMs = 30'000;
const QString kPrefix = QStringLiteral("nlbd-");
const QString kNamespaceFolder = QStringLiteral("/run/netns");

/// Runs a tool to its end: what it complains of.
std::expected<void, QString> run(const QString &tool, const QStringList &arguments,
                                 const QByteArray &input = {})
{
    QProcess process;
    process.start(tool, arguments);
    if (!process.waitForStarted(kToolMs))
        return std::unexpected(QStringLiteral("the program \"%1\" is not here").arg(tool));
    process.write(input);
    process.closeWriteChannel();
    if (!process.waitForFinished(kToolMs))
        return std::unexpected(QStringLiteral("\"%1\" did not end in time").arg(tool));
    if (process.exitCode() != 0) // what it says, on one line
        return std::unexpected(QString::fromUtf8(process.readAllStandardError()).simplified());
    return {};
}

/// Runs iproute2's commands one after the other, all in one process.
std::expected<void, QString> ip(const QStringList &where, const QStringList &commands)
{
    return run(QStringLiteral("ip"), where + QStringList{"-batch", "-"},
               (commands.join(QLatin1Char('\n')) + QLatin1Char('\n')).toUtf8());
}

QString portOf(int computer)
{
    return QStringLiteral("port%1").arg(computer);
}

QString partOf(int number)
{
    return QStringLiteral("part%1").arg(number);
}

bool isAlive(qint64 process)
{
    return ::kill(static_cast<pid_t>(process), 0) == 0 || errno == EPERM;
}

} // namespace

Networks::Networks(int computers, Wiring wiring)
    : m_computers(computers)
    , m_wiring(wiring)
{
    static int number = 0;
    m_number = ++number;
}

std::expected<std::unique_ptr<Networks>, QString> Networks::open(int computers)
{
    return open(computers, Wiring());
}

std::expected<std::unique_ptr<Networks>, QString> Networks::open(int computers, Wiring wiring)
{
    if (::geteuid() != 0)
        return std::unexpected(QStringLiteral("only root may make network namespaces"));
    clearLeftovers();
    std::unique_ptr<Networks> result(new Networks(computers, wiring));
    if (const auto made = result->make(); !made)
        return std::unexpected(made.error());
    return result;
}

// The switch has a namespace of its own: with it go all its ports and cables, and none of them is
// ever seen by this computer's own network.
std::expected<void, QString> Networks::make()
{
    QStringList namespaces{QStringLiteral("netns add ") + hub()};
    QStringList switches;
    for (int part = 0; part < kPartsMax; ++part)
        switches << QStringLiteral("link add name %1 type bridge stp_state 0 forward_delay 0 "
                                   "mcast_snooping 0")
                        .arg(partOf(part))
                 << QStringLiteral("link set %1 up").arg(partOf(part));
    for (int i = 0; i < m_computers; ++i) {
        namespaces << QStringLiteral("netns add ") + nameOf(i);
        if (m_wiring.delay.count() == 0)
            switches << QStringLiteral("link add name %1 type veth peer name eth0 netns %2")
                            .arg(portOf(i), nameOf(i))
                     << QStringLiteral("link set %1 master %2 up").arg(portOf(i), partOf(0));
    }
    if (const auto made = ip({}, namespaces); !made)
        return made;
    if (const auto made = ip({QStringLiteral("-n"), hub()}, switches); !made)
        return made;
    for (int i = 0; i < m_computers; ++i) {
        const QString file = kNamespaceFolder + QLatin1Char('/') + nameOf(i);
        m_files.push_back(::open(QFile::encodeName(file).constData(), O_RDONLY | O_CLOEXEC));
        if (m_files.back() < 0)
            return std::unexpected(file + QStringLiteral(" cannot be opened"));
    }
    return plugIn();
}

std::expected<void, QString> Networks::plugIn()
{
    if (m_wiring.delay.count() > 0) {
        auto delayed = DelayedSwitch::open(m_files, m_wiring.delay);
        if (!delayed)
            return std::unexpected(delayed.error());
        m_delayed = std::move(*delayed);
    }
    for (int i = 0; i < m_computers; ++i)
        if (const auto made = ip({QStringLiteral("-n"), nameOf(i)}, commandsFor(i)); !made)
            return made;
    return {};
}

// Addresses of IPv6 are given by hand: a kernel takes two seconds to see that nobody else has one.
QStringList Networks::commandsFor(int computer) const
{
    QStringList commands{QStringLiteral("link set lo up"),
                         QStringLiteral("link set eth0 addrgenmode none"),
                         QStringLiteral("link set eth0 up")};
    if (m_wiring.hasIpv4)
        commands << QStringLiteral("addr add %1/24 broadcast + dev eth0").arg(hostOf(computer));
    if (m_wiring.hasIpv6)
        commands << QStringLiteral("addr add fe80::77:%1/64 dev eth0 nodad").arg(computer + 1);
    return commands;
}

Networks::~Networks()
{
    m_delayed.reset();
    for (const int file : m_files)
        if (file >= 0)
            ::close(file);
    for (int i = 0; i < m_computers; ++i)
        (void)ip({}, {QStringLiteral("netns delete ") + nameOf(i)});
    (void)ip({}, {QStringLiteral("netns delete ") + hub()});
}

void Networks::clearLeftovers()
{
    for (const QString &name :
         QDir(kNamespaceFolder)
             .entryList({kPrefix + QLatin1Char('*')}, QDir::Files | QDir::System)) {
        const QStringList parts = name.split(QLatin1Char('-'));
        bool isNumber = false;
        const qint64 process = parts.value(1).toLongLong(&isNumber);
        if (isNumber && !isAlive(process))
            (void)ip({}, {QStringLiteral("netns delete ") + name});
    }
}

QString Networks::nameOf(int computer) const
{
    return QStringLiteral("%1%2-%3-%4")
        .arg(kPrefix)
        .arg(QCoreApplication::applicationPid())
        .arg(m_number)
        .arg(computer);
}

QString Networks::hub() const
{
    return QStringLiteral("%1%2-%3-hub")
        .arg(kPrefix)
        .arg(QCoreApplication::applicationPid())
        .arg(m_number);
}

int Networks::namespaceOf(int computer) const
{
    return m_files.at(static_cast<std::size_t>(computer));
}

QString Networks::hostOf(int computer) const
{
    return QStringLiteral("10.77.0.%1").arg(computer + 1);
}

bool Networks::part(const std::vector<std::vector<int>> &parts)
{
    std::vector<int> partOfEach(static_cast<std::size_t>(m_computers), 0);
    for (std::size_t number = 0; number < parts.size(); ++number)
        for (const int computer : parts[number])
            partOfEach.at(static_cast<std::size_t>(computer)) = static_cast<int>(number);
    QStringList moves;
    for (int i = 0; i < m_computers; ++i)
        moves << QStringLiteral("link set %1 master %2")
                     .arg(portOf(i), partOf(partOfEach[static_cast<std::size_t>(i)]));
    return ip({QStringLiteral("-n"), hub()}, moves).has_value();
}

bool Networks::setPlugged(int computer, bool isPlugged) const
{
    return ip({QStringLiteral("-n"), hub()},
              {QStringLiteral("link set %1 %2")
                   .arg(portOf(computer),
                        isPlugged ? QStringLiteral("up") : QStringLiteral("down"))})
        .has_value();
}

bool Networks::move(int computer, const QString &host) const
{
    return ip({QStringLiteral("-n"), nameOf(computer)},
              {QStringLiteral("addr flush dev eth0 scope global"),
               QStringLiteral("addr add %1/24 broadcast + dev eth0").arg(host)})
        .has_value();
}

bool Networks::addCable(int computer, int number) const
{
    const QString port = QStringLiteral("%1-%2").arg(portOf(computer)).arg(number);
    const QString name = QStringLiteral("eth%1").arg(number);
    return ip({QStringLiteral("-n"), hub()},
              {QStringLiteral("link add name %1 type veth peer name %2 netns %3")
                   .arg(port, name, nameOf(computer)),
               QStringLiteral("link set %1 master %2 up").arg(port, partOf(number))})
               .has_value()
        && ip({QStringLiteral("-n"), nameOf(computer)},
              {QStringLiteral("link set %1 addrgenmode none up").arg(name),
               QStringLiteral("addr add %1/24 broadcast + dev %2")
                   .arg(hostAt(number, computer), name)})
               .has_value();
}

bool Networks::setDefaultRoute(int computer, const QString &interfaceName) const
{
    return ip({QStringLiteral("-n"), nameOf(computer)},
              {QStringLiteral("route add default dev ") + interfaceName})
        .has_value();
}

bool Networks::setRouter(int computer, int router) const
{
    return ip({QStringLiteral("-n"), nameOf(computer)},
              {QStringLiteral("route add default via ") + hostOf(router)})
        .has_value();
}

bool Networks::beRouter(int computer, const QString &outside) const
{
    const QString rules = QStringLiteral("table ip nat {\n chain post {\n"
                                         "  type nat hook postrouting priority 100;\n"
                                         "  oifname \"%1\" masquerade\n }\n}\n")
                              .arg(outside);
    const QStringList inside{QStringLiteral("netns"), QStringLiteral("exec"), nameOf(computer)};
    return run(QStringLiteral("ip"),
               inside + QStringList{"sh", "-c", "echo 1 > /proc/sys/net/ipv4/ip_forward"})
               .has_value()
        && run(QStringLiteral("ip"), inside + QStringList{"nft", "-f", "-"}, rules.toUtf8())
               .has_value();
}

QString Networks::hostAt(int number, int computer)
{
    return QStringLiteral("10.77.%1.%2").arg(number).arg(computer + 1);
}

bool Networks::setMulticast(bool isPassed) const
{
    QStringList commands;
    for (int i = 0; i < m_computers; ++i)
        commands << QStringLiteral("link set %1 type bridge_slave mcast_flood %2")
                        .arg(portOf(i), isPassed ? QStringLiteral("on") : QStringLiteral("off"));
    return ip({QStringLiteral("-n"), hub()}, commands).has_value();
}

bool Networks::setLoss(int computer, int percent) const
{
    const QString rules = QStringLiteral("table inet loss\ndelete table inet loss\n"
                                         "table inet loss {\n chain in {\n"
                                         "  type filter hook input priority 0;\n"
                                         "  numgen random mod 100 < %1 drop\n }\n}\n")
                              .arg(percent);
    return run(QStringLiteral("ip"),
               {QStringLiteral("netns"), QStringLiteral("exec"), nameOf(computer),
                QStringLiteral("nft"), QStringLiteral("-f"), QStringLiteral("-")},
               rules.toUtf8())
        .has_value();
}

// A bucket of 16 KiB: a burst larger than that is no burst any more, it is a faster cable.
bool Networks::setRate(int computer, int megabitsPerSecond) const
{
    const auto limit = [megabitsPerSecond](const QString &name, const QString &device) {
        return run(QStringLiteral("ip"),
                   {QStringLiteral("netns"), QStringLiteral("exec"), name, QStringLiteral("tc"),
                    QStringLiteral("qdisc"), QStringLiteral("replace"), QStringLiteral("dev"),
                    device, QStringLiteral("root"), QStringLiteral("tbf"), QStringLiteral("rate"),
                    QStringLiteral("%1mbit").arg(megabitsPerSecond), QStringLiteral("burst"),
                    QStringLiteral("16kb"), QStringLiteral("latency"), QStringLiteral("400ms")})
            .has_value();
    };
    return limit(nameOf(computer), QStringLiteral("eth0")) && limit(hub(), portOf(computer));
}

} // namespace nlbd::mesh
