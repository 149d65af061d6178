"""The browser that the tests and the picture use: Debian's Chromium, or what CHROMIUM names."""

import os
import shutil

FLAGS = (
    *("--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"),
    *("--disable-component-update", "--disable-sync"),
)


def binary():
    """Path of the browser, or None."""
    named = os.environ.get("CHROMIUM")
    return named or shutil.which("chromium") or shutil.which("chromium-browser")
