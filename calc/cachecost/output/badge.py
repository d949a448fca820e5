"""A badge: two words side by side as an SVG, for a README."""

from html import escape

GREY, GREEN = "#555", "#2a7f3f"
WIDE = 7
"""Pixels of a letter: the text is set into as many as that, whatever font there is."""


def badge(label: str, text: str, *, good: bool) -> str:
    """The badge, with its second word on green where it is good news."""
    of_label, of_text = (len(each) * WIDE for each in (label, text))
    left, right = of_label + 12, of_text + 12
    label, text = escape(label), escape(text)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{left + right}" height="20" role="img" '
        f'aria-label="{label}: {text}"><rect width="{left}" height="20" fill="{GREY}"/>'
        f'<rect x="{left}" width="{right}" height="20" fill="{GREEN if good else GREY}"/>'
        f'<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
        f'<text x="6" y="14" textLength="{of_label}">{label}</text>'
        f'<text x="{left + 6}" y="14" textLength="{of_text}">{text}</text></g></svg>'
    )
