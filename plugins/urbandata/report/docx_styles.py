"""Named styles of the DOCX file: what a person restyles once instead of everywhere."""

from __future__ import annotations

from typing import Any

from docx.enum.style import WD_STYLE_TYPE
from docx.oxml.ns import qn
from docx.shared import Pt, RGBColor

from urbandata.report.docx_parts import element

FONT = "Arial"  # on every desk; metrics as Liberation Sans
INK, QUIET, BLUE = "1B2733", "4A5A68", "0B5A8F"
STAMP, STAMP_FILL, LINE = "4D3A00", "FFF3D6", "D5DDE5"
CHARACTER: dict[str, dict[str, Any]] = {
    "small": {"size": 8, "color": QUIET},
    "quiet": {"color": QUIET},
    "good": {"color": "00664F"},
    "bad": {"color": "9C1C1C"},
    "changed": {"color": STAMP, "bold": True},
    "strong": {"bold": True},
    "em": {"italic": True},
}
NAMES = {"small": "Klein", "quiet": "Leise", "good": "Guenstig", "bad": "Unguenstig",
         "changed": "Geaendert", "strong": "Strong", "em": "Emphasis", "": ""}  # fmt: skip
PARAGRAPH = {"note": "Anmerkung", "gap": "Datenluecke", "demo": "Demodaten", "lead": "Subtitle",
             "subheading": "Zwischentitel", "quote": "Zitat", "body": "Normal"}  # fmt: skip


def apply(document: Any, lang: str) -> None:
    """Fonts, sizes, colours and language of all styles the report uses."""
    styles = document.styles
    _font(styles["Normal"], 10, INK)
    styles["Normal"].paragraph_format.space_after = Pt(6)
    for level, size in ((1, 16), (2, 13), (3, 11)):
        _font(styles[f"Heading {level}"], size, INK, bold=True)
        styles[f"Heading {level}"].paragraph_format.space_before = Pt(20 - 4 * level)
        styles[f"Heading {level}"].paragraph_format.space_after = Pt(6)
    _font(styles["Title"], 26, INK, bold=True)
    _plain_border(styles["Title"])
    _font(styles["Subtitle"], 12, QUIET, italic=False)
    _font(styles["Caption"], 9, INK, bold=True)
    for name in ("List Bullet", "List Number", "Header", "Footer"):
        _font(styles[name], 10 if name.startswith("List") else 8.5, INK)
    _characters(styles)
    _paragraphs(styles)
    _language(styles, lang)


def _characters(styles: Any) -> None:
    for key, look in CHARACTER.items():
        name = NAMES[key]
        known = name in [s.name for s in styles]
        style = styles[name] if known else styles.add_style(name, WD_STYLE_TYPE.CHARACTER)
        style.font.bold, style.font.italic = look.get("bold"), look.get("italic")
        if "size" in look:
            style.font.size = Pt(look["size"])
        if "color" in look:
            style.font.color.rgb = RGBColor.from_string(look["color"])
    link = styles.add_style("Hyperlink", WD_STYLE_TYPE.CHARACTER)
    link.font.color.rgb = RGBColor.from_string(BLUE)
    link.font.underline = True
    mark = styles.add_style("Nachweiszeichen", WD_STYLE_TYPE.CHARACTER)
    mark.font.color.rgb = RGBColor.from_string(BLUE)
    mark.font.superscript = True


def _paragraphs(styles: Any) -> None:
    looks: dict[str, tuple[float, str, bool]] = {
        "Anmerkung": (8.5, QUIET, False), "Datenluecke": (10, QUIET, False),
        "Demodaten": (10, STAMP, True), "Zwischentitel": (10, INK, True),
        "Zitat": (10, INK, False), "Nachweis": (8.5, INK, False), "Tabellentext": (8.5, INK, False),
        "Tabellenkopf": (8.5, QUIET, True), "Verzeichnis": (10, INK, False),
    }  # fmt: skip
    for name, (size, color, bold) in looks.items():
        style = styles.add_style(name, WD_STYLE_TYPE.PARAGRAPH)
        style.base_style = styles["Normal"]
        _font(style, size, color, bold=bold)
    for name in ("Tabellentext", "Tabellenkopf", "Verzeichnis"):
        styles[name].paragraph_format.space_after = Pt(1)
    styles["Zwischentitel"].paragraph_format.keep_with_next = True
    styles["Zwischentitel"].paragraph_format.space_before = Pt(10)
    styles["Caption"].paragraph_format.space_before = Pt(8)
    for name, color in (("Datenluecke", LINE), ("Zitat", BLUE)):
        _left_bar(styles[name], color)
    shade = element("shd", val="clear", color="auto", fill=STAMP_FILL)
    styles["Demodaten"].element.get_or_add_pPr().append(shade)


def _font(style: Any, size: float, color: str, *, bold: bool = False, italic: bool = False) -> None:
    style.font.name, style.font.size = FONT, Pt(size)
    style.font.bold, style.font.italic = bold, italic
    style.font.color.rgb = RGBColor.from_string(color)
    fonts = style.element.get_or_add_rPr().get_or_add_rFonts()
    for name in list(fonts.attrib):
        if name.endswith("Theme"):
            del fonts.attrib[name]
    for script in ("ascii", "hAnsi", "cs", "eastAsia"):
        fonts.set(qn(f"w:{script}"), FONT)


def _left_bar(style: Any, color: str) -> None:
    borders = element("pBdr")
    borders.append(element("left", val="single", sz="18", space="8", color=color))
    properties = style.element.get_or_add_pPr()
    properties.insert_element_before(borders, "w:shd", "w:spacing", "w:ind", "w:jc")
    style.paragraph_format.left_indent = Pt(10)


def _plain_border(style: Any) -> None:
    properties = style.element.get_or_add_pPr()
    for found in properties.findall(qn("w:pBdr")):
        properties.remove(found)


def _language(styles: Any, lang: str) -> None:
    """Spelling and hyphenation, and what a screen reader speaks."""
    code = {"de": "de-DE", "en": "en-GB"}[lang]
    defaults = styles.element.find(qn("w:docDefaults")).find(qn("w:rPrDefault")).find(qn("w:rPr"))
    for found in defaults.findall(qn("w:lang")):
        defaults.remove(found)
    defaults.append(element("lang", val=code, eastAsia=code, bidi="ar-SA"))
