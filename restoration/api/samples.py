"""A sample collection over REST."""

from __future__ import annotations

from django.urls import reverse
from drf_spectacular.utils import extend_schema
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.access.scopes import Scope
from archive.access.visitors import limits_of
from archive.api.accepted import accepted
from archive.api.callers import signed_in
from archive.api.idempotency import once_per_key
from archive.api.serializers import CollectionSerializer
from archive.models import Collection
from archive.presentation.overviews import with_role_and_count
from restoration.services import create_sample_collection


class SampleCollection(APIView):
    """Your sample collection: six pictures, damaged on purpose."""

    scopes = {"POST": Scope.UPLOAD}

    @extend_schema(operation_id="collections_sample", request=None, responses={202: CollectionSerializer})
    @once_per_key
    def post(self, request: Request) -> Response:
        """Make it, or find the one that was made before; a worker brings and restores the pictures."""
        # As with any new collection at the top: a token with limits of its own makes none.
        if limits_of(request.user) is not None:
            raise PermissionDenied
        collection = create_sample_collection(owner=signed_in(request))
        visible = Collection.objects.visible_to(request.user)
        shown = with_role_and_count(visible, request.user).get(pk=collection.pk)
        address = reverse("api:collection-progress", args=[collection.pk])
        return accepted(CollectionSerializer(shown).data, address=address)
