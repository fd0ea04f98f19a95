"""Restorations in Django's admin: for looking things up; a model is promoted here, everything else is a
service.
"""

from __future__ import annotations

from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archive.admin import ReadOnlyAdmin
from archive.errors import StateError
from restoration.models import (
    ModelPromotion,
    ModelVersion,
    Restoration,
    Review,
    SamplePicture,
    SampleResult,
    SampleRun,
)
from restoration.services import promote_model


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ["name", "version", "is_default", "weights_path", "created_at"]
    list_filter = ["is_default"]
    search_fields = ["name", "version", "weights_sha256"]
    actions = ["promote"]

    @admin.action(description=_("Make the default of new restorations"), permissions=["promote"])
    def promote(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose exactly one model."), messages.ERROR)
            return
        try:
            # Forcing needs a reason, for which the model's page has a form.
            promote_model(model_version=queryset.get(), promoted_by=cast(User, request.user))
        except StateError as error:
            self.message_user(request, error.message, messages.ERROR)

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("restoration.change_modelversion")


@admin.register(ModelPromotion)
class ModelPromotionAdmin(ReadOnlyAdmin):
    list_display = ["promoted_at", "model_version", "replaced", "promoted_by", "forced", "reason"]
    list_filter = ["forced"]
    list_select_related = ["model_version", "replaced", "promoted_by"]
    search_fields = ["model_version__name", "model_version__version", "promoted_by__username", "reason"]
    date_hierarchy = "promoted_at"


@admin.register(SamplePicture)
class SamplePictureAdmin(ReadOnlyAdmin):
    list_display = ["name", "level", "width", "height", "degraded_sha256"]
    list_filter = ["level"]
    search_fields = ["name", "clean_sha256", "degraded_sha256"]


@admin.register(SampleRun)
class SampleRunAdmin(ReadOnlyAdmin):
    list_display = ["model_version", "status", "attempts", "error_code", "requested_at", "finished_at"]
    list_filter = ["status", "error_code"]
    list_select_related = ["model_version"]
    search_fields = ["model_version__name", "model_version__version"]


@admin.register(SampleResult)
class SampleResultAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "model_version", "sample", "result_sha256"]
    list_select_related = ["model_version", "sample"]
    search_fields = ["model_version__name", "sample__name", "result_sha256"]


class DeletableAdmin(ReadOnlyAdmin):
    """Rows that go with their photo, whose deletion asks for this permission too."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Restoration)
class RestorationAdmin(DeletableAdmin):
    list_display = [
        "photo",
        "status",
        "progress",
        "attempts",
        "error_code",
        "strength",
        "quick",
        "thorough",
        "invention",
        "review_state",
        "requested_at",
    ]
    list_filter = ["status", "review_state", "quick", "thorough", "error_code"]
    list_select_related = ["photo"]
    search_fields = ["photo__filename", "photo__collection__title", "original_sha256", "result_sha256"]
    date_hierarchy = "requested_at"


@admin.register(Review)
class ReviewAdmin(DeletableAdmin):
    list_display = ["created_at", "decision", "reason", "restoration", "reviewer"]
    list_filter = ["decision", "reason"]
    list_select_related = ["restoration__photo", "reviewer"]
    search_fields = ["restoration__photo__filename", "reviewer__username", "comment"]
