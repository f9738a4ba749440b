#pragma once

namespace nlbd::ui {

/// From now on screen readers are told what Qt 6.4 leaves out of its widgets: that a button opens a
/// menu, what is in it and how to open it (Qt's own answer for a button whose menu opens at once
/// does nothing), that a window is one, and that the status line is one. To be called before the
/// first window.
void useWidgetReaders();

} // namespace nlbd::ui
