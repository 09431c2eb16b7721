"""Draws the pictures of ``docs/fr/comptable.md`` from a real run against the simulator: ``make pictures``.

Each shows what a clerk sees: a folder as a file explorer shows it, a text as a notepad does. Files, names and texts are
those of the run; only the windows around them are drawn here. Those of the dashboard are made elsewhere.
"""

from __future__ import annotations

import re
import subprocess
import sys
import tempfile
import time
from datetime import datetime
from decimal import Decimal
from html import escape
from pathlib import Path

from PIL import Image

from chorus_outbox.core.decide import PARIS
from chorus_outbox.simulator.control import change_structure
from chorus_outbox.simulator.drawing import draw
from chorus_outbox.simulator.server import running
from chorus_outbox.simulator.sketch import Line, Party, Sketch
from chorus_outbox.simulator.world import World
from outbox_site import CONFIG, SUPPLIER, Site, today

PICTURES = Path(__file__).parents[2] / "docs" / "pictures"
DEPARTEMENT, WITH_ENGAGEMENT, PLAIN = "22220001600327", "12345678200036", "22220001600434"
REAL = CONFIG.replace("environment: sandbox", "environment: production") + (
    "follow_up: {{first_seconds: 1, every_seconds: 1}}\n"
)
SENT = f"FA2026-0101_{DEPARTEMENT}_COLLEGE_91821"
LACKING = f"FA2026-0102_{WITH_ENGAGEMENT}"
RECYCLED = f"FA2026-0103_{PLAIN}"
NOT_SHARED = ("config.yaml", "state")  # stand elsewhere on a real site
FIRST_LINES = r"(?:.*\n){3}"
TO_COMPLETE = r"# [AÀ] COMPL[EÉ]TER.*\n.*\n.*"
LINE = 1.42  # em: height of a line in the notepad
WIDTH, SCALE = 940, 1.25  # CSS pixels, device pixels for each
CHROMIUM = (
    *("chromium", "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--no-first-run"),
    *("--disable-background-networking", "--disable-component-update", "--disable-sync", "--hide-scrollbars"),
)
KINDS = {".pdf": ("Document PDF", "#c8372d", "PDF"), ".yaml": ("Fichier YAML", "#3a6ea5", "YAML"),
         ".log": ("Document texte", "#6b6b6b", "LOG"), ".jpg": ("Image JPG", "#3d8b40", "JPG"),
         ".html": ("Page web", "#b06000", "HTML"), ".csv": ("Fichier CSV", "#1d7044", "CSV")}  # fmt: skip
STYLE = """
*{box-sizing:border-box} body{margin:0;padding:12px;background:#e7ebf0;font:14px "Liberation Sans",Arial,sans-serif;color:#1b1b1b}
.window{background:#fff;border:1px solid #9aa3ad;border-radius:8px;overflow:hidden;box-shadow:0 2px 8px #0003}
.title{display:flex;justify-content:space-between;background:#f0f2f5;padding:7px 12px;border-bottom:1px solid #d8dce1}
.path{padding:7px 12px;border-bottom:1px solid #e4e7ea;color:#333}
.path b{font-weight:normal;color:#777;padding:0 6px}
table{border-collapse:collapse;width:100%} th{font-weight:normal;color:#555;text-align:left;padding:6px 12px;border-bottom:1px solid #e4e7ea}
td{padding:6px 12px;white-space:nowrap} td:nth-child(n+2){color:#555} .size{text-align:right}
.icon{display:inline-block;min-width:36px;margin-right:9px;padding:2px 0;border-radius:3px;color:#fff;font:bold 10px "Liberation Sans";text-align:center}
.folder{background:#f2c14e;color:#f2c14e}
pre{margin:0;padding:10px 14px;font:13.5px/1.42em "DejaVu Sans Mono",monospace;white-space:pre-wrap;overflow-wrap:anywhere;overflow:hidden}
mark{background:#fff1a8}
.menu{padding:5px 12px;color:#333;border-bottom:1px solid #e4e7ea;font-size:13px;word-spacing:14px}
"""


def main() -> int:
    """Run the program and draw every picture."""
    with running(World()) as simulator, tempfile.TemporaryDirectory() as folder:
        site = Site(Path(folder), simulator, REAL)
        drop(site)
        picture("dossier-outbox", explorer(site.root / "outbox", "outbox"))
        play(site)
        failed, log = site.root / "failed", next((site.root / "sent").rglob(f"{SENT}.log"))
        picture("dossiers", explorer(site.root))
        picture("dossier-failed", explorer(failed, "failed"))
        picture("log-envoyee", notepad(log, FIRST_LINES))
        picture("log-non-envoyee", notepad(failed / f"{LACKING}.log", FIRST_LINES, lines=14))
        picture("log-revenue", notepad(failed / f"{RECYCLED}.log", FIRST_LINES, lines=12))
        picture("fiche-a-corriger", notepad(failed / f"{LACKING}.yaml", TO_COMPLETE, lines=24))
    return 0


def drop(site: Site) -> None:
    """Put four invoices into the outbox, as a clerk does."""
    change_structure(site.simulator.world, {"siret": WITH_ENGAGEMENT, "name": "MAIRIE DE LANNION"})
    site.drop(f"{SENT}.pdf", invoice("FA2026-0101", "DEP COTES-D'ARMOR", "Entretien des espaces verts", "1530.00"))
    site.drop(f"{LACKING}.pdf", invoice("FA2026-0102", "MAIRIE DE LANNION", "Nettoyage des vitres", "300.00"))
    site.drop(f"{RECYCLED}.pdf", invoice("FA2026-0103", "DEP COTES-D'ARMOR", "Location d'une nacelle", "625.00"))
    enclosed = invoice("FA2026-0104", "DEP COTES-D'ARMOR", "Réparation du portail", "260.00")
    site.drop("portail du collège.pdf", enclosed, "siret: 222 200 016 00434")
    site.drop("portail du collège_PJ1.pdf", invoice("BL-77", "DEP COTES-D'ARMOR", "Bon de livraison", "260.00"))


def play(site: Site) -> None:
    """Let the program work, and the recipient of one invoice send it back."""
    site.once()
    comment = "Service destinataire erroné : facturer au service COLLEGE, SIRET 22220001600327"
    site.simulator.world.set_status("FA2026-0103", "A_RECYCLER", comment)
    time.sleep(1.1)  # the shortest pause before a status is asked for
    site.once()


def invoice(number: str, customer: str, work: str, price: str) -> bytes:
    """Return a drawn invoice of one line at 20 % VAT."""
    lines = (Line(work, Decimal(1), Decimal(price), Decimal(20)),)
    return draw(
        None, Sketch(number, today(), SUPPLIER, Party(customer, None, ("1 place de la Mairie", "22000")), lines)
    )


# --- windows ---------------------------------------------------------------------------------------------------------


def explorer(folder: Path, *below: str) -> str:
    """Return a folder as a file explorer shows it."""
    way = "<b>›</b>".join(map(escape, ("factures (\\\\serveur\\compta)", *below)))
    ours = [p for p in folder.iterdir() if not p.name.startswith(".") and p.name not in NOT_SHARED]
    rows = "".join(_row(p) for p in sorted(ours, key=lambda p: (p.is_file(), p.name.casefold())))
    head = "<tr><th>Nom</th><th>Modifié le</th><th>Type</th><th class=size>Taille</th></tr>"
    return _window(below[-1] if below else "factures", f"<div class=path>{way}</div><table>{head}{rows}</table>")


def _row(path: Path) -> str:
    about = path.stat()
    when = datetime.fromtimestamp(about.st_mtime, PARIS)
    kind, color, mark = KINDS.get(path.suffix, ("Dossier de fichiers", "", ""))
    icon = (
        f'<span class=icon style="background:{color}">{mark}</span>' if mark else '<span class="icon folder">.</span>'
    )
    size = f"{-(-about.st_size // 1024)} Ko" if path.is_file() else ""
    return f"<tr><td>{icon}{escape(path.name)}</td><td>{when:%d/%m/%Y %H:%M}</td><td>{kind}</td><td class=size>{size}</td></tr>"


def notepad(path: Path, marked: str, lines: int = 1000) -> str:
    """Return a text as a notepad shows it, so many lines high at most; what the pattern finds first is marked."""
    text = re.sub(marked, r"<mark>\g<0></mark>", escape(path.read_text("utf-8-sig"), quote=False), count=1)
    return _window(
        f"{path.name} – Bloc-notes",
        f"<div class=menu>Fichier Modifier Affichage</div><pre style='max-height:{LINE * lines + 1}em'>{text}</pre>",
    )


def _window(title: str, body: str) -> str:
    return (
        f"<div class=window><div class=title><span>{escape(title)}</span><span>—&ensp;☐&ensp;✕</span></div>{body}</div>"
    )


# --- Chromium --------------------------------------------------------------------------------------------------------


def picture(name: str, body: str) -> None:
    """Draw a page as high as what stands in it, and keep it under ``docs/pictures``."""
    with tempfile.TemporaryDirectory() as folder:
        page = Path(folder, "page.html")
        page.write_text(f"<!doctype html><meta charset=utf-8><style>{STYLE}</style><title>0</title>{body}", "utf-8")
        target = PICTURES / f"{name}.png"
        chromium(folder, f"--screenshot={target}", f"--window-size={WIDTH},{_height(folder, page)}", str(page))
        Image.open(target).convert("P", palette=Image.Palette.ADAPTIVE, colors=64).save(target, optimize=True)
        print(f"docs/pictures/{target.name}: {target.stat().st_size // 1000} kB")


def _height(folder: str, page: Path) -> int:
    """Return how high a page is, as a script in it measures."""
    measuring = page.with_name("measuring.html")
    script = "<script>document.title=document.documentElement.scrollHeight</script>"
    measuring.write_text(page.read_text("utf-8") + script, "utf-8")
    dumped = chromium(folder, "--dump-dom", f"--window-size={WIDTH},300", str(measuring))
    return int(dumped.partition("<title>")[2].partition("<")[0])


def chromium(folder: str, *words: str) -> str:
    """Run Chromium once, with a profile of its own."""
    command = (*CHROMIUM, f"--user-data-dir={folder}/profile", f"--force-device-scale-factor={SCALE}", *words)
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    return done.stdout


if __name__ == "__main__":
    sys.exit(main())
