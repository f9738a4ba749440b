#pragma once

#include <expected>
#include <memory>
#include <QtCore>
#include <vector>

namespace nlbd::mesh {

/// Some computers in one room: each is a network namespace with an address of its own at one
/// switch, which can be cut into parts that do not hear each other. Sessions that a cut goes
/// through hang, as they do when a cable is pulled: nobody is told.
///
/// The names carry the number of this process, so that several runs do not meet; what a run left
/// behind that was ended by force is cleared away by the next.
class Networks {
public:
    static constexpr int kPartsMax = 4;

    /// Needs the right to make namespaces, and iproute2; else says in a sentence what is missing.
    [[nodiscard]] static std::expected<std::unique_ptr<Networks>, QString> open(int computers);
    ~Networks();
    Networks(const Networks &) = delete;
    Networks &operator=(const Networks &) = delete;

    /// For setns(); open as long as this object lives.
    [[nodiscard]] int namespaceOf(int computer) const;
    [[nodiscard]] QString hostOf(int computer) const;

    /// Computers of one list hear each other and nobody else; those in no list stay in the first.
    [[nodiscard]] bool part(const std::vector<std::vector<int>> &parts);
    [[nodiscard]] bool heal() { return part({}); }

private:
    explicit Networks(int computers);
    [[nodiscard]] QString nameOf(int computer) const;
    [[nodiscard]] QString hub() const;
    [[nodiscard]] std::expected<void, QString> make();
    static void clearLeftovers();

    int m_computers = 0;
    int m_number = 0; ///< of this object in this process
    std::vector<int> m_files;
};

} // namespace nlbd::mesh
