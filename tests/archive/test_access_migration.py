"""What was before there were owners and scoped tokens goes on working."""

import hashlib

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

KEY = "0123456789abcdef0123456789abcdef01234567"


@pytest.mark.slow
@pytest.mark.django_db(transaction=True)
def test_owners_and_tokens_of_before():
    try:
        call_command("migrate", "archive", "0001", verbosity=0)
        old = MigrationExecutor(connection).loader.project_state([("archive", "0001_initial")]).apps
        user = old.get_model("auth", "User").objects.create(username="siti")
        collection = old.get_model("archive", "Collection").objects.create(title="Album", owner=user)
        collection.memberships.create(user=user, role="curator")
        with connection.cursor() as cursor:
            cursor.execute(
                "CREATE TABLE authtoken_token"
                " (key varchar(40) PRIMARY KEY, created timestamp, user_id integer REFERENCES auth_user (id))"
            )
            cursor.execute("INSERT INTO authtoken_token VALUES (%s, %s, %s)", [KEY, timezone.now(), user.pk])
        call_command("migrate", verbosity=0)
        from archive.models import ApiToken, Collection

        token = ApiToken.objects.opened_by(KEY).get()
        assert (token.user.username, token.is_limited, len(token.scopes)) == ("siti", False, 6)
        assert token.key_digest == hashlib.sha256(KEY.encode()).hexdigest()
        assert "authtoken_token" not in connection.introspection.table_names()
        assert Collection.objects.owned_by(token.user).get().title == "Album"
    finally:
        call_command("migrate", verbosity=0)
