"""The paper's table beside a run of ours."""

import json

from mlcore.paper_table import PUBLISHED, paper_rows, to_data, to_markdown
from mlcore.run_log import EpochRecord


def records(epochs: int, every: int = 1) -> list[EpochRecord]:
    """Epoch n has a PSNR of n dB at light, n + 1 at medium, n + 2 at heavy, and an SSIM of n thousandths."""
    return [
        EpochRecord(
            epoch,
            "1:1",
            {"G_L1": 0.1},
            {
                level: {"psnr": epoch + offset, "ssim": epoch / 1000, "precision": 0.5}
                for level, offset in (("light", 0), ("medium", 1), ("heavy", 2), ("mean", 1))
            }
            if epoch % every == 0
            else {},
        )
        for epoch in range(1, epochs + 1)
    ]


def table(markdown: str, heading: str) -> list[list[str]]:
    """The cells of the table under a heading, without its header."""
    begin = markdown.index(f"## {heading}\n")
    end = markdown.find("\n##", begin)
    lines = [line for line in markdown[begin : end if end > 0 else None].splitlines() if line[:1] == "|"]
    assert len({len(line) for line in lines}) == 1
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[2:]]


def test_a_full_run_stands_at_the_paper_s_epochs() -> None:
    markdown = to_markdown(paper_rows(records(100), 100), run="run", epochs=100)
    psnr = table(markdown, "PSNR (dB)")
    assert [line[0] for line in psnr] == [str(epoch) for epoch in range(10, 101, 10)]
    assert psnr[3] == ["40", "-", "40.00", "41.00", "42.00", "41.00"]
    assert psnr[9] == ["100", "32.68", "100.00", "101.00", "102.00", "101.00"]
    assert table(markdown, "SSIM")[0] == ["10", "0.7979", *["0.0100"] * 4]
    assert "instead of" not in markdown


def test_only_what_was_published_stands_in_the_paper_s_column() -> None:
    assert PUBLISHED == {"ssim": {10: 0.7979, 100: 0.9226}, "psnr": {10: 23.65, 100: 32.68}}
    markdown = to_markdown(paper_rows([], 100), run="run", epochs=100)
    for heading, known in (("SSIM", {"0.7979", "0.9226"}), ("PSNR (dB)", {"23.65", "32.68"})):
        assert {line[1] for line in table(markdown, heading)} == {"-", *known}


def test_a_shorter_run_stands_at_its_own_tenths_and_says_so() -> None:
    markdown = to_markdown(paper_rows(records(20), 20), run="run", epochs=20)
    psnr = table(markdown, "PSNR (dB)")
    assert [line[0] for line in psnr] == [f"{2 * n} (paper: {10 * n})" for n in range(1, 11)]
    assert psnr[0][1:3] == ["23.65", "2.00"]
    assert "This run has 20 epochs instead of 100" in markdown


def test_an_unfinished_run_has_dashes_where_it_has_not_been_and_where_it_did_not_validate() -> None:
    psnr = table(to_markdown(paper_rows(records(45, every=20), 100), run="r", epochs=100), "PSNR (dB)")
    assert [line[2] for line in psnr] == ["-", "20.00", "-", "40.00", *["-"] * 6]


def test_success_stands_beside_the_paper_s_and_is_a_dash_when_not_measured() -> None:
    success = {"light": 0.974, "medium": 0.5, "heavy": 0.0}
    rows = paper_rows(records(100), 100)
    shown = table(to_markdown(rows, run="run", epochs=100, success=success), "Success")
    assert shown == [["light", "95 %", "97 %"], ["medium", "93 %", "50 %"], ["heavy", "85-90 %", "0 %"]]
    assert {line[2] for line in table(to_markdown(rows, run="r", epochs=100), "Success")} == {"-"}


def test_data_holds_the_same_with_null_for_the_unknown() -> None:
    data = json.loads(json.dumps(to_data(paper_rows(records(50), 100), run="r", epochs=100)))
    assert data["rows"][0]["psnr"] == {"paper": 23.65, "light": 10, "medium": 11, "heavy": 12, "mean": 11}
    assert data["rows"][9]["ssim"] == {
        "paper": 0.9226,
        "light": None,
        "medium": None,
        "heavy": None,
        "mean": None,
    }
    assert data["success"]["heavy"] == {"paper": "85-90 %", "ours": None}
