"""One's own account: names and choices, address, password, and where one is signed in."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.auth import views as auth_views
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import reverse_lazy
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import check_for_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST
from django.views.i18n import set_language

from archive.access.email_proofs import proved_by
from archive.access.profiles import THEME_COOKIE
from archive.access.signed_in import SignedInRequest
from archive.errors import InputError, TooManyAttemptsError
from archive.forms.account import EmailForm, ForgottenPasswordForm, NewPasswordForm, ProfileForm
from archive.models import Profile
from archive.presentation.addresses import site_address
from archive.services import change_profile, confirm_email, end_sessions, request_email
from archive.views.sign_in import as_too_many

COOKIE_SECONDS = 365 * 24 * 3600


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def account(request: SignedInRequest) -> HttpResponse:
    """Everything about the account on one page; names and choices are saved here."""
    if request.method != "POST":
        return _page(request)
    form = ProfileForm(request.POST)
    if not form.is_valid():
        return _page(request, status=400, profile_form=form)
    profile = change_profile(user=request.user, **form.cleaned_data)
    messages.success(request, _("Saved."))
    response = redirect("archive:account")
    _keep_theme(response, profile.theme)
    return response


@never_cache
@login_required
@require_POST
def email_change(request: SignedInRequest) -> HttpResponse:
    """Another address for the account, once its mail has been opened, or none at once."""
    form = EmailForm(request.POST)
    if form.is_valid():
        try:
            is_mailed = request_email(user=request.user, site=site_address(request), **form.cleaned_data)
        except InputError as error:
            form.add_error("password", error.message)
        except TooManyAttemptsError as error:
            form.add_error("password", error.message)
            return as_too_many(_page(request, email_form=form), error)
        else:
            if is_mailed:
                said = _("An e-mail is on its way to %(email)s. The address counts once you have opened it.")
                messages.info(request, said % {"email": form.cleaned_data["email"]})
            else:
                messages.success(request, _("Saved."))
            return redirect("archive:account")
    return _page(request, status=400, email_form=form)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def email_confirm(request: HttpRequest, proof: str) -> HttpResponse:
    """Where the mail leads. Only the button changes anything: programs open the addresses in mails, too."""
    try:
        if request.method == "POST":
            confirm_email(proof=proof)
            messages.success(request, _("Your e-mail address was changed."))
            return redirect("archive:account")
        person, email = proved_by(proof)
    except InputError as error:
        return render(request, "account/email_confirm.html", {"refusal": error.message}, status=400)
    response = render(request, "account/email_confirm.html", {"person": person, "email": email})
    response["Referrer-Policy"] = "no-referrer"
    return response


@login_required
@require_POST
def sessions_end(request: SignedInRequest) -> HttpResponse:
    """Signs out in every browser, this one too."""
    end_sessions(user=request.user)
    logout(request)
    messages.success(request, _("You are signed out everywhere."))
    return redirect("sign_in")


class PasswordChange(auth_views.PasswordChangeView):
    """Another password; this browser stays signed in, all others are signed out."""

    template_name = "account/password.html"
    form_class = NewPasswordForm
    success_url = reverse_lazy("archive:account")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your password was changed. Other browsers were signed out."))
        return super().form_valid(form)


class PasswordReset(auth_views.PasswordResetView):
    """Who has forgotten the password names the address of the account."""

    template_name = "account/password_reset.html"
    form_class = ForgottenPasswordForm
    success_url = reverse_lazy("archive:password_reset_sent")

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            return super().form_valid(form)
        except TooManyAttemptsError as error:
            form.add_error(None, error.message)
            return as_too_many(self.form_invalid(form), error)


class PasswordResetConfirm(auth_views.PasswordResetConfirmView):
    """A new password, for who comes with the key of the mail; it leaves the address at once."""

    template_name = "account/password_reset_confirm.html"
    success_url = reverse_lazy("sign_in")

    def form_valid(self, form: Any) -> HttpResponse:
        messages.success(self.request, _("Your new password is set. Sign in with it."))
        return super().form_valid(form)


def language_choice(request: HttpRequest) -> HttpResponseBase:
    """Django's own, which keeps the choice in a cookie; for who is signed in, the profile keeps it too."""
    response = set_language(request)
    wanted = request.POST.get("language", "")
    if request.user.is_authenticated and wanted in dict(settings.LANGUAGES) and check_for_language(wanted):
        change_profile(user=request.user, language=wanted)
    return response


@require_POST
def theme_choice(request: HttpRequest) -> HttpResponse:
    """Light, dark, or as the system: in a cookie, and for who is signed in in the profile."""
    theme = request.POST.get("theme", "")
    theme = theme if theme in Profile.Theme.values else ""
    if request.user.is_authenticated:
        change_profile(user=request.user, theme=theme)
    back = request.POST.get("next", "")
    if not url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        back = "/"
    response = redirect(back)
    _keep_theme(response, theme)
    return response


def _keep_theme(response: HttpResponse, theme: str) -> None:
    """Before signing in and after signing out, pages look as this person last chose in this browser."""
    if theme:
        response.set_cookie(
            THEME_COOKIE, theme, COOKIE_SECONDS, samesite="Lax", secure=settings.SESSION_COOKIE_SECURE
        )
    else:
        response.delete_cookie(THEME_COOKIE, samesite="Lax")


def _page(request: SignedInRequest, *, status: int = 200, **forms: Any) -> HttpResponse:
    shown = {
        "profile_form": ProfileForm.of(request.user),
        "email_form": EmailForm(initial={"email": request.user.email}),
    }
    return render(request, "account/account.html", shown | forms, status=status)
