"""What a page says about itself in its head: meta tags and linked data."""

import json
import re
from collections.abc import Iterator
from typing import Any

from qa.ingest.decoding import clean
from qa.ingest.formats.html.inline import line
from qa.ingest.formats.html.tree import Node

__all__ = ["fields"]

_META = {  # the first that a page has counts
    "title": ("og:title", "twitter:title"),
    "published": (
        *("article:published_time", "datepublished", "date", "pubdate", "publishdate", "publish_date", "publish-date"),
        *("dc.date.issued", "dc.date", "dcterms.created", "sailthru.date", "parsely-pub-date"),
    ),
    "author": ("author", "article:author", "dc.creator", "parsely-author"),
    "publisher": ("og:site_name", "publisher", "dc.publisher"),
    "url": ("og:url",),
}
_ARTICLE = re.compile(r"(Article|BlogPosting|Report|Story)$")
_SCRIPTS = 20


def fields(nodes: list[Node], shown: Node) -> dict[str, Any]:
    """Title, published, author, publisher and url, where the page names them.

    nodes: all elements of the page. shown: the tree of what people see.
    """
    metas = _metas(nodes)
    found: dict[str, Any] = dict(_linked_data(nodes))
    for key, names in _META.items():
        values = (metas[name] for name in names if name in metas)
        if value := next((v for v in values if key != "author" or "://" not in v), ""):
            found[key] = value
    for node in nodes:
        if node.tag == "link" and "canonical" in node.get("rel").lower().split():
            if node.get("href").startswith(("http://", "https://")):
                found["url"] = node.get("href")
            break
    if "title" not in found:
        titles = (node.words() for node in nodes if node.tag == "title" and not _in_picture(node))
        headings = (line(node) for node in shown.walk() if node.tag == "h1")
        found["title"] = next(filter(None, titles), "") or next(filter(None, headings), "")
    return {key: clean(value) if isinstance(value, str) else value for key, value in found.items()}


def _metas(nodes: list[Node]) -> dict[str, str]:
    metas: dict[str, str] = {}
    for node in nodes:
        name = node.get("property") or node.get("name") or node.get("itemprop") if node.tag == "meta" else ""
        if name and (content := node.get("content").strip()):
            metas.setdefault(name.lower(), content)
    return metas


def _in_picture(node: Node) -> bool:
    return node.parent is not None and node.parent.tag in ("svg", "g", "symbol")


def _linked_data(nodes: list[Node]) -> dict[str, Any]:
    """The fields of the first article that the page describes in JSON-LD."""
    for item in _data(nodes):
        if _ARTICLE.search(str(item.get("@type", "")).strip("[]'")):
            names = {"published": "datePublished", "author": "author", "publisher": "publisher"}
            return {key: _plain(item[name]) for key, name in names.items() if name in item}
    return {}


def _data(nodes: list[Node]) -> Iterator[dict[str, Any]]:
    """The objects of the page's JSON-LD blocks, or of their graphs."""
    scripts = [node for node in nodes if node.tag == "script" and node.get("type").lower() == "application/ld+json"]
    for node in scripts[:_SCRIPTS]:
        try:
            data = json.loads("".join(child for child in node.children if isinstance(child, str)), strict=False)
        except (ValueError, RecursionError):
            continue
        yield from _items(data)


def _items(data: object) -> Iterator[dict[str, Any]]:
    """The objects at the top of a JSON-LD block, or in its graph."""
    for item in data if isinstance(data, list) else [data]:
        if isinstance(item, dict):
            graph = item.get("@graph")
            yield from (node for node in graph if isinstance(node, dict)) if isinstance(graph, list) else (item,)


def _plain(value: object) -> object:
    """A person or an organisation as its name."""
    if isinstance(value, list):
        return [_plain(item) for item in value if not isinstance(item, list)]
    return value.get("name", "") if isinstance(value, dict) else value
