"""The archive in Django's admin: for looking things up and mending memberships; files come in through
uploads."""

from collections.abc import Callable
from typing import Any, cast

from django.contrib import admin, messages
from django.contrib.auth.models import User
from django.forms import ModelForm
from django.http import HttpRequest

from archive.errors import StateError
from archive.models import (
    ChainLink,
    Collection,
    Event,
    FixityFinding,
    FixityRun,
    Membership,
    Original,
    Photo,
    Rendition,
)
from archive.services import add_member, delete_collection, delete_photo


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class IntoTheBinAdmin(admin.ModelAdmin):
    """For rows whose deletion is a service, which puts them into the bin; under legal hold there is none."""

    put_into_bin: Callable[[HttpRequest, Any], None]  # the service; may raise StateError

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        # Whatever hangs on them stays and comes back with them.
        return [str(row) for row in objs], {self.model._meta.verbose_name_plural: len(objs)}, set(), []

    def delete_model(self, request: HttpRequest, obj: Any) -> None:
        self.delete_queryset(request, [obj])

    def delete_queryset(self, request: HttpRequest, queryset: Any) -> None:
        for row in queryset:
            try:
                self.put_into_bin(request, row)
            except StateError as error:
                self.message_user(request, error.message, level=messages.ERROR)


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Collection)
class CollectionAdmin(IntoTheBinAdmin):
    list_display = ["title", "owner", "auto_restore", "created_at"]
    list_filter = ["auto_restore"]
    search_fields = ["title", "owner__username"]
    autocomplete_fields = ["owner"]
    # Services keep the rest: the tree, the history of what is said, legal hold and the bin.
    readonly_fields = [
        "title",
        "parent",
        "level",
        "legal_hold",
        "legal_hold_reason",
        "deleted_at",
        "deleted_by",
    ]
    fields = ["owner", "auto_restore", *readonly_fields]
    inlines = [MembershipInline]

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Whatever was entered for the owner, who always has the role of an owner.
        add_member(collection=form.instance, user=form.instance.owner, role=Membership.Role.OWNER)

    def put_into_bin(self, request: HttpRequest, row: Any) -> None:
        delete_collection(collection=row, actor=cast(User, request.user))


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["collection", "user", "role"]
    list_filter = ["role"]
    list_select_related = ["collection", "user"]
    search_fields = ["collection__title", "user__username"]


@admin.register(Photo)
class PhotoAdmin(IntoTheBinAdmin):
    list_display = ["filename", "title", "collection", "uploaded_by", "created_at", "deleted_at"]
    list_select_related = ["collection", "uploaded_by"]
    search_fields = ["filename", "title", "collection__title", "original__sha256"]
    fields = ["title", "filename", "collection", "original", "uploaded_by", "created_at"]
    # What is said about a photo is changed on its page, where every change is written down.
    readonly_fields = ["title", "filename", "collection", "original", "uploaded_by", "created_at"]

    def put_into_bin(self, request: HttpRequest, row: Any) -> None:
        delete_photo(photo=row, actor=cast(User, request.user))

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False


@admin.register(Original)
class OriginalAdmin(ReadOnlyAdmin):
    list_display = ["sha256", "media_type", "width", "height", "byte_size", "created_at"]
    list_filter = ["media_type"]
    search_fields = ["sha256"]


@admin.register(Rendition)
class RenditionAdmin(ReadOnlyAdmin):
    list_display = ["original", "kind", "width", "height", "byte_size"]
    list_filter = ["kind"]
    list_select_related = ["original"]
    search_fields = ["original__sha256"]


@admin.register(Event)
class EventAdmin(ReadOnlyAdmin):
    list_display = ["created_at", "kind", "outcome", "collection", "photo", "agent"]
    list_filter = ["kind", "outcome"]
    list_select_related = ["collection", "photo"]
    search_fields = ["collection__title", "photo__filename", "agent"]
    date_hierarchy = "created_at"


@admin.register(ChainLink)
class ChainLinkAdmin(ReadOnlyAdmin):
    list_display = ["sequence", "event", "hash"]
    list_select_related = ["event"]


@admin.register(FixityRun)
class FixityRunAdmin(ReadOnlyAdmin):
    list_display = ["started_at", "scope", "file_count", "fault_count", "finished_at"]
    list_filter = ["scope"]


@admin.register(FixityFinding)
class FixityFindingAdmin(ReadOnlyAdmin):
    list_display = ["found_at", "kind", "path", "mended_at"]
    list_filter = ["kind"]
    search_fields = ["path", "sha256"]
