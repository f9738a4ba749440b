#pragma once

#include <QDialog>

namespace nlbd::ui {

/// F1: what this is, in a few true sentences, and every key.
class HelpDialog : public QDialog {
    Q_OBJECT

public:
    explicit HelpDialog(QWidget *parent = nullptr);
};

class AboutDialog : public QDialog {
    Q_OBJECT

public:
    explicit AboutDialog(QWidget *parent = nullptr);
};

} // namespace nlbd::ui
