"""A short form of `bench.offline`: whatever the order of arrival, one state, nothing dropped."""

from bench import offline


def test_what_devices_wrote_down_leads_to_one_state_in_every_order() -> None:
    found = offline.run(scans=240, devices=20, orders=6, processes=1)
    assert found["hashes"] == 1
    assert (found["dropped"], found["unanswered"], found["refolded_differently"]) == (0, 0, 0)
    assert all(found[name] > 0 for name in ("refolded", "broke_off", "misfits", "open_incidents"))
    assert found["ok"]
