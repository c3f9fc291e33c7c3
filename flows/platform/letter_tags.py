"""What PDF/UA wants a letter's tags to say and WeasyPrint (70) says otherwise or not: set right in the PDF
before it is written."""

from __future__ import annotations

from typing import Any

import pydyf

_PIXEL = 0.75  # points


def complete_tags(pdf: pydyf.PDF, code: str) -> None:
    """Complete the tags of a letter, and tell how the attachment belongs to it.

    And write the code in the clear: a letter is known by it even when what is compressed can't be read.
    """
    pdf.add_object(pydyf.Stream([f"Letter {code}".encode()]))
    for item in _of(pdf, "S", "/LI"):
        _give_body(pdf, item)
    for row in _of(pdf, "S", "/TR"):
        _scope_headers([_target(pdf, cell) for cell in row["K"]])
    for figure in _of(pdf, "S", "/Figure"):
        _place(pdf, figure)
    [file] = _of(pdf, "Type", "/Filespec")
    file["AFRelationship"] = "/Data"
    pdf.catalog["AF"] = pydyf.Array([file.reference])


def _give_body(pdf: pydyf.PDF, item: Any) -> None:
    """An item of a list is its mark and its body, and nothing else."""
    kids = [(kid, _target(pdf, kid)) for kid in item["K"]]
    loose = [(kid, element) for kid, element in kids if element["S"] not in ("/Lbl", "/LBody")]
    if not loose:
        return
    body = pydyf.Dictionary(
        {
            "Type": "/StructElem",
            "S": "/LBody",
            "K": pydyf.Array(kid for kid, _ in loose),
            "Pg": item["Pg"],
            "P": item.reference,
        }
    )
    pdf.add_object(body)
    for _, element in loose:
        element["P"] = body.reference
    marks = [kid for kid, element in kids if element["S"] in ("/Lbl", "/LBody")]
    item["K"] = pydyf.Array([*marks, body.reference])


def _scope_headers(cells: list[Any]) -> None:
    """A header beside values is theirs, one among headers alone that of its column."""
    headers = [cell for cell in cells if cell["S"] == "/TH"]
    for header in headers:
        header["A"]["Scope"] = "/Column" if len(headers) == len(cells) else "/Row"


def _place(pdf: pydyf.PDF, figure: Any) -> None:
    """Say where a figure is as PDF counts: in points from the lower left corner of its page."""
    height = _target(pdf, figure["Pg"])["MediaBox"][3]
    left, top, right, bottom = (edge * _PIXEL for edge in figure["A"]["BBox"])
    figure["A"]["BBox"] = pydyf.Array((left, height - bottom, right, height - top))


def _of(pdf: pydyf.PDF, key: str, value: str) -> list[Any]:
    """The dictionaries that say this of themselves."""
    return [each for each in pdf.objects if isinstance(each, pydyf.Dictionary) and each.get(key) == value]


def _target(pdf: pydyf.PDF, reference: bytes) -> Any:
    return pdf.objects[int(reference.split()[0])]
