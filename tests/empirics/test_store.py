"""The store: states, leases, durability, and files that are no store."""

import os
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest

from empirics import database
from empirics.database import DiskFullError, StoreError
from empirics.liveness import Identity
from empirics.store import Counts, Store
from tests.empirics.sweep_functions import squares

ROW = '{"value":1}'


@pytest.fixture
def path(tmp_path):
    return tmp_path / "s.sqlite"


@pytest.fixture
def store(path):
    with Store(path, create=True) as opened:
        yield opened


def raw(path, *statements):
    """Execute statements past the store."""
    connection = sqlite3.connect(path)
    try:
        found = [connection.execute(statement).fetchall() for statement in statements]
        connection.commit()
    finally:
        connection.close()
    return found[-1]


def test_the_life_of_a_task(store):
    keys = store.plan("s", squares(3))
    assert store.counts() == Counts(3, 0, 0, 3, 0)
    with store.runner() as runner:
        assert runner.claim(keys, 2) == keys[:2]
        assert store.counts() == Counts(3, 0, 0, 1, 2)
        assert runner.finish(keys[0], [ROW, ROW], 0.5, "here:1")
        assert runner.fail(keys[1], "Traceback\nError: no", 0.25, "here:1")
        assert store.counts() == Counts(3, 1, 1, 1, 0)
    assert [result.row for result in store.results()] == [{"value": 1}] * 2
    (failure,) = store.failures()
    assert (failure.key, failure.reason) == (keys[1], "Error: no")
    assert failure.configuration == {"x": 1.5, "seconds": 0.0}
    assert store.retry() == 1
    assert store.counts() == Counts(3, 1, 0, 2, 0)
    assert [a["outcome"] for a in store.attempts()] == ["done", "failed"]


def test_leases_end_with_their_runner(store):
    keys = store.plan("s", squares(2))
    with store.runner() as runner:
        runner.claim(keys, 2)
        runner.finish(keys[0], [], 0.0, "w")
    assert store.counts() == Counts(2, 1, 0, 1, 0)
    assert [a["outcome"] for a in store.attempts()] == ["done", "released"]


def test_a_task_is_claimed_once(path, store):
    keys = store.plan("s", squares(40))
    with Store(path) as other, store.runner() as one, other.runner() as two:
        claimed = []
        for _ in range(7):
            claimed += one.claim(keys, 3)
            claimed += two.claim(keys, 4)
        assert sorted(claimed) == sorted(keys)
        assert one.claim(keys, 1) == two.claim(keys, 1) == []
        assert one.claim(keys, 0) == []


def test_claims_keep_the_order_asked_for(store):
    keys = store.plan("s", squares(5))
    with store.runner() as runner:
        assert runner.claim(reversed(keys), 2) == [keys[4], keys[3]]


def test_many_threads_share_a_store(path, store):
    keys = store.plan("s", squares(60))
    done, trouble = [], []

    def work():
        try:
            with Store(path) as mine, mine.runner() as runner:
                while claimed := runner.claim(keys, 2):
                    done.extend(key for key in claimed if runner.finish(key, [ROW], 0.0, "w"))
        except StoreError as error:
            trouble.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not trouble
    assert sorted(done) == sorted(keys)
    assert len(list(store.results())) == 60


def test_a_lost_lease_stores_nothing(path, store):
    (key,) = store.plan("s", squares(1))
    with store.runner() as late:
        late.claim([key], 1)
        raw(path, "UPDATE runners SET heartbeat = 0")
        with Store(path) as other, other.runner() as runner:
            assert other.counts().pending == 1
            assert runner.reclaim() == 1
            assert runner.claim([key], 1) == [key]
            assert not late.finish(key, [ROW, ROW], 0.0, "late")
            assert not late.fail(key, "late", 0.0, "late")
            assert runner.finish(key, [ROW], 0.0, "in time")
            assert not late.finish(key, [ROW, ROW], 0.0, "late")
        assert len(list(store.results())) == 1
    assert store.counts().done == 1
    outcomes = [(a["outcome"], a["worker"]) for a in store.attempts()]
    assert outcomes == [("lost", None), ("done", "in time")]


def test_the_heartbeat_keeps_a_lease(path, store):
    (key,) = store.plan("s", squares(1))
    with store.runner(heartbeat=0.02) as runner:
        runner.claim([key], 1)
        raw(path, "UPDATE runners SET heartbeat = 0")
        give_up = time.monotonic() + 60
        while raw(path, "SELECT heartbeat FROM runners") == [(0.0,)]:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        with Store(path) as other, other.runner() as second:
            assert second.reclaim() == 0
        assert runner.finish(key, [ROW], 0.0, "w")


def test_a_killed_runner_is_seen_at_once(path, store):
    keys = store.plan("s", squares(3))
    code = (
        "import sys, time; from empirics.store import Store; store = Store(sys.argv[1])\n"
        "with store.runner() as runner:\n"
        "    print(len(runner.claim(sys.argv[2:], 2)), flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path), *keys], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"2\n"
        with store.runner() as runner:
            assert runner.reclaim() == 0
            assert store.counts() == Counts(3, 0, 0, 1, 2)
            process.send_signal(signal.SIGKILL)
            # Not waited for: a zombie is dead as well.
            give_up = time.monotonic() + 60
            while runner.reclaim() == 0:
                assert time.monotonic() < give_up
            assert store.counts() == Counts(3, 0, 0, 3, 0)
            assert runner.claim(keys, 3) == keys
    finally:
        process.kill()
        process.wait()
        process.stdout.close()


def test_a_pid_that_was_given_anew_is_another_process():
    me = Identity.current()
    assert not me.is_dead()
    boot, space, start = me.birth.split(":")
    if not boot:
        pytest.skip("this system has no /proc")
    assert Identity(me.host, me.pid, f"{boot}:{space}:{int(start) - 1}").is_dead()
    assert Identity(me.host, me.pid, f"another-boot:{space}:{start}").is_dead()
    assert Identity(me.host, 2**22 + 1, me.birth).is_dead()
    # What cannot be seen from here is not declared dead.
    assert not Identity("another host", 2**22 + 1, me.birth).is_dead()
    assert not Identity(me.host, 2**22 + 1, f"{boot}:another-namespace:{start}").is_dead()
    assert not Identity(me.host, 2**22 + 1, "::").is_dead()


def test_planning_again_keeps_results_and_replaces_the_sweep(store):
    keys = store.plan("s", squares(3))
    with store.runner() as runner:
        runner.claim(keys, 3)
        for key in keys:
            runner.finish(key, [ROW], 0.0, "w")
    assert store.plan("s", squares(4)[1:]) == [*keys[1:], squares(4)[3].key]
    assert store.counts("s") == Counts(3, 2, 0, 1, 0)
    assert store.superseded() == 1
    assert [result.key for result in store.results("s")] == keys[1:]
    store.plan("s", squares(3))
    assert store.counts("s") == Counts(3, 3, 0, 0, 0)


def test_sweeps_share_their_tasks(store):
    store.plan("b", squares(3))
    store.plan("a", squares(2))
    assert store.sweeps() == ["a", "b"]
    assert store.counts().total == 3
    keys = [task.key for task in squares(3)]
    with store.runner() as runner:
        runner.claim(keys, 3)
        for key in reversed(keys):
            runner.finish(key, [ROW], 0.0, "w")
    order = [("a", keys[0]), ("a", keys[1]), *(("b", key) for key in keys)]
    assert [(result.sweep, result.key) for result in store.results()] == order


def test_equal_tasks_are_refused(store):
    with pytest.raises(ValueError, match="the tasks of a sweep must differ, got twice Task"):
        store.plan("s", [*squares(2), *squares(1)])
    assert store.counts().total == 0


def test_results_are_on_the_disk_when_reported(path, store):
    """Another connection sees them, and the log is synchronised at each commit."""
    (key,) = store.plan("s", squares(1))
    with store.runner() as runner:
        runner.claim([key], 1)
        runner.finish(key, [ROW], 0.0, "w")
        assert raw(path, "SELECT content FROM rows") == [(ROW,)]
    assert raw(path, "PRAGMA journal_mode") == [("wal",)]
    connection = database.connect(path, create=False)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


# Files that are no store.


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
        with store.runner() as runner:
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


def test_the_heartbeat_reports_its_trouble(path, store):
    keys = store.plan("s", squares(1))
    with store.runner(heartbeat=0.01) as runner:
        path.rename(path.with_suffix(".moved"))
        runner._thread.join(timeout=60)
        with pytest.raises(StoreError, match="cannot be opened"):
            runner.claim(keys, 1)
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
        "import os, sys; from empirics.store import Store\n"
        "from empirics.database import StoreError\n"
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
        with store.runner() as runner:
            for key in runner.claim(keys, 200):
                done.extend([key] * runner.finish(key, [ROW * 20] * 20, 0.0, "w"))

    with pytest.raises(DiskFullError, match=f"no room on the disk for {path}"):
        fill()
    assert 0 < len(done) < 200
    store._database.execute("PRAGMA max_page_count = 1000000")
    with store.runner() as runner:
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
        "from empirics.store import Store; from empirics.database import StoreError\n"
        "from tests.empirics.sweep_functions import squares\n"
        "with Store(sys.argv[1], create=True) as store: keys = store.plan('s', squares(300))\n"
        "resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, 400_000))\n"
        "done = 0\n"
        "try:\n"
        "    with Store(sys.argv[1]) as store, store.runner() as runner:\n"
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
