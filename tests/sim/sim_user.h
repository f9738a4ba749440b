#pragma once

#include "tests/sim/peer_shell.h"

#include "ui/editor/pending_edits.h"
#include <set>

namespace nlbd::sim {

class Checker;

/// A person at one computer, with a view of a document: types, deletes, undoes, opens, creates. The
/// view keeps the contract between view and engine with the real ui::PendingEdits, commands and
/// events cross in mailboxes with a little delay.
class SimUser {
public:
    SimUser(PeerShell &shell, Checker &checker);

    /// Begins, or begins again after a crash.
    void start();
    void crashed();
    void receive(const api::Event &event);

    /// Sends what is typed and stops.
    void rest();

    /// The view shows what the engine has. For when all is quiet.
    void checkView();

private:
    void submit(api::Command command);
    void handle(const api::Event &event);
    void actSoon();
    void act();
    void type();
    void remove();
    void edit(TextPatches patches, api::EditText::Cause cause);
    void openSomething();
    void open(DocIndex doc);
    [[nodiscard]] bool mayWrite() const;
    void opened(const api::DocumentOpened &event);
    void patched(const api::TextPatched &event);
    void caretMoved(const api::CaretMoved &event);

    [[nodiscard]] World &world() { return m_shell.world(); }

    PeerShell &m_shell;
    Checker &m_checker;
    std::uint64_t m_life = 0; ///< starts and crashes so far: old mailboxes are void
    MonoTime m_lastCommand{};
    MonoTime m_lastEvent{};

    std::vector<DocIndex> m_documents;
    std::size_t m_created = 0;
    std::optional<DocIndex> m_doc; ///< that the view shows
    bool m_isOpen = false;         ///< DocumentOpened came
    std::uint64_t m_view = 0;
    std::uint64_t m_opening = 0; ///< of the last DocumentOpened
    std::string m_text;
    std::set<DeviceIndex> m_previews; ///< of whom the view draws what is typed
    TextOffset m_caret = 0;
    ui::PendingEdits m_pending;
};

} // namespace nlbd::sim
