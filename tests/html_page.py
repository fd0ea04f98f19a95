"""Reads a page the way assistive technology does: elements with their attributes and text."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

from django.http import HttpResponse
from django.test import Client

VOID = {"area", "base", "br", "col", "embed", "hr", "img", "input", "link", "meta", "source", "track", "wbr"}


@dataclass
class Element:
    """One element; `text` is all text inside it, with single spaces."""

    tag: str
    attributes: dict[str, str]
    pieces: list[str] = field(default_factory=list)

    def __getitem__(self, name: str) -> str:
        return self.attributes[name]

    @property
    def text(self) -> str:
        return " ".join("".join(self.pieces).split())


class Page(HTMLParser):
    """The elements of `html` in their order. Raises AssertionError where tags do not match up."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.elements: list[Element] = []
        self._open: list[Element] = []
        self.feed(html)
        self.close()
        assert self._open == [], f"never closed: {[element.tag for element in self._open]}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, {name: value or "" for name, value in attrs})
        self.elements.append(element)
        if tag not in VOID:
            self._open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.elements.append(Element(tag, {name: value or "" for name, value in attrs}))

    def handle_endtag(self, tag: str) -> None:
        opened = self._open.pop()
        assert opened.tag == tag, f"<{opened.tag}> is closed by </{tag}>"

    def handle_data(self, data: str) -> None:
        for element in self._open:
            element.pieces.append(data)

    def all(self, tag: str = "", **attributes: str) -> list[Element]:
        """Elements with this tag and these attributes; `class_` asks for one of several classes."""
        return [element for element in self.elements if self._fits(element, tag, attributes)]

    def one(self, tag: str = "", **attributes: str) -> Element:
        """The only such element."""
        found = self.all(tag, **attributes)
        assert len(found) == 1, f"{len(found)} times <{tag or '*'}> with {attributes}"
        return found[0]

    @staticmethod
    def _fits(element: Element, tag: str, attributes: dict[str, str]) -> bool:
        if tag and element.tag != tag:
            return False
        for name, value in attributes.items():
            if name == "class_":
                if value not in element.attributes.get("class", "").split():
                    return False
            elif element.attributes.get(name.replace("_", "-")) != value:
                return False
        return True

    def faults(self) -> list[str]:
        """What would trouble somebody who does not see the page; empty for a good page."""
        found = []
        ids = [element["id"] for element in self.elements if "id" in element.attributes]
        found += [f"id {name} is used twice" for name in set(ids) if ids.count(name) > 1]
        labelled = {element.attributes.get("for") for element in self.all("label")}
        for element in self.elements:
            attributes = element.attributes
            if element.tag == "img" and "alt" not in attributes:
                found.append(f"img {attributes.get('src')} has no alt")
            takes_input = (
                element.tag in {"input", "select", "textarea"} and attributes.get("type") != "hidden"
            )
            if takes_input and attributes.get("id") not in labelled and "aria-label" not in attributes:
                found.append(f"{element.tag} {attributes.get('name')} has no label")
            if element.tag in {"button", "a"} and not (element.text or attributes.get("aria-label")):
                found.append(f"{element.tag} {attributes} has no text")
            for name in ("aria-labelledby", "aria-describedby"):
                found += [
                    f"{name} names {target}, which is not there"
                    for target in attributes.get(name, "").split()
                    if target not in ids
                ]
            if "style" in attributes or any(name.startswith("on") for name in attributes):
                found.append(f"{element.tag} has style or script of its own, which the policy forbids")
        levels = [int(element.tag[1]) for element in self.elements if element.tag in {"h1", "h2", "h3", "h4"}]
        if levels.count(1) != 1:
            found.append(f"{levels.count(1)} main headings")
        return found


def page_of(response: HttpResponse) -> Page:
    """The page that came as `response`; it must be without faults."""
    page = Page(response.content.decode())
    assert page.faults() == []
    return page


def get_page(client: Client, address: str) -> Page:
    """Ask for a page that must be there and without faults."""
    response = client.get(address)
    assert response.status_code == 200
    return page_of(response)
