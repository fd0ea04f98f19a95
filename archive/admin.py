"""The archive in Django's admin: for looking things up and mending memberships; files come in through
uploads."""

from typing import Any

from django.contrib import admin
from django.forms import ModelForm
from django.http import HttpRequest

from archive.models import Collection, Event, Membership, Original, Photo, Rendition
from archive.services import add_member


class ReadOnlyAdmin(admin.ModelAdmin):
    """For rows that only services write."""

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class MembershipInline(admin.TabularInline):
    model = Membership
    extra = 0
    autocomplete_fields = ["user"]


@admin.register(Collection)
class CollectionAdmin(admin.ModelAdmin):
    list_display = ["title", "owner", "auto_restore", "created_at"]
    list_filter = ["auto_restore"]
    search_fields = ["title", "owner__username"]
    autocomplete_fields = ["owner"]
    inlines = [MembershipInline]

    def save_related(self, request: HttpRequest, form: ModelForm, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        # Whatever was entered for the owner, who is a curator always.
        add_member(collection=form.instance, user=form.instance.owner, role=Membership.Role.CURATOR)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        listed, counts, perms_needed, protected = super().get_deleted_objects(objs, request)
        # Neither can be deleted here one by one, but a collection takes its own with it.
        perms_needed -= {Event._meta.verbose_name, Membership._meta.verbose_name}
        return listed, counts, perms_needed, protected


@admin.register(Membership)
class MembershipAdmin(ReadOnlyAdmin):
    list_display = ["collection", "user", "role"]
    list_filter = ["role"]
    list_select_related = ["collection", "user"]
    search_fields = ["collection__title", "user__username"]


@admin.register(Photo)
class PhotoAdmin(admin.ModelAdmin):
    list_display = ["filename", "title", "collection", "uploaded_by", "created_at"]
    list_select_related = ["collection", "uploaded_by"]
    search_fields = ["filename", "title", "collection__title", "original__sha256"]
    fields = ["title", "filename", "collection", "original", "uploaded_by", "created_at"]
    readonly_fields = ["filename", "collection", "original", "uploaded_by", "created_at"]

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
    list_display = ["created_at", "kind", "collection", "photo", "actor"]
    list_filter = ["kind"]
    list_select_related = ["collection", "photo", "actor"]
    search_fields = ["collection__title", "photo__filename", "actor__username"]
    date_hierarchy = "created_at"
