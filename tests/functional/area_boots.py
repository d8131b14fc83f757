"""Networks of four validators made and started over and over, several at a time: none fails."""
import json
import subprocess
import time

import dosrun
from dosrun import Home, check, equal, side_by_side

AT_A_TIME = 8


def long(test):  # run with --whole only
    test.long = True
    return test


def boots(count):
    failed, times = [], []

    def boot(i):
        home = Home(validators=4)
        try:
            start = time.monotonic()
            p = subprocess.run([dosrun.DOS, "net", "up", "--validators", "4", "--json"], cwd=home.cwd, env=home.env, capture_output=True, timeout=180)
            took = time.monotonic() - start
            if p.returncode != 0:
                return failed.append((i, p.returncode, (p.stdout + p.stderr)[-1500:].decode("utf-8", "replace")))
            data = json.loads(p.stdout)["data"]
            check(int(data["height"]) >= 1, data)
            home.run("send", "bob", "hello", timeout=60)
            equal(home.data("inbox", "--as", "bob")["items"][0]["text"], "hello")
            equal(home.data("status")["quorum"]["have"], 4)
            times.append(took)
        except Exception as e:
            failed.append((i, str(e)))
        finally:
            home.close()

    side_by_side(boot, range(count), AT_A_TIME)
    equal(failed, [], "boots that failed")
    equal(len(times), count)
    times.sort()
    print("   %d boots, %d at a time: median %.2f s, longest %.2f s" % (count, AT_A_TIME, times[len(times) // 2], times[-1]))


def test_eight_boots_at_once(h):
    boots(8)


@long
def test_sixty_four_boots_eight_at_a_time(h):
    boots(64)
