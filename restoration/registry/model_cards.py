"""Model cards: Markdown from strangers as HTML that can do no harm.

Raw HTML is shown as text, pictures are left out, links go only where a link may go, and nothing carries a
style of its own, which our content security policy would refuse.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cache
from typing import Any

from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token

# The page has a heading of its own, and the card's section another.
HEADINGS = {"h1": "h3", "h2": "h4", "h3": "h5"}


def render_card(markdown: str) -> SafeString:
    """CommonMark with tables as HTML; its headings begin at the third level."""
    return mark_safe(_renderer().render(markdown))  # raw HTML is off, see above  # nosec B308 B703


@cache
def _renderer() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
    # What the parser does with raw HTML is decided by its option and by these two rules; either would do.
    parser.disable(["html_block", "html_inline"])
    for kind in ("heading_open", "heading_close"):
        parser.add_render_rule(kind, _heading)
    for kind in ("th_open", "td_open"):
        parser.add_render_rule(kind, _cell)
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", _table_close)
    parser.add_render_rule("link_open", _link)
    return parser


def _heading(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    token.tag = HEADINGS.get(token.tag, "h6")
    return self.renderToken(tokens, index, options, env)


def _cell(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    if "right" in str(token.attrs.pop("style", "")):
        token.attrSet("class", "number")
    return self.renderToken(tokens, index, options, env)


def _table_open(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    # Wider than a phone: it scrolls inside its own frame, which the keyboard can reach.
    return (
        f'<div class="table-frame" tabindex="0" role="group" aria-label="{_("Table")}"><table class="table">'
    )


def _table_close(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    return "</table></div>"


def _link(self: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    tokens[index].attrSet("rel", "noopener noreferrer nofollow")
    return self.renderToken(tokens, index, options, env)
