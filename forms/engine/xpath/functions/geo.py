"""Places: ``latitude longitude altitude accuracy`` with spaces between, traces and shapes with ``;`` between points.

The Earth is a sphere with its equatorial radius; altitude does not count (specification). Metres and square metres.
"""

from __future__ import annotations

import math
from itertools import pairwise

from forms.engine.xpath.errors import XPathValueError
from forms.engine.xpath.values import Value, text_to_number, to_string

EARTH_RADIUS_M = 6_378_100.0
_METRES_PER_DEGREE = 2 * EARTH_RADIUS_M * math.pi / 360
Point = tuple[float, float]


def parse_point(text: str) -> Point | None:
    """Latitude and longitude in degrees; None for what is no place on Earth."""
    parts = text.split()
    if not 2 <= len(parts) <= 4:
        return None
    numbers = [text_to_number(part) for part in parts]
    if any(n != n for n in numbers) or not (abs(numbers[0]) <= 90 and abs(numbers[1]) <= 180):
        return None
    if len(numbers) == 4 and numbers[3] < 0:
        return None
    return numbers[0], numbers[1]


def parse_points(text: str) -> list[Point] | None:
    """The points of a trace or shape, a trailing ``;`` allowed; None if one of them is no place."""
    points: list[Point] = []
    for part in text.strip().removesuffix(";").split(";"):
        point = parse_point(part)
        if point is None:
            return None
        points.append(point)
    return points


def _points_of(values: tuple[Value, ...]) -> list[Point] | None:
    """Points of one trace or shape, or of several single points, blank ones passed over; None if one is no place."""
    texts: list[str] = []
    for value in values:
        texts.extend(value if type(value) is list else [to_string(value)])
    several = len(texts) > 1
    texts = [text for text in texts if text.strip()]
    if not texts:
        return []
    if not several:
        return parse_points(texts[0])
    points = [parse_point(text) for text in texts]
    return None if None in points else [p for p in points if p is not None]


def area(*values: Value) -> float:
    """Square metres inside a shape or inside several points; 0 for fewer than three points or none at all.

    The shape is laid flat around its first point, east-west lengths shortened by the cosine of each point's latitude:
    what field users know from Collect.
    """
    points = _points_of(values)
    if points is None or len(points) < 3:
        return 0.0
    first_latitude, first_longitude = points[0]
    flat = [
        (
            (longitude - first_longitude) * _METRES_PER_DEGREE * math.cos(math.radians(latitude)),
            (latitude - first_latitude) * _METRES_PER_DEGREE,
        )
        for latitude, longitude in points[1:]
    ]
    return abs(sum((y1 * x2 - x1 * y2) / 2 for (x1, y1), (x2, y2) in pairwise(flat)))


def distance(*values: Value) -> float:
    """Metres along a trace, around a shape, or from each of several points to the next; 0 of nothing but blanks.

    Raises:
        XPathValueError: something else than places, or a single point.
    """
    points = _points_of(values)
    if points is None or len(points) == 1:
        raise XPathValueError("distance", "它要两个以上的坐标点")
    return sum((_between(a, b) for a, b in pairwise(points)), 0.0)


def _between(a: Point, b: Point) -> float:
    phi, theta = math.radians(a[0]), math.radians(b[0])
    cosine = math.sin(phi) * math.sin(theta) + math.cos(phi) * math.cos(theta) * math.cos(math.radians(a[1] - b[1]))
    # Rounding can carry the cosine of two equal places above 1.
    return math.acos(min(1.0, max(-1.0, cosine))) * EARTH_RADIUS_M


def geofence(point: str, shape: str) -> bool:
    """Whether the point lies inside the shape (even-odd rule); false if either is blank or no place."""
    here, corners = parse_point(point), parse_points(shape)
    if here is None or corners is None:
        return False
    y, x = here
    inside = False
    for (y1, x1), (y2, x2) in pairwise(corners):
        if (y2 > y) != (y1 > y) and x < (x1 - x2) * (y - y2) / (y1 - y2) + x2:
            inside = not inside
    return inside


def intersects(line: str) -> bool:
    """Whether a trace or shape crosses or touches itself elsewhere than where neighbouring stretches meet."""
    points = parse_points(line)
    if points is None:
        return False
    stretches = [(a, b) for a, b in pairwise(points) if a != b]
    closed = len(stretches) > 2 and stretches[0][0] == stretches[-1][1]
    for i, one in enumerate(stretches):
        for j in range(i + 1, len(stretches)):
            other = stretches[j]
            neighbours = j == i + 1 or (closed and i == 0 and j == len(stretches) - 1)
            if _turns_back(one, other) if neighbours and j == i + 1 else not neighbours and _cross(one, other):
                return True
    return False


def _turn(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def _on(a: Point, b: Point, c: Point) -> bool:
    return min(a[0], b[0]) <= c[0] <= max(a[0], b[0]) and min(a[1], b[1]) <= c[1] <= max(a[1], b[1])


def _turns_back(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (_, c) = one, other
    return _turn(a, b, c) == 0 and (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1]) < 0


def _cross(one: tuple[Point, Point], other: tuple[Point, Point]) -> bool:
    (a, b), (c, d) = one, other
    t1, t2, t3, t4 = _turn(a, b, c), _turn(a, b, d), _turn(c, d, a), _turn(c, d, b)
    if t1 * t2 < 0 and t3 * t4 < 0:
        return True
    touching = ((t1, a, b, c), (t2, a, b, d), (t3, c, d, a), (t4, c, d, b))
    return any(turn == 0 and _on(p, q, r) for turn, p, q, r in touching)
