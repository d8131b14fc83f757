"""A module that is a folder and a row (tests/demo): on a network, from the command line."""
import os

import dosrun
from dosrun import check, equal

DOS = os.path.join(os.path.dirname(dosrun.BIN), "demo", "bin", "dos")  # cmake/demo.cmake


def test_its_calls_are_listed_and_its_page_has_its_types(h):
    items = h.data("call", "--list", "demo")["items"]
    equal({i["name"] for i in items}, {"pin", "unpin"})
    check("title:str" in h.run("call", "--list", "demo.pin").text, "its arguments are shown")
    check(any(i["module"] == "fs" for i in h.data("call", "--list")["items"]), "beside those of all others")


def test_its_calls_run_on_the_network(h):
    h.run("call", "demo.pin", "hello", "first")
    h.run("call", "demo.pin", "hello", "second")
    h.run("call", "demo.pin", "hello", "third", "--as", "bob", code=4)
    h.run("call", "demo.unpin", "hello")
    h.run("call", "demo.unpin", "hello", code=3)
