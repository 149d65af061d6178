"""Files that are no store, and disks that are full."""

import os
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from empirics.sweep import database
from empirics.sweep.database import DiskFullError, StoreError
from empirics.sweep.lease import hold_leases
from empirics.sweep.store import Counts, Store
from tests.empirics.sweep.store_rows import ROW, raw
from tests.empirics.sweep.sweep_functions import squares


def refused(path, **options):
    with pytest.raises(StoreError) as error, Store(path, **options):
        pass
    return str(error.value)


def test_missing(path):
    assert refused(path) == f"there is no store {path}"
    assert not path.exists()


def test_missing_folder(path):
    inside = path / "in" / "s.sqlite"
    assert refused(inside, create=True) == f"the folder {inside.parent} does not exist"


def test_folder(tmp_path):
    assert refused(tmp_path, create=True) == f"a store is a file, but {tmp_path} is a folder"


def test_empty(path):
    path.touch()
    assert refused(path) == f"{path} is empty, not a store"
    Store(path, create=True).close()
    Store(path).close()


@pytest.mark.parametrize("create", [True, False])
def test_not_a_database(path, create):
    path.write_text("sweep,task,seed\n" * 1000)
    assert "not an SQLite database" in refused(path, create=create)
    assert path.read_text().startswith("sweep,task")


@pytest.mark.parametrize("create", [True, False])
def test_another_program_s_database(path, create):
    raw(path, "CREATE TABLE bookmarks (url TEXT)")
    message = f"{path} is an SQLite database, but not a store of sweeps"
    assert refused(path, create=create) == message
    assert raw(path, "SELECT name FROM sqlite_schema") == [("bookmarks",)]


def test_newer_version(path):
    Store(path, create=True).close()
    raw(path, "PRAGMA user_version = 7")
    message = f"{path} was written by a newer version: its schema is 7, this version reads up to 1"
    assert refused(path) == message


def test_version_that_never_was(path):
    Store(path, create=True).close()
    raw(path, "PRAGMA user_version = 0")
    assert "is damaged" in refused(path)


def filled(path, count=400):
    with Store(path, create=True) as store:
        keys = store.plan("s", squares(count))
        with hold_leases(store) as runner:
            for key in runner.claim(keys, count):
                runner.finish(key, [ROW] * 5, 0.0, "w")


@pytest.mark.parametrize("share", [0.001, 0.3, 0.7, 0.99])
def test_truncated(path, share):
    filled(path, 60)
    os.truncate(path, int(path.stat().st_size * share))
    message = refused(path)
    assert "damaged" in message or "not an SQLite database" in message


def test_overwritten_in_the_middle(path):
    filled(path, 60)
    with path.open("r+b") as file:
        file.seek(8192)
        file.write(os.urandom(16384))
    assert "damaged" in refused(path)


@pytest.mark.parametrize("part", [b"attempts_openattempts", b"CREATE TABLE rows"])
def test_schema_that_is_no_text(path, part):
    Store(path, create=True).close()
    whole = path.read_bytes()
    place = whole.index(part)
    path.write_bytes(whole[:place] + b"\x80" + whole[place + 1 :])
    assert "is damaged" in refused(path)


@pytest.mark.parametrize("text", ["{'x': 1}", "[1]", "", "nul"])
def test_contents_that_are_not_rows(path, text):
    filled(path, 2)
    raw(path, f"UPDATE rows SET content = '{text.replace(chr(39), chr(34) * 2)}' WHERE number = 0")
    with Store(path) as store, pytest.raises(StoreError, match="is damaged"):
        list(store.results())


def test_removed_while_in_use(path, store):
    store.plan("s", squares(1))
    path.unlink()
    with pytest.raises(StoreError, match="removed or replaced"):
        store.plan("s", squares(2))
    assert not path.exists()


def test_an_error_of_the_heartbeat_is_raised(path, store):
    keys = store.plan("s", squares(1))
    with hold_leases(store, heartbeat=0.01) as holder:
        path.rename(path.with_suffix(".moved"))
        for thread in threading.enumerate():
            if thread.name == "heartbeat":
                thread.join(timeout=60)
        with pytest.raises(StoreError, match="cannot be opened"):
            holder.claim(keys, 1)
        path.with_suffix(".moved").rename(path)


def test_locked_by_another_process(path, store, monkeypatch):
    monkeypatch.setattr(database, "BUSY_SECONDS", 0.1)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN IMMEDIATE")
    try:
        with Store(path) as other, pytest.raises(StoreError, match="locked by another process"):
            other.plan("s", squares(1))
    finally:
        holder.close()


def test_a_folder_that_only_allows_reading():
    """As another user, where this one may do everything."""
    code = (
        "import os, sys; from empirics.sweep.store import Store\n"
        "from empirics.sweep.database import StoreError\n"
        "if os.geteuid() == 0: os.setgroups([]); os.setgid(65534); os.setuid(65534)\n"
        "for create in (False, True):\n"
        "    try:\n"
        "        with Store(sys.argv[1], create=create) as store: store.plan('s', [])\n"
        "    except StoreError as error: print(error)\n"
    )
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        path = folder / "s.sqlite"
        Store(path, create=True).close()
        path.chmod(0o444)
        folder.chmod(0o555)
        shown = subprocess.run(
            [sys.executable, "-c", code, str(path)], capture_output=True, text=True
        )
        folder.chmod(0o755)
    assert shown.stderr == ""
    lines = shown.stdout.splitlines()
    assert len(lines) == 2
    assert all(str(path) in line and "cannot be" in line for line in lines)


# No disk.


def test_full_disk_keeps_what_was_done_and_goes_on(path, store):
    keys = store.plan("s", squares(200))
    pages = store._database.execute("PRAGMA page_count").fetchone()[0]
    store._database.execute(f"PRAGMA max_page_count = {pages + 60}")
    done = []

    def fill():
        with hold_leases(store) as runner:
            for key in runner.claim(keys, 200):
                done.extend([key] * runner.finish(key, [ROW * 20] * 20, 0.0, "w"))

    with pytest.raises(DiskFullError, match=f"no room on the disk for {path}"):
        fill()
    assert 0 < len(done) < 200
    store._database.execute("PRAGMA max_page_count = 1000000")
    with hold_leases(store) as runner:
        runner.reclaim()
        assert store.counts() == Counts(200, len(done), 0, 200 - len(done), 0)
        for key in runner.claim(keys, 200):
            assert runner.finish(key, [ROW], 0.0, "w")
    assert store.counts().done == 200
    assert raw(path, "PRAGMA integrity_check") == [("ok",)]


def test_file_size_limit_of_the_system(path):
    """The kernel refuses to let the file grow: as on a full disk, nothing reported is lost."""
    code = (
        "import resource, sys\n"
        "from empirics.sweep.lease import hold_leases\n"
        "from empirics.sweep.store import Store; from empirics.sweep.database import StoreError\n"
        "from tests.empirics.sweep.sweep_functions import squares\n"
        "with Store(sys.argv[1], create=True) as store: keys = store.plan('s', squares(300))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "done = 0\n"
        "try:\n"
        "    with Store(sys.argv[1]) as store, hold_leases(store) as runner:\n"
        "        for key in runner.claim(keys, 300):\n"
        "            runner.finish(key, ['{\"x\":1}' * 400], 0.0, 'w'); done += 1\n"
        "except StoreError as error: print(done, error)\n"
    )
    shown = subprocess.run(
        [sys.executable, "-c", code, str(path)], capture_output=True, text=True, timeout=120
    )
    assert shown.stderr == ""
    done, _, message = shown.stdout.partition(" ")
    assert str(path) in message
    with Store(path) as store:
        counts = store.counts()
        assert counts.running == 0
        assert 0 < int(done) == counts.done < 300
        assert raw(path, "PRAGMA integrity_check") == [("ok",)]
