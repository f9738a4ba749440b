#include "tests/support/fake_workspace.h"

namespace nlbd::testing {

FakeWorkspace::FakeWorkspace() = default;
FakeWorkspace::~FakeWorkspace() = default;

void FakeWorkspace::submit(api::Command command)
{
    commands.push_back(command);
    std::visit([this](const auto &value) { handle(value); }, command);
}

} // namespace nlbd::testing
