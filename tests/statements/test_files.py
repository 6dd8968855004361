"""Statements as files: JSON and PDF, by the command line; the same statement is the same bytes."""

import json
from dataclasses import replace
from datetime import date
from decimal import Decimal
from pathlib import Path

import pytest
from fontTools.fontBuilder import FontBuilder
from fontTools.pens.ttGlyphPen import TTGlyphPen

from app.failures import Failure
from app.statement_files import StatementFile, as_json
from app.statement_pdf import as_pdf
from domain.people import ENGINE
from domain.services.members import named
from tests.app.milepost import Answer, milepost
from tests.statements.kit import NOON, Diary, a_diary
from tests.statements.paper import pages, words
from tests.support.factories import a_partner, a_product
from tests.support.members import by_number

FROM, TO = date(2028, 2, 1), date(2028, 2, 29)


async def a_file(diary: Diary) -> StatementFile:
    return StatementFile(diary.stage.program, diary.stage.member, await diary.whole(FROM, TO))


async def a_february(diary: Diary) -> StatementFile:
    """One in which a product was bought and a part of it spent; the clock stands in March."""
    stage = diary.stage
    product = await a_product(stage.database, stage.program, name="Night ferry (cabin)")
    partner = await a_partner(stage.database, stage.program, name="Søren's Inn")
    await stage.earn(1200, product=product.code, partner=partner.code, comment="for staff only")
    diary.pass_to(2028, 2, 3, 12)
    await stage.redeem(200)
    diary.pass_to(2028, 3, 1, 12)
    return await a_file(diary)


async def test_the_json_of_a_statement(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        file = await a_february(diary)
        written = as_json(file)
        assert written == as_json(await a_file(diary))
        assert json.loads(written) == {
            "program": {"code": diary.stage.program.code, "name": diary.stage.program.name},
            "member": {"number": diary.stage.member.number, "name": "Ada Lovelace"},
            "from": "2028-02-01",
            "to": "2028-02-29",
            "timeZone": "UTC",
            "complete": True,
            "accounts": [{
                "pointType": "POINTS", "opening": "0", "credited": "1200", "debited": "200", "closing": "1000",
                "lines": [
                    {
                        "position": 1, "processedAt": "2028-02-01T12:00:00+00:00", "kind": "TRANSACTION",
                        "transactionDate": "2028-02-01", "type": "ACCRUAL", "subType": "PRODUCT",
                        "product": "Night ferry (cabin)", "partner": "Søren's Inn", "points": "1200", "balance": "1200",
                    },
                    {
                        "position": 2, "processedAt": "2028-02-03T12:00:00+00:00", "kind": "TRANSACTION",
                        "transactionDate": "2028-02-03", "type": "REDEMPTION", "subType": "PRODUCT",
                        "product": None, "partner": None, "points": "-200", "balance": "1000",
                    },
                ],
            }],
        }  # fmt: skip


async def test_a_short_statement_is_one_page(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        file = await a_february(diary)
        pdf = as_pdf(file)
        assert pdf == as_pdf(await a_file(diary))
        assert pages(pdf) == 1
        number = diary.stage.member.number
        assert words(pdf) == [
            diary.stage.program.name,
            "Statement from 2028-02-01 to 2028-02-29",
            f"Ada Lovelace, member {number}",
            "Days begin and end in the time zone UTC.",
            "Points",
            "Processed", "Date", "What", "Points", "Balance",
            "Opening", "0",
            "2028-02-01", "2028-02-01", "Product, Night ferry (cabin), Søren's Inn", "+1200", "1200",
            "2028-02-03", "2028-02-03", "Product", "-200", "1000",
            "All that came", "+1200",
            "All that went", "-200",
            "Closing", "1000",
            f"{diary.stage.program.name}, member {number}",
            "1 / ", "1",
        ]  # fmt: skip


async def test_a_long_statement_is_many_pages_with_every_line(migrated_url: str) -> None:
    async with a_diary(migrated_url) as diary:
        file = await a_february(diary)
        [account] = file.statement.accounts
        lines = tuple(
            replace(account.lines[0], position=each, points=Decimal(each), balance=Decimal(10**15 + each))
            for each in range(1, 501)
        )
        long = replace(file, statement=replace(file.statement, accounts=(replace(account, lines=lines),)))
        pdf = as_pdf(long)
        assert pages(pdf) == 13
        found = words(pdf)
        assert found.count("Processed") == 13
        assert found[-2:] == ["13 / ", "13"]
        assert [one for one in found if one.startswith("+") and int(one) <= 500] == [f"+{n}" for n in range(1, 501)]
        assert [str(10**15 + each) in found for each in (1, 500)] == [True, True]


async def test_letters_that_the_font_does_not_have_are_refused_and_another_font_has_them(
    migrated_url: str, tmp_path: Path
) -> None:
    async with a_diary(migrated_url) as diary:
        file = await a_february(diary)
        greek = replace(file, member=replace(file.member, name="Ἑλένη"))
        with pytest.raises(Failure) as refused:
            as_pdf(greek)
        missing = " ".join(sorted(set(greek.member.name)))
        assert str(refused.value) == (
            f"The font has no letters for {missing} in 'Ἑλένη': give one that has them by --font FILE.ttf, "
            "or take --format json."
        )
        font = a_font(tmp_path, "".join(map(chr, range(32, 256))) + "Ἑλένη")
        pdf = as_pdf(greek, font)
        assert pdf == as_pdf(greek, font)
        assert pages(pdf) == 1
        with pytest.raises(Failure, match="The font has no letters for η in 'Ἑλένη': give one that has them, or"):
            as_pdf(greek, a_font(tmp_path, "".join(map(chr, range(32, 256))) + "Ἑλέν"))
        with pytest.raises(Failure, match="is not a font that can be used"):
            as_pdf(greek, Path(__file__))


def a_font(folder: Path, letters: str) -> Path:
    """A font in which every one of these letters is a box."""
    pen = TTGlyphPen(None)
    pen.moveTo((0, 0))
    for corner in ((500, 0), (500, 700), (0, 700)):
        pen.lineTo(corner)
    pen.closePath()
    box = pen.glyph()
    builder = FontBuilder(1000, isTTF=True)
    builder.setupGlyphOrder([".notdef", "box"])
    builder.setupCharacterMap({ord(letter): "box" for letter in letters})
    builder.setupGlyf({".notdef": box, "box": box})
    builder.setupHorizontalMetrics({".notdef": (600, 0), "box": (600, 0)})
    builder.setupHorizontalHeader(ascent=800, descent=-200)
    builder.setupNameTable({"familyName": "Boxes", "styleName": "Regular"})
    builder.setupOS2(sTypoAscender=800, usWinAscent=800, usWinDescent=200)
    builder.setupPost()
    path = folder / f"boxes-{len(letters)}.ttf"
    builder.save(path)
    return path


async def test_the_command_writes_what_the_statement_says(migrated_url: str, tmp_path: Path) -> None:
    async with a_diary(migrated_url) as diary:
        diary.now = NOON.replace(year=2024)
        await diary.stage.earn(1200)
        program, number = diary.stage.program.code, diary.stage.member.number
        async with diary.stage.database.read() as reader:
            member = await named(reader, ENGINE, by_number(diary.stage.member), program)
        diary.now = NOON
        said = StatementFile(diary.stage.program, member, await diary.whole(date(2024, 2, 1), date(2024, 2, 29)))

    async def export(out: Path, *more: str, **values: str) -> Answer:
        given = {"program": program, "member": number, "from": "2024-02-01", "to": "2024-02-29", **values}
        options = [part for name, value in given.items() for part in (f"--{name}", value)]
        return await milepost("export", "statement", *options, "--out", str(out), *more, DATABASE_URL=migrated_url)

    for name, more, content in (
        ("ada.json", (), as_json(said)),
        ("ada.pdf", (), as_pdf(said)),
        ("ada", ("--format", "json"), as_json(said)),
    ):
        out = tmp_path / name
        assert await export(out, *more) == Answer(0, f"{program}: 1 line of member {number} are in {out}.\n", "")
        assert out.read_bytes() == content

    nowhere = tmp_path / "none.json"
    for out, values, reason in (
        (tmp_path / "none.txt", {}, "none.txt says neither .json nor .pdf: name the file so, or give --format json or --format pdf."),
        (nowhere, {"member": "nobody"}, "There is no member 'nobody'."),
        (nowhere, {"program": "NOWHERE"}, "There is no program 'NOWHERE'."),
        (nowhere, {"from": "2024-03-01"}, "to is '2024-02-29'; expected a date from 2024-03-01 on."),
    ):  # fmt: skip
        assert await export(out, **values) == Answer(2, "", f"milepost: {reason}\n")
        assert not out.exists()
