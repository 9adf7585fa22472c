import pytest

from drc.files import write_whole


def test_writes_text_and_makes_folders(tmp_path):
    path = write_whole(tmp_path / "a" / "b.txt", "é")
    assert path.read_text(encoding="utf-8") == "é"


def test_a_failure_leaves_the_old_file_and_nothing_beside_it(tmp_path, monkeypatch):
    path = write_whole(tmp_path / "b.txt", "old")

    def broken(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr("drc.files.os.replace", broken)
    with pytest.raises(KeyboardInterrupt):
        write_whole(path, "new")
    assert path.read_text() == "old"
    assert [p.name for p in tmp_path.iterdir()] == ["b.txt"]


def test_others_may_read_what_is_written(tmp_path):
    plain = tmp_path / "plain"
    plain.write_text("x")
    assert write_whole(tmp_path / "whole", "x").stat().st_mode == plain.stat().st_mode
