"""One's own account over REST. With a token one looks and chooses; address, password and sessions take
the person.
"""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.auth import update_session_auth_hash
from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework import serializers, status
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from archive.access.profiles import profile_of
from archive.access.scopes import Scope
from archive.api import strict
from archive.api.authentication import NotByToken
from archive.api.callers import signed_in
from archive.api.errors import ApiErrorSerializer
from archive.api.idempotency import once_per_key
from archive.api.preconditions import HasETag, if_unchanged
from archive.models import Profile
from archive.presentation.addresses import site_address
from archive.services import (
    change_password,
    change_profile,
    confirm_email,
    end_sessions,
    request_email,
)


class MeSerializer(serializers.Serializer[Any]):
    """`language` and `theme` are empty where nothing was chosen."""

    username = serializers.CharField(read_only=True)
    email = serializers.CharField(read_only=True, help_text="Empty where there is none.")
    first_name = strict.CharField(max_length=150, allow_blank=True)
    last_name = strict.CharField(max_length=150, allow_blank=True)
    language = serializers.ChoiceField(choices=settings.LANGUAGES, allow_blank=True)
    theme = serializers.ChoiceField(choices=Profile.Theme.choices, allow_blank=True)
    mail_when_finished = strict.BooleanField()


class NewEmailSerializer(serializers.Serializer[Any]):
    """Another address, or none with ""."""

    email = strict.EmailField(allow_blank=True)
    password = strict.CharField(max_length=1000, write_only=True, trim_whitespace=False)


class EmailProofSerializer(serializers.Serializer[Any]):
    """What the mail to the new address brought: the last part of its link."""

    proof = strict.CharField(max_length=2000)


class NewPasswordSerializer(serializers.Serializer[Any]):
    old_password = strict.CharField(max_length=1000, write_only=True, trim_whitespace=False)
    new_password = strict.CharField(max_length=1000, write_only=True, trim_whitespace=False)

    def validate_new_password(self, value: str) -> str:
        try:
            validate_password(value, self.context["request"].user)
        except ValidationError as error:
            raise serializers.ValidationError(error.messages) from error
        return value


class Me(HasETag):
    """Your account."""

    scopes = {"GET": Scope.READ, "PATCH": Scope.ADMIN}

    def locked_rows(self, request: Request, **kwargs: Any) -> QuerySet[Any]:
        return User.objects.filter(pk=signed_in(request).pk)

    @extend_schema(operation_id="me", responses={200: MeSerializer})
    def get(self, request: Request) -> Response:
        return Response(_shown(signed_in(request)))

    @extend_schema(
        operation_id="me_change", request=MeSerializer, responses={200: MeSerializer, 400: ApiErrorSerializer}
    )
    @if_unchanged
    def patch(self, request: Request) -> Response:
        """Change what is named."""
        asked = MeSerializer(data=request.data, partial=True)
        asked.is_valid(raise_exception=True)
        change_profile(user=signed_in(request), **asked.validated_data)
        return Response(_shown(signed_in(request)))


class MyEmail(APIView):
    """Your e-mail address. No token changes it: with it, one can have a new password."""

    permission_classes = (*APIView.permission_classes, NotByToken)

    @extend_schema(
        operation_id="me_email",
        request=NewEmailSerializer,
        responses={
            200: MeSerializer,
            202: MeSerializer,
            400: ApiErrorSerializer,
            429: ApiErrorSerializer,
        },
    )
    def put(self, request: Request) -> Response:
        """Ask for another address: 202, and it counts once it is confirmed. None counts at once."""
        asked = NewEmailSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        site = site_address(request)
        is_mailed = request_email(user=signed_in(request), site=site, **asked.validated_data)
        done = status.HTTP_202_ACCEPTED if is_mailed else status.HTTP_200_OK
        return Response(_shown(signed_in(request)), status=done)


class MyEmailConfirmation(APIView):
    """That you read the mail of the address that you asked for."""

    permission_classes = (*APIView.permission_classes, NotByToken)

    @extend_schema(
        operation_id="me_email_confirm",
        request=EmailProofSerializer,
        responses={200: MeSerializer, 400: ApiErrorSerializer},
    )
    @once_per_key
    def post(self, request: Request) -> Response:
        asked = EmailProofSerializer(data=request.data)
        asked.is_valid(raise_exception=True)
        return Response(_shown(confirm_email(proof=asked.validated_data["proof"])))


class MyPassword(APIView):
    """Your password. Setting another ends all sessions but the one that asks."""

    permission_classes = (*APIView.permission_classes, NotByToken)

    @extend_schema(
        operation_id="me_password",
        request=NewPasswordSerializer,
        responses={204: None, 400: ApiErrorSerializer, 429: ApiErrorSerializer},
    )
    def put(self, request: Request) -> Response:
        asked = NewPasswordSerializer(data=request.data, context={"request": request})
        asked.is_valid(raise_exception=True)
        old, new = asked.validated_data["old_password"], asked.validated_data["new_password"]
        user = change_password(user=signed_in(request), old=old, new=new)
        update_session_auth_hash(request._request, user)
        return Response(status=status.HTTP_204_NO_CONTENT)


class MySessions(APIView):
    """The browsers in which you are signed in."""

    permission_classes = (*APIView.permission_classes, NotByToken)

    @extend_schema(operation_id="me_sessions_end", responses={204: None})
    def delete(self, request: Request) -> Response:
        """Sign out in all of them. Tokens stay."""
        end_sessions(user=signed_in(request))
        return Response(status=status.HTTP_204_NO_CONTENT)


def _shown(user: User) -> dict[str, Any]:
    # As it is now: whoever asked may have waited for somebody else's change.
    user = User.objects.select_related("profile").get(pk=user.pk)
    profile = profile_of(user)
    account = {name: getattr(user, name) for name in ("username", "email", "first_name", "last_name")}
    chosen = {name: getattr(profile, name) for name in ("language", "theme", "mail_when_finished")}
    return account | chosen
