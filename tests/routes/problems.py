"""Small problems of our own in the public formats."""

from __future__ import annotations

import random

SOLOMON = """OURS

VEHICLE
NUMBER CAPACITY
2 10

CUSTOMER
CUST NO. XCOORD. YCOORD. DEMAND READY TIME DUE DATE SERVICE TIME

0 1 1 0 0 200 0
1 3 2 4 0 100 1
2 6 6 5 0 100 1
3 0 4 4 0 100 1
"""

PLANE = """NAME : OURS
TYPE : CVRP
DIMENSION : 3
EDGE_WEIGHT_TYPE : EUC_2D
CAPACITY : 9
NODE_COORD_SECTION
1 0 0
2 2 1
3 5 0
DEMAND_SECTION
1 0
2 4
3 5
DEPOT_SECTION
1
-1
EOF
"""

LILIM = """2 10 1
0 0 0 0 0 99 0 0 0
1 3 4 7 0 50 2 0 2
2 6 8 -7 0 50 2 1 0
"""

SARTORI = """NAME: OURS
TYPE: PDPTW
SIZE: 3
CAPACITY: 10
NODES
0 0.5 0.5 0 0 99 0 0 0
1 0.5 0.6 7 0 50 2 0 2
2 0.5 0.7 -7 0 50 2 1 0

EDGES
0 5 6
5 0 4
7 4 0
EOF
"""


def explicit(form: str, weights: str) -> str:
    """Return a problem of three nodes with explicit weights."""
    return (
        f"NAME : OURS\nTYPE : CVRP\nDIMENSION : 3\nEDGE_WEIGHT_TYPE : EXPLICIT\nEDGE_WEIGHT_FORMAT : {form}\n"
        f"CAPACITY : 9\nEDGE_WEIGHT_SECTION\n{weights}\n"
        "DEMAND_SECTION\n1 0\n2 4\n3 5\nDEPOT_SECTION\n1\n-1\nEOF\n"
    )


def solomon(stops: int, *, seed: int, vehicles: int = 25, capacity: int = 60) -> str:
    """Return a problem with windows for every third stop."""
    chance = random.Random(seed)
    lines = [
        "CHANCE",
        "VEHICLE",
        "NUMBER CAPACITY",
        f"{vehicles} {capacity}",
        "CUSTOMER",
        "CUST NO.",
        "0 50 50 0 0 900 0",
    ]
    for at in range(1, stops + 1):
        opens = chance.randrange(100, 600) if at % 3 == 0 else 0
        closes = opens + 90 if at % 3 == 0 else 800
        x, y, demand = chance.randrange(100), chance.randrange(100), chance.randrange(1, 20)
        lines.append(f"{at} {x} {y} {demand} {opens} {closes} 5")
    return "\n".join(lines) + "\n"


def vrplib(stops: int, *, seed: int) -> str:
    """Return a problem of capacities alone."""
    chance = random.Random(seed)
    points = "".join(f"{at + 1} {chance.randrange(1000)} {chance.randrange(1000)}\n" for at in range(stops + 1))
    demands = "1 0\n" + "".join(f"{at + 1} {chance.randrange(1, 9)}\n" for at in range(1, stops + 1))
    return (
        f"NAME : CHANCE\nDIMENSION : {stops + 1}\nEDGE_WEIGHT_TYPE : EUC_2D\nCAPACITY : 50\n"
        f"NODE_COORD_SECTION\n{points}DEMAND_SECTION\n{demands}DEPOT_SECTION\n1\n-1\nEOF\n"
    )


def lilim(pairs: int, *, seed: int) -> str:
    """Return a problem of pickups and deliveries: the odd ones are picked up."""
    chance = random.Random(seed)
    lines = [f"{pairs} 30 1", "0 50 50 0 0 600 0 0 0"]
    for at in range(1, 2 * pairs, 2):
        amount, opens = chance.randrange(1, 15), chance.randrange(200)
        x, y = chance.sample(range(100), 2), chance.sample(range(100), 2)
        lines.append(f"{at} {x[0]} {y[0]} {amount} {opens} {opens + 150} 5 0 {at + 1}")
        lines.append(f"{at + 1} {x[1]} {y[1]} {-amount} {opens} {opens + 350} 5 {at} 0")
    return "\n".join(lines) + "\n"
