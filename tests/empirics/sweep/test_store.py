"""The store: states, leases and durability."""

import signal
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest

from empirics.sweep import database
from empirics.sweep.database import StoreError
from empirics.sweep.lease import hold_leases
from empirics.sweep.liveness import Identity
from empirics.sweep.store import Counts, Store
from tests.empirics.sweep.store_rows import ROW, raw
from tests.empirics.sweep.sweep_functions import squares


def test_the_life_of_a_task(store):
    keys = store.plan("s", squares(3))
    assert store.counts() == Counts(3, 0, 0, 3, 0)
    with hold_leases(store) as runner:
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
    with hold_leases(store) as runner:
        runner.claim(keys, 2)
        runner.finish(keys[0], [], 0.0, "w")
    assert store.counts() == Counts(2, 1, 0, 1, 0)
    assert [a["outcome"] for a in store.attempts()] == ["done", "released"]


def test_a_task_is_claimed_once(path, store):
    keys = store.plan("s", squares(40))
    with Store(path) as other, hold_leases(store) as one, hold_leases(other) as two:
        claimed = []
        for _ in range(7):
            claimed += one.claim(keys, 3)
            claimed += two.claim(keys, 4)
        assert sorted(claimed) == sorted(keys)
        assert one.claim(keys, 1) == two.claim(keys, 1) == []
        assert one.claim(keys, 0) == []


def test_claims_keep_the_order_asked_for(store):
    keys = store.plan("s", squares(5))
    with hold_leases(store) as runner:
        assert runner.claim(reversed(keys), 2) == [keys[4], keys[3]]


def test_many_threads_share_a_store(path, store):
    keys = store.plan("s", squares(60))
    done, trouble = [], []

    def work():
        try:
            with Store(path) as mine, hold_leases(mine) as runner:
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
    with hold_leases(store) as late:
        late.claim([key], 1)
        raw(path, "UPDATE runners SET heartbeat = 0")
        with Store(path) as other, hold_leases(other) as runner:
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
    with hold_leases(store, heartbeat=0.02) as runner:
        runner.claim([key], 1)
        raw(path, "UPDATE runners SET heartbeat = 0")
        give_up = time.monotonic() + 60
        while raw(path, "SELECT heartbeat FROM runners") == [(0.0,)]:
            assert time.monotonic() < give_up
            time.sleep(0.02)
        with Store(path) as other, hold_leases(other) as second:
            assert second.reclaim() == 0
        assert runner.finish(key, [ROW], 0.0, "w")


def test_a_killed_runner_is_seen_at_once(path, store):
    keys = store.plan("s", squares(3))
    code = (
        "import sys, time; from empirics.sweep.lease import hold_leases\n"
        "from empirics.sweep.store import Store\n"
        "store = Store(sys.argv[1])\n"
        "with hold_leases(store) as runner:\n"
        "    print(len(runner.claim(sys.argv[2:], 2)), flush=True)\n"
        "    time.sleep(60)\n"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(path), *keys], stdout=subprocess.PIPE
    )
    try:
        assert process.stdout.readline() == b"2\n"
        with hold_leases(store) as runner:
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
    with hold_leases(store) as runner:
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
    with hold_leases(store) as runner:
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
    with hold_leases(store) as runner:
        runner.claim([key], 1)
        runner.finish(key, [ROW], 0.0, "w")
        assert raw(path, "SELECT content FROM rows") == [(ROW,)]
    assert raw(path, "PRAGMA journal_mode") == [("wal",)]
    connection = database.connect(path, create=False)
    assert connection.execute("PRAGMA synchronous").fetchone() == (2,)
    connection.close()


def test_a_store_that_another_process_is_making_is_one(path):
    """The other has time to make it after each look at the file, if it is free to."""

    class Slow:
        def __init__(self, connection):
            self.connection = connection

        def __getattr__(self, name):
            return getattr(self.connection, name)

        def execute(self, statement):
            answer = self.connection.execute(statement).fetchall()
            if not other.ident:
                other.start()
            other.join(1.0)
            return SimpleNamespace(fetchone=lambda: answer[0])

    def make():
        Store(path, create=True).close()

    other = threading.Thread(target=make)
    connection = database.connect(path, create=True)
    try:
        database.open_store(Slow(connection), path, create=True)
    finally:
        connection.close()
        other.join()
    with Store(path) as store:
        assert store.counts().total == 0
