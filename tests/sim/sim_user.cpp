#include "tests/sim/sim_user.h"

#include "core/base/utf8.h"
#include "tests/sim/checker.h"
#include "tests/sim/soak.h"

namespace nlbd::sim {

namespace {

/// Longer documents only make a simulation slower.
constexpr TextOffset kTextMax = 1500;

} // namespace

SimUser::SimUser(PeerShell &shell, Checker &checker)
    : m_shell(shell)
    , m_checker(checker)
{
}

void SimUser::start()
{
    ++m_life;
    m_doc.reset();
    m_isOpen = false;
    m_previews.clear();
    m_documents.clear();
    m_shell.step(engine::Subscribe{});
    if (m_shell.isUp())
        actSoon();
}

void SimUser::crashed()
{
    ++m_life;
}

void SimUser::submit(api::Command command)
{
    m_lastCommand =
        std::max(m_lastCommand, world().queue.now() + world().between(Millis(0), Millis(20)));
    world().queue.at(m_lastCommand, [this, life = m_life, command = std::move(command)]() mutable {
        if (life == m_life)
            m_shell.step(std::move(command));
    });
}

void SimUser::receive(const api::Event &event)
{
    const bool concernsView = std::holds_alternative<api::DocumentsChanged>(event)
        || std::holds_alternative<api::Trouble>(event)
        || std::holds_alternative<api::DocumentOpened>(event)
        || std::holds_alternative<api::TextPatched>(event)
        || std::holds_alternative<api::CaretMoved>(event);
    if (!concernsView)
        return;
    m_lastEvent =
        std::max(m_lastEvent, world().queue.now() + world().between(Millis(0), Millis(20)));
    world().queue.at(m_lastEvent, [this, life = m_life, event] {
        if (life == m_life)
            handle(event);
    });
}

void SimUser::caretMoved(const api::CaretMoved &event)
{
    if (!m_isOpen || event.view != m_view)
        return;
    m_pending.acknowledge(event.includesSerial);
    m_previews.erase(event.device);
    if (!event.preview)
        return;
    m_previews.insert(event.device);
    const bool isInside = m_pending.placeInView(event.preview->at) <= utf8::length(m_text);
    if (!isInside || event.preview->text.empty())
        m_checker.fail("view", &m_shell, "a preview stands outside the text");
}

void SimUser::handle(const api::Event &event)
{
    if (const auto *list = std::get_if<api::DocumentsChanged>(&event)) {
        m_documents.clear();
        for (const api::DocumentInfo &document : list->documents)
            m_documents.push_back(document.doc);
    } else if (const auto *openedNow = std::get_if<api::DocumentOpened>(&event)) {
        opened(*openedNow);
    } else if (const auto *patch = std::get_if<api::TextPatched>(&event)) {
        patched(*patch);
    } else if (const auto *caret = std::get_if<api::CaretMoved>(&event)) {
        caretMoved(*caret);
    } else if (const auto *trouble = std::get_if<api::Trouble>(&event)) {
        if (trouble->kind == api::Trouble::Kind::MayNotWrite && m_doc)
            open(*m_doc); // what was typed is not taken: the view begins anew
    }
}

void SimUser::opened(const api::DocumentOpened &event)
{
    if (event.view != m_view)
        return;
    m_isOpen = true;
    m_text = event.text;
    m_opening = event.opening;
    m_pending.reset();
    m_caret = utf8::length(m_text);
}

void SimUser::patched(const api::TextPatched &event)
{
    if (!m_isOpen || event.view != m_view)
        return;
    if (event.patch != m_pending.patch() + 1)
        m_checker.fail("view", &m_shell, "a patch number was left out");
    const TextPatches patches = m_pending.receive(event.patch, event.includesSerial, event.patches);
    if (!fits(patches, utf8::length(m_text))) {
        m_checker.fail("view", &m_shell, "a patch does not fit the text of the view");
        return;
    }
    applyTo(m_text, patches);
    for (const TextPatch &patch : patches)
        m_caret = caretAfter(patch, m_caret);
}

void SimUser::actSoon()
{
    // Bursts of typing, then a pause.
    const bool isBurst = world().random.below(4) != 0;
    const Millis pause = isBurst ? world().between(Millis(40), Millis(220))
                                 : world().around(world().profile.editEvery * 3);
    world().queue.after(pause, [this, life = m_life] {
        if (life != m_life || !world().isActive)
            return;
        act();
        actSoon();
    });
}

void SimUser::act()
{
    if (m_shell.isAsleep() || m_shell.device() == PeerShell::kNobody
        || (world().profile.hasOfficeHours && isLunch(world().queue.now())))
        return;
    if (!m_doc || m_documents.empty() || world().random.below(60) == 0) {
        openSomething();
        return;
    }
    if (!m_isOpen || !mayWrite())
        return;
    const std::uint64_t draw = world().random.below(100);
    if (draw < 70)
        type();
    else if (draw < 86)
        remove();
    else if (draw < 91)
        submit(api::Undo{*m_doc});
    else if (draw < 93)
        submit(api::Redo{*m_doc});
    else if (draw < 97)
        m_caret = static_cast<TextOffset>(world().random.below(utf8::length(m_text) + 1U));
    else if (draw < 98)
        submit(api::RenameDocument{*m_doc, "Title " + std::to_string(world().random.below(100))});
    else if (draw < 99)
        submit(api::MoveCaret{*m_doc, m_view, m_pending.patch(), m_pending.serial(), m_caret,
                              m_caret, m_opening});
    else
        submit(api::Flush{});
}

void SimUser::openSomething()
{
    const bool shouldCreate =
        m_created < 2 && world().profile.peers <= 8 && world().random.below(4) == 0;
    const bool isFirst = m_documents.empty() && m_shell.number() == 0 && m_created == 0;
    if (shouldCreate || isFirst) {
        ++m_created;
        submit(api::CreateDocument{m_created, "Page " + std::to_string(m_shell.number()),
                                   isFirst ? "Once upon a time\n" : ""});
    }
    if (!m_documents.empty())
        open(m_documents[world().random.below(m_documents.size())]);
}

bool SimUser::mayWrite() const
{
    if (!m_shell.isReachable())
        return false;
    const identity::Device *row = m_shell.engine().configuration().device(m_shell.device());
    return row != nullptr && row->mayWrite;
}

void SimUser::open(DocIndex doc)
{
    if (m_doc)
        submit(api::CloseDocument{*m_doc, m_view});
    m_doc = doc;
    m_isOpen = false;
    m_previews.clear();
    submit(api::OpenDocument{*m_doc, ++m_view});
}

void SimUser::type()
{
    static constexpr std::string_view kLetters[] = {"e", "t", "a", "o",  "n",
                                                    "ß", "é", "–", "漢", "😀"};
    std::string text;
    const bool isPaste = world().random.below(25) == 0;
    const std::uint64_t count =
        isPaste ? 20 + world().random.below(60) : 1 + world().random.below(4);
    for (std::uint64_t i = 0; i < count; ++i)
        text += world().random.below(6) == 0 ? " "
                                             : kLetters[world().random.below(std::size(kLetters))];
    const bool isNewline = world().random.below(12) == 0;
    if (isNewline)
        text = "\n";
    if (utf8::length(m_text) > kTextMax)
        return;
    const TextOffset at = m_caret;
    m_caret += utf8::length(text);
    using Cause = api::EditText::Cause;
    edit({{at, 0, text}}, isNewline ? Cause::Newline : isPaste ? Cause::Paste : Cause::Typing);
}

void SimUser::remove()
{
    const TextOffset length = utf8::length(m_text);
    if (length == 0)
        return;
    const auto count =
        static_cast<TextOffset>(1 + world().random.below(world().random.below(8) == 0 ? 30 : 3));
    if (world().random.below(3) == 0 && m_caret < length) {
        // Replaces a selection.
        const TextOffset removed = std::min(count, length - m_caret);
        edit({{m_caret, removed, "ab"}}, api::EditText::Cause::Typing);
        return;
    }
    const TextOffset removed = std::min(count, m_caret);
    if (removed == 0)
        return;
    m_caret -= removed;
    edit({{m_caret, removed, {}}}, api::EditText::Cause::Typing);
}

void SimUser::edit(TextPatches patches, api::EditText::Cause cause)
{
    const std::uint64_t basePatch = m_pending.patch();
    applyTo(m_text, patches);
    const std::uint64_t serial = m_pending.add(patches);
    submit(api::EditText{*m_doc, m_view, basePatch, serial, std::move(patches), cause, m_opening});
}

void SimUser::rest()
{
    submit(api::Flush{});
}

void SimUser::checkView()
{
    // What was sent in this very moment may not have arrived.
    const bool isUnderWay = world().queue.now() <= std::max(m_lastEvent, m_lastCommand);
    if (!m_isOpen || !m_shell.isUp() || isUnderWay) // the hostile need not be quiet
        return;
    const std::optional<std::string> text = m_shell.engine().text(*m_doc);
    // All that made the document may be void.
    if (!text && std::ranges::find(m_documents, *m_doc) == m_documents.end())
        return;
    if ((!text || *text != m_text) && world().isTraced)
        std::printf("view:   %s\nengine: %s\n", m_text.c_str(), text.value_or("none").c_str());
    if (!text || *text != m_text)
        m_checker.fail("view", &m_shell, "the view shows another text than the engine has");
    // Everybody has rested: whatever was typed is in changes that are here.
    for (const DeviceIndex device : m_previews)
        if (m_checker.isHonest(device))
            m_checker.fail("view", &m_shell, "a preview stayed after its text had come");
}

} // namespace nlbd::sim
