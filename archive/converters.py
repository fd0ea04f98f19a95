"""Parts of addresses."""

from archive.models import Rendition


class RenditionKindConverter:
    """`thumbnail` or `web`; other words are no address at all."""

    regex = "|".join(Rendition.Kind.values)

    def to_python(self, value: str) -> str:
        return value

    def to_url(self, value: str) -> str:
        return value
