"""What several tests share: where the shared papers are, when they are there."""

from __future__ import annotations

from pathlib import Path

import pytest

SHARED = Path(__file__).parents[2] / "shared"


@pytest.fixture(scope="session")
def samples() -> Path:
    """Give the folder of real Factur-X invoices; they lie beside the project, never in it."""
    folder = SHARED / "samples"
    if not folder.is_dir():
        pytest.skip("the real invoices (../shared/samples) are not on this machine")
    return folder
