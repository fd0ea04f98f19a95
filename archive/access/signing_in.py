"""Who signs in, by whichever door: pages, the admin and the API all come through here.

django-axes counts failures by name and address, in the database, and its middleware answers for whoever is
locked out. Coarser limits, with numbers of their own, are counted beside it (archive.access.attempts).
"""

from __future__ import annotations

from typing import Any

from axes.backends import AxesStandaloneBackend
from axes.models import AccessAttempt
from axes.utils import reset
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.backends import ModelBackend
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest
from django.utils import timezone

from archive.access.client_address import client_address
from archive.errors import TooManyAttemptsError
from archive.services import admit_sign_in, too_many_attempts, welcome_sign_in

_LONGEST_NAME = 255  # of axes' column


class AccountBackend(AxesStandaloneBackend, ModelBackend):
    """Django's own, but failures are counted, and the account of a session comes with its profile, in the
    same query.
    """

    def authenticate(
        self,
        request: HttpRequest | None,
        username: str | None = None,
        password: str | None = None,
        **kwargs: Any,
    ) -> Any:
        """The account, or None. Raises PermissionDenied, before the password is looked at, where there have
        been too many failures: not even the right one tells anything then. Only programs of this machine come
        without a request.
        """
        if request is None or username is None or password is None:
            return ModelBackend.authenticate(self, request, username=username, password=password, **kwargs)
        super().authenticate(request, username=username, password=password, **kwargs)
        try:
            admit_sign_in(username=username, address=client_address(request))
        except TooManyAttemptsError as error:
            request.axes_locked_out = True  # type: ignore[attr-defined]  # axes looks for it there
            request.too_many_attempts = error  # type: ignore[attr-defined]  # and our answer here
            raise PermissionDenied from error
        user = ModelBackend.authenticate(self, request, username=username, password=password, **kwargs)
        if user is not None:
            welcome_sign_in(username=username, address=client_address(request))
            # By itself axes forgets failures when a session begins, and the API begins none.
            reset(username=counted_name(request, {"username": username}), ip=counted_address(request))
        return user

    def get_user(self, user_id: Any) -> Any:
        accounts = get_user_model()._default_manager.select_related("profile")
        user = accounts.filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None


def counted_name(request: HttpRequest, credentials: dict[str, Any] | None) -> str:
    """Under which name axes counts: the same, however it is written."""
    name = (credentials or request.POST).get("username") or ""
    return str(name).strip().casefold()[:_LONGEST_NAME]


def counted_address(request: HttpRequest) -> str | None:
    """Under which address axes counts; None where nothing tells it."""
    return client_address(request) or None


def refusal_of(request: HttpRequest, credentials: dict[str, Any] | None) -> TooManyAttemptsError:
    """What somebody who is locked out is told: when the lock ends, and nothing of the account."""
    refused: TooManyAttemptsError | None = getattr(request, "too_many_attempts", None)
    if refused is not None:
        return refused
    failed = AccessAttempt.objects.filter(
        username=counted_name(request, credentials), ip_address=counted_address(request)
    )
    last = failed.order_by("-attempt_time").values_list("attempt_time", flat=True).first()
    return too_many_attempts(ends_at=(last or timezone.now()) + settings.AXES_COOLOFF_TIME)
