"""What OPTIONS answers: the methods stand in `Allow`, all else in the schema."""

from typing import Any

from rest_framework.metadata import BaseMetadata
from rest_framework.request import Request
from rest_framework.reverse import reverse


class SchemaLink(BaseMetadata):
    """Name of the view, and where the schema is."""

    def determine_metadata(self, request: Request, view: Any) -> dict[str, str]:
        return {"name": view.get_view_name(), "schema": reverse("api:schema", request=request)}
