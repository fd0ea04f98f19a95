"""Restorations in Django's admin: for looking things up; a model is promoted here, everything else is a
service.
"""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

from archive.admin import ReadOnlyAdmin
from archive.errors import StateError
from restoration.models import ModelVersion, Restoration, Review
from restoration.services import promote_model


@admin.register(ModelVersion)
class ModelVersionAdmin(ReadOnlyAdmin):
    list_display = ["name", "version", "is_default", "weights_path", "created_at", "promoted_at"]
    list_filter = ["is_default"]
    search_fields = ["name", "version", "weights_sha256"]
    actions = ["promote"]

    @admin.action(description=_("Make the default of new restorations"), permissions=["promote"])
    def promote(self, request: HttpRequest, queryset: QuerySet[ModelVersion]) -> None:
        if queryset.count() != 1:
            self.message_user(request, _("Choose exactly one model."), messages.ERROR)
            return
        try:
            promote_model(model_version=queryset.get())
        except StateError as error:
            self.message_user(request, error.message, messages.ERROR)

    def has_promote_permission(self, request: HttpRequest) -> bool:
        return request.user.has_perm("restoration.change_modelversion")


class DeletableAdmin(ReadOnlyAdmin):
    """Rows that go with their photo, whose deletion asks for this permission too."""

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return admin.ModelAdmin.has_delete_permission(self, request, obj)


@admin.register(Restoration)
class RestorationAdmin(DeletableAdmin):
    list_display = ["photo", "status", "progress", "attempts", "error_code", "review_state", "requested_at"]
    list_filter = ["status", "review_state", "error_code"]
    list_select_related = ["photo"]
    search_fields = ["photo__filename", "photo__collection__title", "original_sha256", "result_sha256"]
    date_hierarchy = "requested_at"


@admin.register(Review)
class ReviewAdmin(DeletableAdmin):
    list_display = ["created_at", "decision", "restoration", "reviewer"]
    list_filter = ["decision"]
    list_select_related = ["restoration__photo", "reviewer"]
    search_fields = ["restoration__photo__filename", "reviewer__username", "comment"]
