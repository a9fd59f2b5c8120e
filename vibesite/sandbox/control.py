"""`/` and `/_sandbox/`: what stands here, and the desk to steer it."""

from vibesite.sandbox.service import Call, Service

service = Service("control", "Control", prefix="/_sandbox", about="Time, faults, truth, exports.")
services = [service]


@service.route("/clock")
def clock(call: Call) -> dict:
    return call.clock.as_dict()
