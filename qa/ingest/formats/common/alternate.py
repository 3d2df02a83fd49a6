"""Alternative forms of the same content in an Office file, of which a program shows the first that it understands."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from lxml.etree import _Element

__all__ = ["settle_alternatives"]

_COMPATIBILITY = "{http://schemas.openxmlformats.org/markup-compatibility/2006}"
_MICROSOFT = "http://schemas.microsoft.com/office/"
_ECMA = "http://schemas.openxmlformats.org/"
_KNOWN = frozenset(
    {
        *(f"{_MICROSOFT}word/2010/wordprocessing{part}" for part in ("Canvas", "Drawing", "Group", "Ink", "Shape")),
        *(f"{_MICROSOFT}word/{part}" for part in ("2006/wordml", "2010/wordml", "2012/wordml", "2018/wordml")),
        *(f"{_MICROSOFT}word/{part}" for part in ("2015/wordml/symex", "2016/wordml/cid", "2018/wordml/cex")),
        *(f"{_MICROSOFT}word/{part}" for part in ("2020/wordml/sdtdatahash", "2023/wordml/word16du")),
        *(f"{_MICROSOFT}drawing/{part}" for part in ("2007/8/2/chart", "2008/diagram", "2010/main", "2012/main")),
        *(f"{_MICROSOFT}drawing/{part}" for part in ("2010/chartDrawing", "2010/diagram", "2012/chart", "2014/main")),
        *(f"{_MICROSOFT}drawing/{part}" for part in ("2010/slicer", "2012/slicer", "2014/chartex", "2016/ink")),
        *(f"{_MICROSOFT}drawing/{part}" for part in ("2015/9/8/chartex", "2015/10/21/chartex", "2016/SVG/main")),
        *(f"{_MICROSOFT}drawing/2016/5/{day}/chartex" for day in range(9, 15)),
        *(f"{_MICROSOFT}drawing/{part}" for part in ("2017/model3d", "2017/decorative", "2017/03/chart")),
        *(f"{_MICROSOFT}powerpoint/{part}" for part in ("2010/main", "2012/main", "2015/main", "2015/09/main")),
        *(f"{_MICROSOFT}powerpoint/2016/{part}zoom" for part in ("section", "slide", "summary")),
        *(f"{_MICROSOFT}powerpoint/{part}" for part in ("2014/inkAction", "2018/8/main")),
        f"{_MICROSOFT}webextensions/webextension/2010/11",
        *(f"{_ECMA}{part}/2006/main" for part in ("wordprocessingml", "drawingml", "presentationml")),
        *(f"{_ECMA}drawingml/2006/{part}" for part in ("wordprocessingDrawing", "chart", "diagram", "picture")),
        *(f"{_ECMA}officeDocument/2006/{part}" for part in ("math", "relationships")),
        *(f"urn:schemas-microsoft-com:{part}" for part in ("vml", "office:office", "office:word", "office:powerpoint")),
    }
)  # namespaces that Office 2021 understands


def settle_alternatives(root: "_Element") -> None:
    """Replace each `mc:AlternateContent` with the branch that is shown: the first choice whose namespaces are known,
    else the fallback.
    """
    for alternate in list(root.iter(f"{_COMPATIBILITY}AlternateContent")):
        if alternate.getparent() is None:
            continue
        shown = next((branch for branch in alternate if _is_shown(branch)), ())
        for node in list(shown):
            alternate.addprevious(node)
        alternate.getparent().remove(alternate)


def _is_shown(branch: "_Element") -> bool:
    if branch.tag == f"{_COMPATIBILITY}Fallback":
        return True
    required = (branch.get("Requires") or "").split()
    known = all(branch.nsmap.get(prefix) in _KNOWN for prefix in required)
    return branch.tag == f"{_COMPATIBILITY}Choice" and bool(required) and known
