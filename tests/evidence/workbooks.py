"""Workbooks for the tests, written as bytes."""

import zipfile
from pathlib import Path

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "xl/_rels/workbook.xml.rels"
_TEXTS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings"


def made_workbook(path: Path, rows: str, texts: str = "") -> Path:
    """A workbook whose sheet has these rows, as XML, and whose cells may name these texts."""
    with zipfile.ZipFile(workbook(path, ("id",))) as archive:
        parts = {name: archive.read(name).decode() for name in archive.namelist()}
    sheet = f'<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'
    parts |= {"xl/worksheets/sheet1.xml": sheet, "xl/sharedStrings.xml": texts or f'<sst xmlns="{MAIN}"/>'}
    link = f'<Relationship Id="r3" Type="{_TEXTS}" Target="sharedStrings.xml"/></Relationships>'
    parts[_LINKS] = parts[_LINKS].replace("</Relationships>", link)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path


def workbook(path: Path, *rows: tuple[str | float, ...]) -> Path:
    """A workbook as small as one can be; numbers are dates."""
    cells = "".join(
        f'<row r="{number}">'
        + "".join(
            f'<c s="1"><v>{cell}</v></c>' if isinstance(cell, float)
            else f'<c t="inlineStr"><is><t>{cell}</t></is></c>'
            for cell in row
        )
        + "</row>"
        for number, row in enumerate(rows, 1)
    )  # fmt: skip
    office = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    package = "http://schemas.openxmlformats.org/package/2006"
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{package}/content-types"/>',
        "_rels/.rels": f'<Relationships xmlns="{package}/relationships"><Relationship Id="r1" '
        f'Type="{office}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{office}"><sheets>'
        '<sheet name="Tickets" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{package}/relationships">'
        f'<Relationship Id="r1" Type="{office}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{office}/styles" Target="styles.xml"/></Relationships>',
        "xl/styles.xml": f'<styleSheet xmlns="{MAIN}"><cellXfs count="2"><xf numFmtId="0"/>'
        '<xf numFmtId="22" applyNumberFormat="1"/></cellXfs></styleSheet>',
        "xl/worksheets/sheet1.xml": f'<worksheet xmlns="{MAIN}"><sheetData>{cells}</sheetData></worksheet>',
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return path
