"""Run every benchmark of this folder, each in a process of its own for its memory's sake.

The folders in it hold what benchmarks are made of.
"""

import pkgutil
import subprocess
import sys

import benchmarks

for module in pkgutil.iter_modules(benchmarks.__path__):
    if module.name != "__main__" and not module.ispkg:
        print(f"# {module.name}", flush=True)
        subprocess.run([sys.executable, "-m", f"benchmarks.{module.name}"], check=True)
