"""The folder of mails is full: no half of a mail is there, none is said to be sent, and all leave once there is room."""

from rig import story, told, until


@story
def mails_wait_while_their_folder_is_full(world):
    folder = world.dir()
    place = world.place(folder)
    played = place.run("demo", "--no-serve", "--folder", folder / "demo", timeout=300)
    told(played.code == 0, "the demo is played", played)
    keys = dict(line.split() for line in played.out.splitlines() if " clairiere_" in line)
    disk = world.disk("2M")
    place.settings |= {
        "DATABASE_URL": f"sqlite:{folder / 'demo' / 'clairiere.db'}",
        "FILES_DIR": str(folder / "demo" / "files"),
        "MAIL_DIR": str(disk.path / "mail"),
    }
    server = world.server(place, role=None)
    server.key = keys["formatrice"]
    sent = [one for one in server.get("/v1/messages?limit=50").json["items"] if one["state"] == "sent"][:12]
    told(len(sent) == 12, "the demo sent mails", len(sent))
    disk.fill()
    again = []
    for message in sent:
        answer = server.post(f"/v1/messages/{message['id']}/resend")
        told(answer.status in (200, 201), "a mail is asked again", answer)
        again.append(answer.json["id"])

    def state(id):
        return server.get(f"/v1/messages/{id}").json.get("state")

    told(until(lambda: "will be tried again" in server.log(), 20), "the worker is refused", server.log()[-1500:])
    mails = disk.path / "mail"
    told(not any(mails.glob("*")) if mails.exists() else True, "no half of a mail is there")
    told(not [one for one in again if state(one) == "sent"], "none is said to be sent")
    disk.free()
    told(until(lambda: all(state(one) == "sent" for one in again), 90, 0.5), "all leave once there is room",
         [state(one) for one in again])
    files = list(mails.iterdir())
    told(len(files) == len(again), "each is one file", len(files), len(again))
    for file in files:
        text = file.read_bytes()
        told(file.suffix == ".eml" and text.rstrip().endswith(b"--") and b"Message-ID" in text, "a mail is whole", file)
