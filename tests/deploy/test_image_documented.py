"""What is written about the image, and what it is."""

from __future__ import annotations

from deploy.image.__main__ import NAME, ROOT, RUN
from deploy.image.base import CONTAINERFILE
from neuroplay.config import Settings

DOCUMENT = (ROOT / "docs" / "deploy.md").read_text()


def test_the_document_has_the_command_that_make_image_prints() -> None:
    assert RUN.format(engine="podman", image=NAME) in DOCUMENT


def test_every_image_in_the_document_is_this_release() -> None:
    words = DOCUMENT.replace("`", " ").split()
    assert {word for word in words if word.startswith("neuroplay:") and word[10:11].isdigit()} == {
        NAME
    }


def test_the_image_sets_only_settings_that_there_are() -> None:
    lines = CONTAINERFILE.read_text().splitlines()
    names = {line.split("=")[0].strip() for line in lines if line.strip().startswith("NEUROPLAY_")}
    assert names == {"NEUROPLAY_HOME", "NEUROPLAY_HOST", "NEUROPLAY_LOG_TO"}
    assert names <= {one.variable for one in Settings.table().values()}
