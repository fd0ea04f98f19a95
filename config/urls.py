"""Every address of the platform starts here."""

from django.conf import settings
from django.contrib import admin
from django.contrib.auth.views import LoginView, LogoutView
from django.urls import include, path
from django.views.generic import TemplateView

from archive.oai.views import harvest
from archive.views.account import language_choice
from restoration.views import health

urlpatterns = [
    path(
        "sign-in/",
        LoginView.as_view(template_name="archive/sign_in.html", redirect_authenticated_user=True),
        name="sign_in",
    ),
    path("sign-out/", LogoutView.as_view(), name="sign_out"),
    path("i18n/setlang/", language_choice, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/v1/", include("restoration.api.urls")),
    path("iiif/", include("archive.iiif.urls")),
    path("oai", harvest, name="oai"),
    path("health/live", health.live, name="health_live"),
    path("health/ready", health.ready, name="health_ready"),
    path("metrics", health.metrics, name="metrics"),
    path("", include("archive.urls")),
    path("", include("restoration.urls")),
]

handler400 = "config.error_answers.bad_request"
handler404 = "config.error_answers.not_found"
handler500 = "config.error_answers.server_error"

if settings.DEBUG:
    urlpatterns.append(
        path("styleguide/", TemplateView.as_view(template_name="styleguide.html"), name="styleguide")
    )
