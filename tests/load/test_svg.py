from __future__ import annotations

from sagemaker_rt.load.scales import LinearScale
from sagemaker_rt.load.svg import Frame, element, legend, polyline


def test_an_element_has_attributes_with_escaped_values() -> None:
    text = element("text", "a", class_='"<b>"', text_anchor="end", x=1.26, y=2)

    assert (
        '<text class="&quot;&lt;b&gt;&quot;" text-anchor="end" x="1.3" y="2">a</text>'
        == text
    )


def test_a_line_is_interrupted_where_there_is_no_value() -> None:
    text = polyline([(0.0, 1.0), (2.0, 3.0), None, None, (4.0, 5.0)], "line p50")

    assert (
        '<polyline class="line p50" points="0.0,1.0 2.0,3.0"></polyline>'
        '<circle class="line p50 point" cx="4.0" cy="5.0" r="2"></circle>' == text
    )


def test_a_frame_maps_values_to_its_area() -> None:
    frame = Frame(LinearScale(10), LinearScale(100))

    assert (64.0, 944.0) == (frame.at_x(0), frame.at_x(10))
    assert (256.0, 36.0) == (frame.at_y(0), frame.at_y(100))


def test_a_drawn_frame_has_labels_at_both_axes() -> None:
    text = Frame(LinearScale(10), LinearScale(100)).drawn(
        "<g></g>",
        label="a & b",
        x_title="x < y",
        x_text=lambda value: f"{value:g} s",
        y_text=lambda value: f"{value:g} %",
    )

    assert text.startswith(
        '<svg viewBox="0 0 960 300" role="img" aria-label="a &amp; b">'
    )
    assert all(part in text for part in ("<g></g>", "x &lt; y", ">10 s<", ">100 %<"))


def test_entries_of_a_legend_do_not_overlap() -> None:
    text = legend([("p50", "long text"), ("p90", "b")], 64.0)

    assert (
        'class="key p50" x="64.0"' in text,
        'class="key p90" x="158.4"' in text,
    ) == (
        True,
        True,
    )
