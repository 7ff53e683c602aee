//! Paths from points. A degenerate shape is `None` and draws nothing.

use tiny_skia::{Path, PathBuilder, Rect};

/// A closed or open outline; `None` where the points made no outline.
pub(super) type Shape = Option<Path>;
/// A point, x to the right and y down.
pub(super) type At = (f32, f32);

/// Straight-edged closed outline.
pub(super) fn polygon(points: &[At]) -> Shape {
    let mut path = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
    }
    path.close();
    path.finish()
}

/// Straight-edged open line.
pub(super) fn line(points: &[At]) -> Shape {
    let mut path = PathBuilder::new();
    for (i, &(x, y)) in points.iter().enumerate() {
        if i == 0 {
            path.move_to(x, y);
        } else {
            path.line_to(x, y);
        }
    }
    path.finish()
}

/// Closed outline running smoothly through the points (Catmull-Rom spline as cubics).
pub(super) fn blob(points: &[At]) -> Shape {
    let n = points.len();
    if n < 3 {
        return None;
    }
    let mut path = PathBuilder::new();
    path.move_to(points[0].0, points[0].1);
    for i in 0..n {
        let around = [points[(i + n - 1) % n], points[i], points[(i + 1) % n], points[(i + 2) % n]];
        spline_to(&mut path, around);
    }
    path.close();
    path.finish()
}

/// Open line running smoothly through the points.
pub(super) fn curve(points: &[At]) -> Shape {
    let mut path = PathBuilder::new();
    curve_onto(&mut path, points)?;
    path.finish()
}

/// The area under a smooth line: closed straight down to `base`.
pub(super) fn under_curve(points: &[At], base: f32) -> Shape {
    let mut path = PathBuilder::new();
    curve_onto(&mut path, points)?;
    let (first, last) = (points.first()?, points.last()?);
    path.line_to(last.0, base);
    path.line_to(first.0, base);
    path.close();
    path.finish()
}

/// The area under a jagged line: closed straight down to `base`.
pub(super) fn under_line(points: &[At], base: f32) -> Shape {
    let (first, last) = (*points.first()?, *points.last()?);
    let mut outline = points.to_vec();
    outline.push((last.0, base));
    outline.push((first.0, base));
    polygon(&outline)
}

/// Ellipse around a centre.
pub(super) fn ellipse(centre: At, rx: f32, ry: f32) -> Shape {
    let rect = Rect::from_xywh(centre.0 - rx, centre.1 - ry, rx * 2.0, ry * 2.0)?;
    PathBuilder::from_oval(rect)
}

/// Several ellipses (centre, half width, half height) as one outline.
pub(super) fn puffs(ellipses: &[(At, f32, f32)]) -> Shape {
    let mut path = PathBuilder::new();
    for (centre, rx, ry) in ellipses {
        if let Some(rect) = Rect::from_xywh(centre.0 - rx, centre.1 - ry, rx * 2.0, ry * 2.0) {
            path.push_oval(rect);
        }
    }
    path.finish()
}

/// Axis-parallel rectangle.
pub(super) fn rect(x: f32, y: f32, w: f32, h: f32) -> Shape {
    Some(PathBuilder::from_rect(Rect::from_xywh(x, y, w, h)?))
}

/// Rectangle with round corners.
pub(super) fn round_rect(x: f32, y: f32, w: f32, h: f32, radius: f32) -> Shape {
    let r = radius.min(w / 2.0).min(h / 2.0);
    let k = r * 0.448;
    let mut p = PathBuilder::new();
    p.move_to(x + r, y);
    p.line_to(x + w - r, y);
    p.cubic_to(x + w - k, y, x + w, y + k, x + w, y + r);
    p.line_to(x + w, y + h - r);
    p.cubic_to(x + w, y + h - k, x + w - k, y + h, x + w - r, y + h);
    p.line_to(x + r, y + h);
    p.cubic_to(x + k, y + h, x, y + h - k, x, y + h - r);
    p.line_to(x, y + r);
    p.cubic_to(x, y + k, x + k, y, x + r, y);
    p.close();
    p.finish()
}

/// Upright rectangle with a round arch on top; `y` is the top of the arch.
pub(super) fn arch(x: f32, y: f32, w: f32, h: f32) -> Shape {
    let r = w / 2.0;
    let k = r * 0.448;
    let mut p = PathBuilder::new();
    p.move_to(x, y + h);
    p.line_to(x, y + r);
    p.cubic_to(x, y + k, x + k, y, x + r, y);
    p.cubic_to(x + w - k, y, x + w, y + k, x + w, y + r);
    p.line_to(x + w, y + h);
    p.close();
    p.finish()
}

fn curve_onto(path: &mut PathBuilder, points: &[At]) -> Option<()> {
    let (first, last) = (*points.first()?, points.len() - 1);
    path.move_to(first.0, first.1);
    for i in 0..last {
        let around = [points[i.saturating_sub(1)], points[i], points[i + 1], points[(i + 2).min(last)]];
        spline_to(path, around);
    }
    Some(())
}

fn spline_to(path: &mut PathBuilder, [before, from, to, after]: [At; 4]) {
    path.cubic_to(
        from.0 + (to.0 - before.0) / 6.0,
        from.1 + (to.1 - before.1) / 6.0,
        to.0 - (after.0 - from.0) / 6.0,
        to.1 - (after.1 - from.1) / 6.0,
        to.0,
        to.1,
    );
}
