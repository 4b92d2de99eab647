"""Tell the stories of faults: `python3 tests/faults/run.py [WORD…]`, all or those whose file or name holds a word.

Prints each story and its seconds; stops at the first that fails, with exit code 1.
"""

import importlib
import os
import pathlib
import sys
import time
import traceback

import rig


def main(words):
    if os.geteuid() != 0:
        print("the stories of faults mount small disks: run them as root", file=sys.stderr)
        return 1
    begun, count = time.monotonic(), 0
    for path in sorted(pathlib.Path(__file__).parent.glob("*_story.py")):
        rig.STORIES.clear()
        importlib.import_module(path.stem)
        for tell in list(rig.STORIES):
            if words and not any(word in path.stem or word in tell.__name__ for word in words):
                continue
            name, started = tell.__name__.replace("_", " "), time.monotonic()
            try:
                with rig.World() as world:
                    tell(world)
            except Exception as failure:
                print(f"FAILED {path.stem}: {name}, after {time.monotonic() - started:.1f} s")
                if isinstance(failure, rig.Failed):
                    print(f"  {failure}")
                traceback.print_exc(limit=-4)
                return 1
            count += 1
            print(f"{time.monotonic() - started:6.1f} s  {path.stem.removesuffix('_story')}: {name}", flush=True)
    if count == 0:
        print(f"no story is named so: {' '.join(words)}", file=sys.stderr)
        return 1
    print(f"{count} stories held, in {time.monotonic() - begun:.0f} s")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
