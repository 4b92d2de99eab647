"""The disk is full, or fails for a while: what is refused is refused, and what is acknowledged is kept."""

import errno

from rig import story, told, until


def activity(name):
    return {"name": name, "opened_on": "2024-01-01"}


def an_ordinary_refusal(server):
    """A rule that says no, inside a unit of work: a name of one's own that another row has."""
    body = {**activity("Prise"), "external_id": "taken"}
    return server.post("/v1/activities", body)


def twenty_then_restart(server):
    """Twenty acknowledged writes are there after the process was killed, and the database is sound."""
    made = []
    for number in range(20):
        answer = server.post("/v1/activities", activity(f"Atelier {number}"))
        told(answer.status == 201, "the service writes again", answer)
        made.append(answer.json["id"])
    server.kill()
    server.start()
    lost = [one for one in made if server.get(f"/v1/activities/{one}").status != 200]
    told(not lost, f"nothing acknowledged is lost, but {len(lost)} of {len(made)} are")
    server.stop()
    verified = server.place.run("verify")
    told(verified.code == 0, "the database is verified", verified)


def refused_for_the_disk(answer, code):
    told(answer.status == 503 and answer.code == code, f"a write is 503 {code}", answer)
    told("Retry-After" in answer.headers, "it is told when to come back", answer.headers)


@story
def a_full_disk_is_told_and_nothing_acknowledged_afterwards_is_lost(world):
    disk = world.disk("12M")
    server = world.server(disk.path)
    told(an_ordinary_refusal(server).status == 201, "a name is taken")
    disk.fill()
    refused = until(lambda: (a := server.post("/v1/activities", activity("Trop"))).status != 201 and a, 20)
    refused_for_the_disk(refused, "database.full")
    told(server.get("/v1/activities").status == 200, "reading goes on")
    disk.free()
    told(an_ordinary_refusal(server).status == 409, "an ordinary refusal is one")
    twenty_then_restart(server)


@story
def another_process_writes_while_a_disk_was_full(world):
    disk = world.disk("12M")
    server = world.server(disk.path)
    told(an_ordinary_refusal(server).status == 201, "a name is taken")
    disk.fill()
    until(lambda: server.post("/v1/activities", activity("Trop")).status != 201, 20)
    disk.free()
    told(an_ordinary_refusal(server).status == 409, "an ordinary refusal is one")
    # A connection that kept a transaction open would hold the lock of the only writer.
    made = server.place.run("key", "create", "--email", "autre@example.org", "--role", "trainer", timeout=30)
    told(made.code == 0, "a command beside the server writes", made)


def a_passing_error(world, number, calls, code):
    place = world.place()
    faults = world.faults("*/clairiere.db*", number, calls)
    server = world.server(place, more=faults.settings)
    told(an_ordinary_refusal(server).status == 201, "a name is taken")
    faults.on()
    refused = until(lambda: (a := server.post("/v1/activities", activity("Trop"))).status != 201 and a, 20)
    refused_for_the_disk(refused, code)
    faults.off()
    told(an_ordinary_refusal(server).status == 409, "an ordinary refusal is one")
    twenty_then_restart(server)


@story
def a_write_that_fails_for_a_while_costs_nothing_acknowledged(world):
    a_passing_error(world, errno.EIO, "write,truncate", "database.unwritable")


@story
def a_synchronisation_that_fails_for_a_while_leaves_the_outcome_unknown_and_costs_nothing(world):
    a_passing_error(world, errno.EIO, "sync", "database.unknown")


@story
def a_quota_that_is_reached_is_told_as_a_full_disk(world):
    a_passing_error(world, errno.ENOSPC, "write,truncate", "database.full")


@story
def readiness_tries_to_write(world):
    disk = world.disk("12M")
    server = world.server(disk.path)
    told(server.get("/readyz", key="").status == 200, "the service is ready")
    disk.fill()
    unready = until(lambda: (a := server.get("/readyz", key="")).status != 200 and a, 15, 0.5)
    told(unready, "a service that cannot write is not ready")
    told(unready.status == 503 and unready.code == "database.full", "and says why", unready)
    told(server.get("/healthz", key="").status == 200, "the process answers all the same")
    disk.free()
    told(until(lambda: server.get("/readyz", key="").status == 200, 15, 0.5), "it is ready again by itself")


@story
def commands_tell_a_full_disk_and_pass_when_there_is_room(world):
    disk = world.disk("12M")
    place = world.place(disk.path / "data")
    disk.fill(leave=64 << 10)
    made = place.run("migrate")
    told(made.code != 0 and "plein" in made.err, "a schema that has no room is refused, and why", made)
    disk.free()
    made = place.run("migrate")
    told(made.code == 0, "it is made when there is room", made)
    key = place.key()
    disk.fill()
    refused = until(lambda: (a := place.run("key", "create", "--email", "a@example.org", "--role", "trainer")).code and a, 20)
    told(refused and "plein" in refused.err, "a key that has no room is refused, and why", refused)
    disk.free()
    server = world.server(place, role=None)
    told(server.get("/v1/activities", key=key).status == 200, "the key that was made before opens")
    server.stop()
    verified = place.run("verify")
    told(verified.code == 0, "the database is verified", verified)
