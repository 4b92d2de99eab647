"""What was answered « made » is there after the process was killed."""

from rig import story, told, until


def activity(number):
    return {"name": f"Atelier {number}", "opened_on": "2024-01-01"}


@story
def what_a_killed_server_acknowledged_is_there_when_it_starts_again(world):
    server = world.server()
    made = []
    for number in range(20):
        answer = server.post("/v1/activities", activity(number))
        told(answer.status == 201, "an activity is made", answer)
        made.append(answer.json["id"])
    server.kill()
    told(not server.alive, "the server is dead")
    server.start()
    lost = [one for one in made if server.get(f"/v1/activities/{one}").status != 200]
    told(not lost, "nothing acknowledged is lost", lost)
    told(until(lambda: server.get("/readyz").status == 200), "the server is ready again")
    server.stop()
    verified = server.place.run("verify")
    told(verified.code == 0, "the database is verified", verified)
