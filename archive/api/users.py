"""Accounts and their roles over REST, for those who run the platform."""

from __future__ import annotations

from typing import Any, ClassVar

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from django.shortcuts import get_object_or_404
from drf_spectacular.utils import extend_schema
from rest_framework import generics, serializers, status
from rest_framework.exceptions import PermissionDenied
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.reverse import reverse

from archive.access.operators import is_operator
from archive.access.scopes import Scope
from archive.api import strict
from archive.api.callers import signed_in
from archive.api.description_serializers import KnownFieldsOnly
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.pages import Orderings
from archive.api.preconditions import HasETag, if_unchanged
from archive.api.sparse import SparseFields
from archive.models import Membership
from archive.services import change_account, create_account


class UserSerializer(SparseFields, serializers.ModelSerializer[User]):
    """An account. `is_active`: it can be signed in to; `is_staff`: it runs the platform."""

    email = serializers.CharField(read_only=True, help_text="Empty where there is none.")

    class Meta:
        model = User
        fields = [
            "id",
            "username",
            "email",
            "first_name",
            "last_name",
            "is_active",
            "is_staff",
            "date_joined",
            "last_login",
        ]
        read_only_fields = fields


class UserChangeSerializer(KnownFieldsOnly):
    """What is named is changed."""

    email = strict.EmailField(required=False, allow_blank=True, max_length=254)
    first_name = strict.CharField(required=False, allow_blank=True, max_length=150)
    last_name = strict.CharField(required=False, allow_blank=True, max_length=150)
    is_active = strict.BooleanField(required=False)


class NewUserSerializer(UserChangeSerializer):
    """An account to be made; without a password, its owner sets one by the address of its mail."""

    username = strict.CharField(max_length=150)
    password = strict.CharField(required=False, write_only=True, trim_whitespace=False)

    def validate_username(self, value: str) -> str:
        """Fit for a name, and nobody else's."""
        try:
            User._meta.get_field("username").run_validators(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        if User.objects.filter(username=value).exists():
            raise serializers.ValidationError(User._meta.get_field("username").error_messages["unique"])
        return value

    def validate_password(self, value: str) -> str:
        """Good enough by the platform's rules."""
        try:
            validate_password(value)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value


class UserFilterSerializer(serializers.Serializer[Any]):
    """Which accounts."""

    username = serializers.CharField(required=False, help_text="A part of the name.")
    is_active = serializers.BooleanField(required=False)

    def conditions(self) -> dict[str, Any]:
        """What an account must fulfil."""
        names = {"username": "username__icontains"}
        return {names.get(key, key): value for key, value in self.validated_data.items()}


class UserRoleSerializer(SparseFields, serializers.ModelSerializer[Membership]):
    """A role in a collection, and so in everything below it."""

    title = serializers.CharField(source="collection.title", read_only=True)

    class Meta:
        model = Membership
        fields = ["id", "collection", "title", "role"]
        read_only_fields = fields


class _ForOperators(generics.GenericAPIView[Any]):
    scopes = dict.fromkeys(("GET", "POST", "PATCH"), Scope.ADMIN)

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if not is_operator(signed_in(request)):
            raise PermissionDenied


class Users(_ForOperators, generics.ListAPIView[User]):
    """Accounts."""

    serializer_class = UserSerializer
    queryset = User.objects.none()
    orderings: ClassVar[Orderings] = {
        "username": ("username",),
        "-username": ("-username",),
        "-date_joined": ("-date_joined", "id"),
        "date_joined": ("date_joined", "id"),
    }

    def get_queryset(self) -> QuerySet[User]:
        asked = UserFilterSerializer(data=self.request.query_params.dict())
        asked.is_valid(raise_exception=True)
        return User.objects.filter(**asked.conditions())

    @extend_schema(operation_id="users_list", parameters=[UserFilterSerializer])
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Response:
        """All of them, or those whose name holds `username`."""
        return self.list(request, *args, **kwargs)

    @extend_schema(operation_id="users_create", request=NewUserSerializer, responses={201: UserSerializer})
    @once_per_key
    def post(self, request: Request) -> Response:
        """Make one, where you may add users."""
        asked = NewUserSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        account = create_account(actor=signed_in(request), **asked.validated_data)
        address = reverse("api:user-detail", args=[account.pk], request=request)
        return Response(
            UserSerializer(account).data, status=status.HTTP_201_CREATED, headers={"Location": address}
        )


class UserDetail(HasETag, _ForOperators, generics.RetrieveAPIView[User]):
    """One account."""

    serializer_class = UserSerializer
    queryset = User.objects.all()
    described = ("email", "first_name", "last_name", "is_active")

    @extend_schema(
        operation_id="users_change",
        request=UserChangeSerializer,
        responses={200: UserSerializer, 409: ApiErrorSerializer},
    )
    @if_unchanged
    def patch(self, request: Request, pk: int) -> Response:
        """Change what is named, where you may change users. 409 for closing your own."""
        account = self.get_object()
        asked = UserChangeSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        changed = change_account(account=account, actor=signed_in(request), **asked.validated_data)
        return Response(self.get_serializer(changed).data)


class UserRoles(_ForOperators, generics.ListAPIView[Membership]):
    """The roles that a person holds."""

    serializer_class = UserRoleSerializer
    queryset = Membership.objects.none()

    def get_queryset(self) -> QuerySet[Membership]:
        person = get_object_or_404(User, pk=self.kwargs["pk"])
        held = Membership.objects.filter(user=person, collection__deleted_at__isnull=True)
        return held.select_related("collection").order_by("collection__title", "id")
