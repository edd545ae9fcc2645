"""Pieces of WordprocessingML that python-docx has no words for: fields, links, controls."""

from __future__ import annotations

import re
from typing import Any

from docx.opc.constants import RELATIONSHIP_TYPE
from docx.opc.packuri import PackURI
from docx.opc.part import Part
from docx.oxml import OxmlElement
from docx.oxml.ns import qn

SVG_EXTENSION = "{96DAC541-7B7A-43D3-8B79-37D633B846F1}"
SVG_NAMESPACE = "http://schemas.microsoft.com/office/drawing/2016/SVG/main"


def element(tag: str, **attributes: str) -> Any:
    """``w:tag`` with its ``w:`` attributes."""
    made = OxmlElement(f"w:{tag}")
    for name, text in attributes.items():
        made.set(qn(f"w:{name}"), text)
    return made


def bookmark_name(anchor: str) -> str:
    """An anchor as Word allows it: letters, digits and underscores, 40 at most."""
    return re.sub(r"\W", "_", f"b_{anchor}")[:40]


def bookmark(paragraph: Any, anchor: str, number: int) -> None:
    """Names a place; ``number`` is unique in the document."""
    start = element("bookmarkStart", id=str(number), name=bookmark_name(anchor))
    paragraph._p.append(start)
    paragraph._p.append(element("bookmarkEnd", id=str(number)))


def run(text: str, style: str = "") -> Any:
    """A run of text in a character style."""
    made = OxmlElement("w:r")
    if style:
        properties = OxmlElement("w:rPr")
        properties.append(element("rStyle", val=style))
        made.append(properties)
    words = OxmlElement("w:t")
    words.text = text
    words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
    made.append(words)
    return made


def field(parent: Any, instruction: str, shown: str, *, dirty: bool = False) -> None:
    """A field with the result that stands until Word computes it anew."""
    for kind in ("begin", "instruction", "separate", "shown", "end"):
        made = OxmlElement("w:r")
        if kind == "instruction":
            words = OxmlElement("w:instrText")
            words.text = f" {instruction} "
            words.set("{http://www.w3.org/XML/1998/namespace}space", "preserve")
            made.append(words)
        elif kind == "shown":
            made = run(shown)
        else:
            char = element("fldChar", fldCharType=kind)
            if kind == "begin" and dirty:
                char.set(qn("w:dirty"), "true")
            made.append(char)
        parent.append(made)


def internal_link(anchor: str, text: str, style: str = "Hyperlink") -> Any:
    """A link to a bookmark."""
    made = element("hyperlink", anchor=bookmark_name(anchor), history="1")
    made.append(run(text, style))
    return made


def external_link(part: Any, address: str, text: str) -> Any:
    """A link to an address."""
    made = OxmlElement("w:hyperlink")
    made.set(qn("r:id"), part.relate_to(address, RELATIONSHIP_TYPE.HYPERLINK, is_external=True))
    made.append(run(text, "Hyperlink"))
    return made


def control(key: str, text: str, number: int, style: str = "") -> Any:
    """A content control around a figure: its tag says which row of the build it is."""
    made = OxmlElement("w:sdt")
    properties = OxmlElement("w:sdtPr")
    if style:
        look = OxmlElement("w:rPr")
        look.append(element("rStyle", val=style))
        properties.append(look)
    properties.append(element("alias", val=key[:64]))
    properties.append(element("tag", val=key))
    properties.append(element("id", val=str(number)))
    properties.append(OxmlElement("w:text"))
    made.append(properties)
    content = OxmlElement("w:sdtContent")
    content.append(run(text, style))
    made.append(content)
    return made


def picture(inline: Any, part: Any, svg: str, number: int, alt: str) -> None:
    """Adds the vector drawing and the words to an inline PNG picture."""
    inline.docPr.set("descr", alt)
    drawing = Part(
        PackURI(f"/word/media/chart{number}.svg"), "image/svg+xml", svg.encode(), part.package
    )
    blip = inline.graphic.graphicData.pic.blipFill.blip
    listed = OxmlElement("a:extLst")
    extension = OxmlElement("a:ext")
    extension.set("uri", SVG_EXTENSION)
    vector = extension.makeelement(f"{{{SVG_NAMESPACE}}}svgBlip", nsmap={"asvg": SVG_NAMESPACE})
    vector.set(qn("r:embed"), part.relate_to(drawing, RELATIONSHIP_TYPE.IMAGE))
    extension.append(vector)
    listed.append(extension)
    blip.append(listed)


def restarted(document: Any, style: str) -> str:
    """A numbering of its own, so that each list begins at one; its id."""
    numbering = document.part.numbering_part.element
    base = document.styles[style].element.pPr.numPr.numId.val
    abstract = next(n for n in numbering.num_lst if n.numId == base).abstractNumId.val
    made = numbering.add_num(abstract)
    made.add_lvlOverride(ilvl=0).add_startOverride(1)
    return str(made.numId)
