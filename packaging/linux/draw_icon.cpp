// Draws the app's icon in one size: menus that know no SVG want PNG files. Runs while the package
// is made, with the Qt that the app needs anyway.
//
//     draw_icon FILE.svg SIZE FILE.png

#include <QCoreApplication>
#include <QImage>
#include <QPainter>
#include <QSvgRenderer>
#include <QTextStream>

int main(int argc, char **argv)
{
    QCoreApplication application(argc, argv);
    const QStringList arguments = QCoreApplication::arguments();
    const int size = arguments.size() == 4 ? arguments[2].toInt() : 0;
    if (size < 1 || size > 1024) {
        QTextStream(stderr) << "usage: draw_icon FILE.svg SIZE FILE.png\n";
        return 2;
    }
    QSvgRenderer renderer(arguments[1]);
    QImage image(size, size, QImage::Format_ARGB32);
    image.fill(Qt::transparent);
    QPainter painter(&image);
    painter.setRenderHint(QPainter::Antialiasing);
    renderer.render(&painter);
    painter.end();
    if (!renderer.isValid() || !image.save(arguments[3], "PNG")) {
        QTextStream(stderr) << arguments[1] << " could not be drawn to " << arguments[3] << '\n';
        return 1;
    }
    return 0;
}
