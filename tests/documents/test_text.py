"""A document becomes the text that is counted, or a refusal that says what to do."""

from __future__ import annotations

import io
import sys
import zipfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings, strategies as st

from cachecost.documents import text as extract
from cachecost.documents.text import document_of, visible
from cachecost.errors import BadDocument

WORDS = "It is a truth universally acknowledged"


def pdf(content: bytes) -> bytes:
    """One page with this content stream, written by hand after ISO 32000-1, 7.5."""
    bodies = [
        b"<< /Type /Catalog /Pages 2 0 R >>",
        b"<< /Type /Pages /Kids [3 0 R] /Count 1 >>",
        b"<< /Type /Page /Parent 2 0 R /MediaBox [0 0 612 792] /Contents 4 0 R"
        b" /Resources << /Font << /F1 5 0 R >> >> >>",
        b"<< /Length %d >>\nstream\n%s\nendstream" % (len(content), content),
        b"<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>",
    ]
    out = b"%PDF-1.4\n"
    starts = []
    for number, body in enumerate(bodies, 1):
        starts.append(len(out))
        out += b"%d 0 obj\n%s\nendobj\n" % (number, body)
    table = b"".join(b"%010d 00000 n \n" % start for start in starts)
    tail = b"trailer\n<< /Size 6 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % len(out)
    return out + b"xref\n0 6\n0000000000 65535 f \n" + table + tail


@pytest.mark.parametrize("name", ["a.txt", "a.md", "a.py", "a.json", "README"])
def test_a_text_file_is_its_own_text(tmp_path: Path, name: str) -> None:
    """What is written in a text file is what is counted, whatever its name."""
    file = tmp_path / name
    file.write_text('{"été": "春"}\n', encoding="utf-8")
    document = document_of(file)
    assert (document.name, document.text, document.files) == (str(file), '{"été": "春"}\n', 1)


@given(st.text(min_size=1).filter(lambda text: text.strip() and "\0" not in text and "\ufeff" not in text))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_text_survives_its_encoding(tmp_path: Path, encoding: str, text: str) -> None:
    """UTF-8 with or without a mark and UTF-16 with one come back character by character."""
    file = tmp_path / "a.txt"
    file.write_bytes(text.encode(encoding))
    assert document_of(file).text == text


def test_html_is_what_a_reader_sees(tmp_path: Path) -> None:
    """Tags, scripts, styles, the head and comments do not count; entities count as their characters."""
    file = tmp_path / "a.html"
    file.write_text(
        "<html><head><title>T</title><style>p{}</style></head><body><!-- no --><p>Fish &amp; <b>chips</b></p>"
        "<script>if (a < b) { hidden() }</script><p>Tea<br/>Milk</p></body></html>"
    )
    assert document_of(file).text == "Fish & chips\nTea\nMilk"


def test_html_without_a_closed_head_still_shows_its_body() -> None:
    """A page whose head is never closed is read from its body on."""
    assert visible("<head><title>T</title><body><p>Here") == "Here"


@given(st.text(alphabet="ab<>/!-&;scriptyle \n\"='", max_size=80))
def test_no_html_is_too_broken_to_read(html: str) -> None:
    """Whatever stands between angle brackets, reading ends, and a tag never comes through whole."""
    assert "<script>" not in visible(html)


def test_a_pdf_is_the_text_of_its_pages(tmp_path: Path) -> None:
    """The words that a page draws are its text."""
    pytest.importorskip("pypdf", reason="the extra `files` is not installed")
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(b"BT /F1 12 Tf 72 720 Td (%s) Tj ET" % WORDS.encode()))
    assert document_of(file).text.strip() == WORDS


def test_a_scanned_pdf_is_refused(tmp_path: Path) -> None:
    """A page that draws only shapes has no text, and the refusal names text recognition."""
    pytest.importorskip("pypdf", reason="the extra `files` is not installed")
    file = tmp_path / "scan.pdf"
    file.write_bytes(pdf(b"0 0 100 100 re f"))
    with pytest.raises(BadDocument, match=r"scan\.pdf: no text in it.*OCR"):
        document_of(file)


@pytest.mark.parametrize("algorithm", ["RC4-128", "AES-256"])
def test_an_encrypted_pdf_is_refused(tmp_path: Path, algorithm: str) -> None:
    """A PDF with a password is refused with that reason."""
    if algorithm.startswith("AES"):
        pytest.importorskip("cryptography", reason="AES cannot be written without the package cryptography")
    pypdf = pytest.importorskip("pypdf", reason="the extra `files` is not installed")
    writer = pypdf.PdfWriter()
    writer.add_blank_page(100, 100)
    writer.encrypt("secret", algorithm=algorithm)
    file = tmp_path / "locked.pdf"
    writer.write(file)
    with pytest.raises(BadDocument, match=r"locked\.pdf: an encrypted PDF"):
        document_of(file)


def test_a_docx_is_its_paragraphs_and_tables(tmp_path: Path) -> None:
    """Paragraphs come one a line, and the cells of a table among them."""
    docx = pytest.importorskip("docx", reason="the extra `files` is not installed")
    written = docx.Document()
    written.add_paragraph(WORDS)
    written.add_table(rows=1, cols=1).cell(0, 0).text = "in a cell"
    file = tmp_path / "a.docx"
    written.save(str(file))
    assert document_of(file).text.split("\n") == [WORDS, "in a cell"]


def test_an_epub_is_its_chapters_in_reading_order(tmp_path: Path) -> None:
    """Chapters follow the spine, not the order in which they were packed."""
    pytest.importorskip("ebooklib", reason="the extra `files` is not installed")
    from ebooklib import epub  # type: ignore[import-untyped]

    book = epub.EpubBook()
    chapters: list[epub.EpubHtml] = []
    for title in ("second", "first"):
        chapter = epub.EpubHtml(title=title, file_name=f"{title}.xhtml")
        chapter.content = f"<html><body><p>The {title} chapter</p></body></html>"
        book.add_item(chapter)
        chapters.insert(0, chapter)
    book.spine = chapters
    book.add_item(epub.EpubNcx())
    file = tmp_path / "a.epub"
    epub.write_epub(str(file), book)
    assert document_of(file).text == "The first chapter\n\nThe second chapter"


@pytest.mark.parametrize("kind", ["pdf", "docx", "epub"])
@pytest.mark.parametrize("how", ["garbage", "truncated", "foreign"])
def test_a_broken_file_is_refused(tmp_path: Path, kind: str, how: str) -> None:
    """A PDF, DOCX or EPUB that does not open is refused by name, never with a traceback."""
    pytest.importorskip({"pdf": "pypdf", "docx": "docx", "epub": "ebooklib"}[kind], reason="no extra `files`")
    file = tmp_path / f"a.{kind}"
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("other.txt", WORDS)
    whole = pdf(b"") if kind == "pdf" else file.read_bytes()
    file.write_bytes({"garbage": b"\x01\x02 no", "truncated": whole[:40], "foreign": file.read_bytes()}[how])
    with pytest.raises(BadDocument, match=rf"a\.{kind}: a broken {kind.upper()}"):
        document_of(file)


def test_a_missing_library_names_the_extra(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the library for a PDF is not installed, the refusal says what to install."""
    monkeypatch.setitem(sys.modules, "pypdf", None)
    file = tmp_path / "a.pdf"
    file.write_bytes(pdf(b""))
    with pytest.raises(BadDocument, match=r'pip install .*\[files\]"'):
        document_of(file)


@pytest.mark.parametrize(
    ("data", "why"),
    [
        (b"", "the file is empty"),
        (b" \n\t", "no text in it"),
        (b"ab\0cd", "NUL bytes"),
        (b"caf\xe9", "byte 3 is not UTF-8"),
        (b"\xff\xfea", "is not UTF-16"),
    ],
)
def test_a_file_that_is_not_text_is_refused(tmp_path: Path, data: bytes, why: str) -> None:
    """Empty, blank, binary and undecodable files are refused, each with its reason."""
    file = tmp_path / "a.txt"
    file.write_bytes(data)
    with pytest.raises(BadDocument, match=why):
        document_of(file)


def test_a_missing_file_is_refused(tmp_path: Path) -> None:
    """A path where nothing is earns a refusal that names it."""
    with pytest.raises(BadDocument, match=r"nowhere\.txt: no such file or folder"):
        document_of(tmp_path / "nowhere.txt")


def test_a_file_without_permission_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file that may not be opened is refused with the system's own reason."""
    file = tmp_path / "a.txt"
    file.write_text(WORDS)

    def denied(*_: object) -> bytes:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", denied)
    with pytest.raises(BadDocument, match=r"Permission denied.*check its name and permissions"):
        document_of(file)


def test_a_file_over_the_limit_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file of exactly the limit is read; one byte more is refused before it is opened."""
    monkeypatch.setattr(extract, "LARGEST", 4)
    file = tmp_path / "a.txt"
    file.write_bytes(b"abcd")
    assert document_of(file).text == "abcd"
    file.write_bytes(b"abcde")
    with pytest.raises(BadDocument, match="5 bytes, expected at most"):
        document_of(file)


def test_a_folder_is_its_files_in_order(tmp_path: Path) -> None:
    """Files are joined in the order of their paths; tools' folders, binaries and empty files are listed."""
    for name, data in {
        "b.txt": b"two",
        "a/z.txt": b"one",
        "c.md": b"three",
        ".git/config": b"no",
        "node_modules/x.js": b"no",
        "a/__pycache__/x.pyc": b"no",
        "d.bin": b"\0\1",
        "e.txt": b"",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    document = document_of(tmp_path)
    assert (document.text, document.files) == ("one\n\ntwo\n\nthree", 3)
    assert [line.split(":")[0] for line in document.skipped] == [
        ".git",
        "a/__pycache__",
        "d.bin",
        "e.txt",
        "node_modules",
    ]
    assert str(tmp_path) not in "".join(document.skipped)


def test_a_link_back_does_not_turn_for_ever(tmp_path: Path) -> None:
    """A link from a folder to itself is listed once, and the walk ends."""
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x.txt").write_text(WORDS)
    try:
        (tmp_path / "a" / "back").symlink_to(tmp_path, target_is_directory=True)
    except OSError:
        pytest.skip("this system does not let us make links")
    document = document_of(tmp_path)
    assert document.text == WORDS
    assert document.skipped == ("a/back: a link to a folder that holds it",)


def test_a_folder_without_text_is_refused(tmp_path: Path) -> None:
    """A folder where nothing can be read is refused, not counted as zero."""
    (tmp_path / "a.bin").write_bytes(b"\0")
    with pytest.raises(BadDocument, match=r"no text in this folder.*1 skipped"):
        document_of(tmp_path)


def test_several_files_patterns_and_folders_are_one_document(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In the order in which they are named, a blank line between them; the largest are listed first."""
    monkeypatch.chdir(tmp_path)
    for name, text in {"a.md": "aaaa", "b.md": "b" * 12, "sub/c.md": "cccc", "sub/d.bin": "\0"}.items():
        Path(name).parent.mkdir(exist_ok=True)
        Path(name).write_text(text, encoding="utf-8")
    document = document_of(["*.md", "sub"])
    assert document.text == f"aaaa\n\n{'b' * 12}\n\ncccc"
    assert document.contents() == "3 files: b.md 60%, a.md 20%, c.md 20%; 1 skipped"
    assert document.contents(1) == "3 files: b.md 60%, 2 more; 1 skipped"
    assert document_of(["a.md"]).contents() == ""


def test_a_folder_leaves_out_what_is_excluded(tmp_path: Path) -> None:
    """By the name of a file, or by its path in the folder."""
    for name in ("a.md", "b.txt", "sub/c.md", "sub/d.txt"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(name, encoding="utf-8")
    document = document_of([str(tmp_path)], ["*.md", "sub/d*"])
    assert document.text == "b.txt"
    assert document.skipped == ("a.md: excluded", "sub/c.md: excluded", "sub/d.txt: excluded")


def test_a_pattern_that_matches_nothing_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadDocument, match="no file matches"):
        document_of([str(tmp_path / "*.pdf")])


@pytest.mark.parametrize(
    ("content", "text"),
    [
        (b"plain", "plain"),
        (b"<!doctype html><p>Seen<script>not</script>", "Seen"),
        (pdf(b"BT /F1 9 Tf (Seen) Tj ET"), "Seen"),
    ],
)
def test_standard_input_is_a_document_whose_first_bytes_say_its_format(
    monkeypatch: pytest.MonkeyPatch, content: bytes, text: str
) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(content)))
    assert document_of(["-"]).text.strip() == text
