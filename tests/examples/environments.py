"""A fresh environment: an interpreter of its own, with our libraries within reach and one package more.

Nothing is downloaded: the package is built by the build backend that is here, and installed without its dependencies.
"""

import os
import site
import subprocess
import sys
import venv
from dataclasses import dataclass
from pathlib import Path

from tests.app.milepost import PATIENCE_S, environment_of

UV = Path(sys.executable).parent / "uv"
OFFLINE = ("--quiet", "--offline", "--no-cache")


@dataclass(frozen=True)
class Environment:
    """Where it is."""

    folder: Path

    @property
    def python(self) -> Path:
        return self.folder / "bin" / "python"

    @property
    def variables(self) -> dict[str, str]:
        """What its processes see: nothing that points to packages elsewhere."""
        usual = environment_of({})
        return {name: value for name, value in usual.items() if name not in {"PYTHONPATH", "VIRTUAL_ENV"}}

    def run(self, *arguments: str, within: Path | None = None) -> str:
        """What Python says to these arguments, which must go well."""
        return said(self.python, *arguments, within=within or self.folder, environment=self.variables)

    def install(self, wheel: Path) -> None:
        """Add a package, without its dependencies."""
        said(UV, "pip", "install", *OFFLINE, "--no-deps", "--python", str(self.python), str(wheel))


def fresh_environment(folder: Path) -> Environment:
    """An environment that sees what is installed here, and will see what is installed there."""
    venv.create(folder, symlinks=True)
    environment = Environment(folder)
    own = Path(environment.run("-c", "import sysconfig; print(sysconfig.get_path('purelib'))").strip())
    libraries = [path for path in site.getsitepackages() if Path(path).is_dir()]
    # `addsitedir`, and not a bare path: so the links to packages that are installed for editing are followed too.
    (own / "libraries.pth").write_text("".join(f"import site; site.addsitedir({path!r})\n" for path in libraries))
    return environment


def built(package: Path, out: Path) -> Path:
    """The wheel of a package, made by the build backend that is installed here."""
    said(
        UV,
        "build",
        *OFFLINE,
        "--wheel",
        "--no-build-isolation",
        "--python",
        sys.executable,
        "--out-dir",
        str(out),
        str(package),
    )
    [wheel] = out.glob("*.whl")
    return wheel


def said(command: Path, *arguments: str, within: Path | None = None, environment: dict[str, str] | None = None) -> str:
    """What a command says, which must go well."""
    done = subprocess.run(
        [str(command), *arguments], cwd=within, env=environment or dict(os.environ), text=True,
        capture_output=True, timeout=PATIENCE_S, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
