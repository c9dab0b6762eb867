"""A process with a client and a server that forks; run by test_blocking_transport.py."""

import os
import sys

from contract.scene import LOOPBACK, descriptors, new_identity, new_state
from udpchat_core.events import ChatReceived, JoinedRoom
from udpchat_core.state import Pin
from udpchat_stores.memory import MemoryStore
from udpchat_transports.blocking_client import ClosedError, connect
from udpchat_transports.blocking_server import serve

with serve(new_identity(), LOOPBACK, store=MemoryStore()) as serving:  # noqa: SIM117 - one needs the other
    with connect(serving.address[:2], new_state(), confirmed=Pin(serving.public_key)) as chat:
        chat.join("lobby")
        next(each for each in chat if isinstance(each, JoinedRoom))
        child = os.fork()
        if not child:
            try:
                chat.say("lobby", "from the child")
            except ClosedError:
                print(f"child: closed, {len(descriptors())} sockets", flush=True)
            assert chat.state.rooms
            assert serving.tables["sessions"] == 1
            chat.close()
            serving.stop()
            sys.exit(0)  # through both blocks and what is registered for the end
        assert os.waitpid(child, 0)[1] == 0
        chat.say("lobby", "still here")
        print("parent:", next(each.text for each in chat if isinstance(each, ChatReceived)))
