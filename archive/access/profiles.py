"""Whose pages these are: the profile comes with the account, and what it says is obeyed at every request."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth import logout
from django.contrib.auth.signals import user_logged_in
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponse
from django.utils import translation

from archive.models import Profile

THEME_COOKIE = "theme"
_GENERATION = "session_generation"


class ProfileMiddleware:
    """Gives every request its `theme` and, to whoever is signed in, the language of the profile.

    What a profile says beats the browser's cookies. A session that is older than its person's "sign out
    everywhere" ends here.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> HttpResponse:
        theme = request.COOKIES.get(THEME_COOKIE, "")
        # Whoever has no session needs none: asking for the user would open one.
        if settings.SESSION_COOKIE_NAME in request.COOKIES and request.user.is_authenticated:
            profile = profile_of(request.user)
            if request.session.get(_GENERATION, 0) < profile.session_generation:
                logout(request)
            else:
                theme = profile.theme or theme
                if profile.language:
                    translation.activate(profile.language)
                    request.LANGUAGE_CODE = translation.get_language()
        request.theme = theme if theme in Profile.Theme.values else ""
        return self.get_response(request)


def profile_of(user: Any) -> Profile:
    """The person's profile; one that says nothing, and is not saved, where nothing was ever chosen."""
    profile: Profile = getattr(user, "profile", None) or Profile(user=user)
    return profile


@receiver(user_logged_in, dispatch_uid="archive.remember_session_generation")
def remember_generation(request: HttpRequest, user: Any, **kwargs: Any) -> None:
    request.session[_GENERATION] = profile_of(user).session_generation
