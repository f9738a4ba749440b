#pragma once

#include "tests/support/fake_lobby.h"
#include "ui/editor/document_view.h"
#include "ui/main_window.h"
#include "ui/words.h"

#include <QTest>

#include <memory>

/// A workspace with people and texts as in the pictures of the design, and a window upon it.
namespace nlbd::testing {

extern const char *const kCharter;

struct Scene {
    std::shared_ptr<FakeWorkspace> workspace = std::make_shared<FakeWorkspace>();
    std::unique_ptr<ui::MainWindow> window;
    DocIndex charter;

    Scene();
    ~Scene();
    Scene(const Scene &) = delete;
    Scene &operator=(const Scene &) = delete;

    static constexpr int kPatienceMs = 60'000; ///< 8 MB under a sanitizer on a busy machine

    void open(bool waits = true);

    /// All events that are under way have arrived and been applied.
    void settle() { QTest::qWait(40); }

    void showMarks();

    /// Somebody is typing this there.
    void preview(DeviceIndex device, TextOffset at, std::string text)
    {
        workspace->caret(charter, device, at, at, api::CaretMoved::Preview{at, std::move(text)});
    }

    void refuse(std::uint64_t count);
    void prove();
};

/// The window with this text on its page, which has the focus.
ui::DocumentView &openWith(Scene &scene, const std::string &text);

/// Selects from `anchor` to `caret`, in units of the view.
void place(ui::DocumentView &view, int anchor, int caret);

[[nodiscard]] api::NeighboursChanged neighbours();
[[nodiscard]] api::FoundingChanged founding(api::FoundingInfo::State state, bool isMine);
[[nodiscard]] api::WorkspacesChanged workspaceList();

} // namespace nlbd::testing
