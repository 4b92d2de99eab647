"""PostgreSQL without room, and PostgreSQL that crashes: what is refused is refused, and what is acknowledged is kept."""

import threading

from postgres import Cluster
from rig import story, told, until


def activity(name):
    return {"name": name, "opened_on": "2024-01-01", "description": "x" * 400}


def served(world, disk=None):
    cluster = world.ends.enter_context(Cluster((disk.path if disk else world.dir()) / "cluster", max_wal_size="64MB"))
    place = world.place(settings={"DATABASE_URL": cluster.database("story")})
    migrated = place.run("migrate")
    told(migrated.code == 0, "the database is migrated", migrated)
    return cluster, world.server(place)


def all_there(server, made):
    lost = [one for one in made if server.get(f"/v1/activities/{one}").status != 200]
    told(not lost, f"nothing acknowledged is lost, but {len(lost)} of {len(made)} are")
    server.stop()
    verified = server.place.run("verify")
    told(verified.code == 0, "the database is verified", verified)


@story
def a_full_disk_under_postgresql_is_told_and_passes(world):
    disk = world.disk("160M")
    _, server = served(world, disk)
    disk.fill()
    made, refused = [], None
    for number in range(400):
        answer = server.post("/v1/activities", activity(f"Atelier {number}"))
        if answer.status != 201:
            refused = answer
            break
        made.append(answer.json["id"])
    told(refused and refused.status == 503, "a write is 503", refused)
    told(refused.code == "database.full", "for want of room", refused)
    told(server.get("/v1/activities").status == 200, "reading goes on")
    unready = until(lambda: (a := server.get("/readyz", key="")).status != 200 and a, 15, 0.5)
    told(unready and unready.code == "database.full", "the service is not ready, and says why", unready)
    disk.free()
    for number in range(20):
        answer = until(lambda: (a := server.post("/v1/activities", activity(f"Après {number}"))).status == 201 and a, 10)
        told(answer, "the service writes again")
        made.append(answer.json["id"])
    all_there(server, made)


@story
def a_crash_of_postgresql_costs_nothing_acknowledged(world):
    cluster, server = served(world)
    made, statuses, end = [], set(), threading.Event()

    def write(hand):
        number = 0
        while not end.is_set():
            number += 1
            answer = server.post("/v1/activities", activity(f"Atelier {hand} {number}"), timeout=25)
            statuses.add((answer.status, answer.code))
            if answer.status == 201:
                made.append(answer.json["id"])

    hands = [threading.Thread(target=write, args=(hand,), daemon=True) for hand in range(4)]
    for hand in hands:
        hand.start()
    until(lambda: len(made) > 20)
    cluster.stop("immediate")
    cluster.start()
    before = len(made)
    told(until(lambda: len(made) > before + 10, 30), "the service goes on by itself")
    end.set()
    for hand in hands:
        hand.join(30)
    wrong = {one for one in statuses if one not in {(201, None), (503, "busy"), (503, "database.unknown")}}
    told(not wrong, "a crash is told as 503", wrong)
    all_there(server, made)
