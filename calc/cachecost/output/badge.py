"""A badge: two words side by side as an SVG, for a README."""

from html import escape

GREY, GREEN = "#555", "#2a7f3f"
WIDE = 7
"""Pixels of a letter: the text is set into as many as that, whatever font there is."""
BADGE = (
    '<svg xmlns="http://www.w3.org/2000/svg" width="{whole}" height="20" role="img" aria-label="{label}: {text}">'
    '<rect width="{left}" height="20" fill="{grey}"/><rect x="{left}" width="{right}" height="20" fill="{colour}"/>'
    '<g fill="#fff" font-family="Verdana,DejaVu Sans,sans-serif" font-size="11">'
    '<text x="6" y="14" textLength="{of_label}">{label}</text>'
    '<text x="{begin}" y="14" textLength="{of_text}">{text}</text></g></svg>'
)


def badge(label: str, text: str, *, good: bool) -> str:
    """The badge, with its second word on green where it is good news."""
    of_label, of_text = (WIDE * len(each) for each in (label, text))
    left, right = of_label + 12, of_text + 12
    return BADGE.format(
        label=escape(label),
        text=escape(text),
        grey=GREY,
        colour=GREEN if good else GREY,
        of_label=of_label,
        of_text=of_text,
        left=left,
        right=right,
        whole=left + right,
        begin=left + 6,
    )
