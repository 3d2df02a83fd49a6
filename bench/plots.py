"""Two kinds of SVG plots: bars, and curves with logarithms on both axes. Readable on light and dark pages."""

import math
from collections.abc import Iterator, Mapping, Sequence
from html import escape

WIDTH, HEIGHT = 640, 360
COLOURS = ("#3b82c4", "#d97706", "#2f9e6e")
GREY = "#8a8f98"
Points = Sequence[tuple[float, float]]


def bars(title: str, values: Mapping[str, float], marked: str) -> str:
    """A horizontal bar for each value, the largest first; `marked` has a colour."""
    left, row = 210, 30
    scale = (WIDTH - left - 70) / max(values.values())
    body = [_text(10, 22, title, size=14)]
    for n, (name, value) in enumerate(sorted(values.items(), key=lambda item: -item[1])):
        y = 40 + n * row
        body += [
            _text(left - 8, y + 15, name, anchor="end"),
            _bar(left, y, value * scale, COLOURS[0] if name == marked else GREY),
            _text(left + value * scale + 6, y + 15, f"{value:.1f}"),
        ]
    return _svg(50 + row * len(values), body)


def _bar(x: float, y: float, width: float, colour: str) -> str:
    return f'<rect x="{x:.1f}" y="{y:.1f}" width="{width:.1f}" height="20" fill="{colour}"/>'


def log_log(x_title: str, y_title: str, curves: Mapping[str, Points]) -> str:
    """A curve for each name that has points."""
    shown = {name: points for name, points in curves.items() if points}
    xs, ys = (_decades([point[n] for points in shown.values() for point in points]) for n in range(2))
    left, right, top, bottom = 70, WIDTH - 130, 30, HEIGHT - 45

    def x_of(value: float) -> float:
        return left + (right - left) * (math.log10(value) - xs[0]) / (xs[1] - xs[0])

    def y_of(value: float) -> float:
        return bottom - (bottom - top) * (math.log10(value) - ys[0]) / (ys[1] - ys[0])

    body = []
    for power in range(xs[0], xs[1] + 1):
        x = x_of(10**power)
        body += [_line(x, top, x, bottom), _text(x, bottom + 16, f"{10**power:,}", anchor="middle")]
    for power in range(ys[0], ys[1] + 1):
        y = y_of(10**power)
        body += [_line(left, y, right, y), _text(left - 6, y + 4, f"{10.0**power:g}", anchor="end")]
    body += [_text((left + right) / 2, HEIGHT - 8, x_title, anchor="middle"), _text(6, 14, y_title)]
    for colour, (name, points) in zip(COLOURS, shown.items(), strict=False):
        body += _curve(name, [(x_of(x), y_of(y)) for x, y in points], colour)
    return _svg(HEIGHT, body)


def _curve(name: str, points: Points, colour: str) -> Iterator[str]:
    path = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    yield f'<polyline points="{path}" fill="none" stroke="{colour}" stroke-width="2"/>'
    yield from (f'<circle cx="{x:.1f}" cy="{y:.1f}" r="3.5" fill="{colour}"/>' for x, y in points)
    yield _text(points[-1][0] + 8, points[-1][1] + 4, name, colour=colour)


def _decades(values: Sequence[float]) -> tuple[int, int]:
    """Powers of ten around the values."""
    low, high = math.floor(math.log10(min(values))), math.ceil(math.log10(max(values)))
    return low, max(high, low + 1)


def _line(x1: float, y1: float, x2: float, y2: float) -> str:
    return f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke="{GREY}" stroke-opacity="0.3"/>'


def _text(x: float, y: float, text: str, size: int = 12, anchor: str = "start", colour: str = GREY) -> str:
    place = f'x="{x:.1f}" y="{y:.1f}" font-size="{size}" text-anchor="{anchor}"'
    return f'<text {place} fill="{colour}">{escape(text)}</text>'


def _svg(height: int, body: Sequence[str]) -> str:
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" font-family="sans-serif">'
    return "\n".join([head, *body, "</svg>"]) + "\n"
