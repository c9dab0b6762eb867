"""What Linux tells of a process and of a socket, in /proc."""

import os
from pathlib import Path


def resident(pid: int) -> int:
    """KiB of a process in memory."""
    status = Path(f"/proc/{pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmRSS:")[2].split()[0])


def cpu_seconds(pid: int) -> float:
    """What a process has used of a core, in its own code and in the kernel's."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def overrun(port: int) -> int:
    """Datagrams that came to a port on 127.0.0.1 and found no room."""
    rows = (line.split() for line in Path("/proc/net/udp").read_text(encoding="ascii").splitlines()[1:])
    return sum(int(row[-1]) for row in rows if row[1] == f"0100007F:{port:04X}")
