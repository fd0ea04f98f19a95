"""What is answered where the work goes on in the background."""

from __future__ import annotations

from typing import Any

from rest_framework import status
from rest_framework.response import Response


def accepted(data: Any, *, address: str) -> Response:
    """202 with `address` as `Location`: whoever looks there sees how far it is."""
    return Response(data, status=status.HTTP_202_ACCEPTED, headers={"Location": address})
