"""Times PyTorch, torchrecurrent, Keras and JAX in the cases that Kazoku's benchmarks have.

    python peers.py                    # all cases, into target/benchmarks/python.csv
    python peers.py --quick            # a few of them, for trying
    python peers.py --cases 'training LSTM'
    python peers.py --environment      # makes the environment alone, and prints its Python

Each turn of a peer is a process of its own, and the peers of a case take turns. Before one is
timed, its outputs and gradients are compared with those of the first peer, which is Kazoku where
that was timed before. Where versions are other than in requirements.txt, a virtual environment with
those is made in the user's cache, once (6 GB). How Kazoku is timed: docs/benchmarks.md
"""

import argparse
import csv
import importlib.metadata
import os
import pathlib
import statistics
import subprocess
import sys
import threading
import time

import cells

HERE = pathlib.Path(__file__).resolve().parent
REQUIREMENTS = HERE / "requirements.txt"
COLUMNS = ["name", "peer", "version", "threads", "best", "median"]
MINUTES = 40  # for the environment
CALLERS = 4
TRAINING_STEPS = 10  # before memory is looked at

# title: module, what it is made by, package, whether it does a case
PEERS = {
    "PyTorch": ("torch_peers", "native", "torch", lambda case: hasattr(cells, case.cell)),
    "torchrecurrent": (
        "torch_peers",
        "torchrecurrent",
        "torchrecurrent",
        lambda case: case.cell in {"MGUCell", "PeepholeLSTMCell"},
    ),
    "Keras": (
        "keras_peers",
        None,
        "keras",
        lambda case: case.cell in cells.NATIVE
        or hasattr(cells, case.cell)
        and case.kind != "step",
    ),
    "JAX": ("jax_peers", "step_by_step", "jax", lambda case: hasattr(cells, case.cell)),
    "JAX, associative scan": (
        "jax_peers",
        "associative",
        "jax",
        lambda case: cells.is_linear(case.cell) and case.kind != "step",
    ),
}

os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("TF_ENABLE_ONEDNN_OPTS", "1")
os.environ.setdefault("CUDA_VISIBLE_DEVICES", "")
os.environ.setdefault("JAX_PLATFORMS", "cpu")


def environment():
    """The virtual environment's folder, and its Python."""
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    place = cache / "kazoku-benchmarks"
    return place, place / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def is_here():
    """Whether this Python has those versions."""
    try:
        pins = [line.split("==") for line in REQUIREMENTS.read_text().split()]
        return all(importlib.metadata.version(name) == version for name, version in pins)
    except importlib.metadata.PackageNotFoundError:
        return False


def is_there(python):
    """Whether another one has them."""
    try:
        return subprocess.run([python, __file__, "--check"], capture_output=True).returncode == 0
    except OSError:
        return False


def made():
    """A Python that has them: this one, or that of the environment, which is made."""
    place, python = environment()
    if is_here():
        return sys.executable
    if not is_there(python):
        print(f"making an environment in {place}", file=sys.stderr, flush=True)
        ends = time.time() + 60 * MINUTES
        install = ["-m", "pip", "install", "-q", "-r", REQUIREMENTS]
        for command in [[sys.executable, "-m", "venv", "--clear", place], [python, *install]]:
            subprocess.run(command, check=True, timeout=ends - time.time())
    return str(python)


def ready(case, peer, threads):
    module, maker, _, _ = PEERS[peer]
    library = __import__(module)
    return library.Peer(case, threads, getattr(library, maker) if maker else None)


def version(peer):
    package = PEERS[peer][2]
    own = importlib.metadata.version(package)
    backend = {"keras": "tensorflow-cpu", "torchrecurrent": "torch"}.get(package)
    return f"{own}/{importlib.metadata.version(backend)}" if backend else own


def milliseconds(run, seconds):
    """Of each call, for some seconds; of one at least."""
    times = []
    ends = time.perf_counter() + seconds
    while not times or time.perf_counter() < ends:
        begin = time.perf_counter()
        run()
        times.append((time.perf_counter() - begin) * 1e3)
    return times


def calls_a_second(run, seconds, windows):
    """Of several threads, in each of some windows."""
    counts = [0] * CALLERS
    stop = threading.Event()

    def call(thread):
        while not stop.is_set():
            run()
            counts[thread] += 1

    threads = [threading.Thread(target=call, args=(k,)) for k in range(CALLERS)]
    for thread in threads:
        thread.start()
    rates = []
    for _ in range(windows):
        begin, before = time.perf_counter(), sum(counts)
        time.sleep(seconds / windows)
        rates.append((sum(counts) - before) / (time.perf_counter() - begin))
    stop.set()
    for thread in threads:
        thread.join()
    return rates


def since_start():
    """Milliseconds since this process began."""
    ticks = int(pathlib.Path("/proc/self/stat").read_text().rsplit(")", 1)[1].split()[19])
    return (time.clock_gettime(time.CLOCK_BOOTTIME) - ticks / os.sysconf("SC_CLK_TCK")) * 1e3


def peak_mebibytes():
    for line in pathlib.Path("/proc/self/status").read_text().splitlines():
        if line.startswith("VmHWM"):
            return int(line.split()[1]) / 1024


def measured(case, peer, given):
    """The best and the median of one turn."""
    from cases import check

    library = ready(case, peer, given.threads)
    if case.kind == "start":
        library.run()
        return [since_start()] * 2
    if case.kind == "first":
        return milliseconds(library.run, 0) * 2
    if case.kind == "memory":
        for _ in range(TRAINING_STEPS):
            library.run()
        return [peak_mebibytes()] * 2
    check(case, peer, library.results(), given.folder)
    milliseconds(library.run, given.warm_up)
    if case.kind == "callers":
        rates = calls_a_second(library.run, given.seconds, 3)
        return max(rates), statistics.median(rates)
    times = milliseconds(library.run, given.seconds)
    return min(times), statistics.median(times)


def turn(given):
    """Takes one turn, and prints a line of the table."""
    from cases import Case

    case, peer = Case.of(given.turn[0]), given.turn[1]
    best, median = measured(case, peer, given)
    line = [str(case), peer, version(peer), given.threads, best, median]
    csv.writer(sys.stdout, lineterminator="\n").writerow(line)


def peers_of(case):
    if case.kind == "streams":  # of a server, which none of them is
        return []
    return [title for title, (_, _, _, does) in PEERS.items() if does(case)]


def all_turns(given):
    """Each turn in a process of its own; every other time in the opposite order."""
    from cases import FOLDER, cases

    FOLDER.mkdir(parents=True, exist_ok=True)
    failed = 0
    with open(FOLDER / "python.csv", "w", newline="") as file:
        csv.writer(file, lineterminator="\n").writerow(COLUMNS)
        for case in cases(given.quick, given.cases):
            peers = peers_of(case)
            for _ in range(given.turns or (1 if given.quick else 3)):
                for peer in peers:
                    print(f"{str(case):45} {peer:30}", end="", flush=True)
                    command = [sys.executable, __file__, "--turn", str(case), peer]
                    command += ["--threads", str(given.threads)]
                    command += ["--warm-up", str(given.warm_up), "--seconds", str(given.seconds)]
                    result = subprocess.run(command, capture_output=True, text=True)
                    failed += result.returncode != 0
                    if result.returncode:
                        print("FAILED", result.stderr.strip().splitlines()[-1:])
                        continue
                    line = result.stdout.splitlines()[-1]
                    best, median = map(float, line.split(",")[-2:])
                    print(f"{best:12.3f} {median:12.3f}", flush=True)
                    print(line, file=file, flush=True)
                peers.reverse()
    return 1 if failed else 0


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument(
        "--quick",
        action="store_true",
        help="for trying: one short turn each, a few cases if none are named",
    )
    parser.add_argument("--cases", help="with this in their names, a regular expression")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--turns", type=int, help="3, or 1 if quick")
    parser.add_argument("--warm-up", type=float, help="seconds")
    parser.add_argument("--seconds", type=float, help="how long a turn is")
    results = HERE.parents[2] / "target" / "benchmarks"
    parser.add_argument("--folder", type=pathlib.Path, default=results)
    parser.add_argument("--turn", nargs=2, metavar=("CASE", "PEER"), help="one, in this process")
    parser.add_argument("--list", metavar="CASE", help="prints who takes part")
    parser.add_argument("--environment", action="store_true")
    parser.add_argument("--check", action="store_true", help="whether this Python has the versions")
    given = parser.parse_args()
    given.warm_up = given.warm_up or (0.3 if given.quick else 2)
    given.seconds = given.seconds or (0.5 if given.quick else 3)
    if given.check:
        return 0 if is_here() else 1
    if given.environment:
        print(made())
        return 0
    python = made()
    if python != sys.executable:
        return subprocess.run([python, *sys.argv]).returncode
    if given.list:
        from cases import Case

        for title in peers_of(Case.of(given.list)):
            print(title)
        return 0
    return turn(given) if given.turn else all_turns(given)


if __name__ == "__main__":
    sys.exit(main())
