"""Processes that are killed and clients that do not read, with Google's Python client, on hbmux's gateway over an embedded cluster.

    trouble_cases.py HBMUX      the command's path

No write that a client was told of may be lost, the gateway's memory stays within what docs/gateway.md says, and it forgets those who are gone.
"""

import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
import warnings

warnings.simplefilter("ignore")
os.environ.setdefault("GRPC_VERBOSITY", "NONE")

TABLE = "projects/p/instances/i/tables/t"
ROWS, VALUE = 30_000, 2_000
READERS = 24


def check(what, holds, told=""):
    if not holds:
        raise AssertionError(f"{what} {told}")


def wait_for(what, condition, seconds=30):
    end = time.monotonic() + seconds
    while not condition():
        check("never: " + what, time.monotonic() < end)
        time.sleep(0.1)


class World:
    def __init__(self, hbmux):
        self.hbmux, self.processes, self.port = hbmux, [], 0
        script = tempfile.NamedTemporaryFile("w", suffix=".txt")
        script.write("18s kill server=rs1 reassign=500ms\n+3s start server=rs1\n")
        script.flush()
        self.script = script
        self.cluster = self.start("mini", "--port", "0", "--zookeeper-port", "0", "--region-servers", "2", "--table", "t:f:k2,k5,k8",
                                  "--fault-script", script.name)
        self.began = time.monotonic()
        self.start_gateway()

    def start(self, *arguments):
        process = subprocess.Popen([self.hbmux, *arguments, "--format", "json"], stdout=subprocess.PIPE, text=True)
        self.processes.append(process)
        process.told = json.loads(process.stdout.readline())
        return process

    def start_gateway(self):
        self.gateway = self.start("gateway", "--uri", self.cluster.told["uri"], "-D", "hbmux.gateway.instances=*=default", "--listen",
                                  f"127.0.0.1:{self.port}", "--http", "127.0.0.1:0", "--drain", "1")
        self.port = int(self.gateway.told["address"].rsplit(":", 1)[1])

    def client(self, what):
        environment = dict(os.environ, BIGTABLE_EMULATOR_HOST=f"127.0.0.1:{self.port}")
        process = subprocess.Popen([sys.executable, __file__, "--" + what], stdout=subprocess.PIPE, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                                   env=environment)
        self.processes.append(process)
        return process

    def metric(self, name):
        with urllib.request.urlopen(f"http://{self.gateway.told['http']}/metrics", timeout=10) as answer:
            found = re.search(rf"^{re.escape(name)} (\S+)$", answer.read().decode(), re.M)
        return float(found.group(1)) if found else 0.0

    def end(self):
        for process in self.processes:
            if process.poll() is None:
                process.kill()
            process.wait()


# ---------------------------------------------------------------- what clients do, in processes of their own


def api():
    from google.cloud.bigtable.data import BigtableDataClient

    return BigtableDataClient(project="p").get_table("i", "t")


def load():
    from google.cloud.bigtable.data import RowMutationEntry, SetCell

    table = api()
    with table.mutations_batcher() as batcher:
        for i in range(ROWS):
            batcher.append(RowMutationEntry(b"k%07d" % (i * 333), [SetCell("f", b"q", os.urandom(VALUE // 2) * 2, timestamp_micros=1000)]))
    print("loaded", flush=True)


def hold():
    """Opens many reads of all, takes the first message of each, and then nothing."""
    import grpc
    from google.cloud.bigtable_v2.types import ReadRowsRequest, ReadRowsResponse

    streams = []
    for _ in range(READERS):
        # A channel for each: they would share one socket otherwise.
        channel = grpc.insecure_channel(os.environ["BIGTABLE_EMULATOR_HOST"], options=[("grpc.use_local_subchannel_pool", 1)])
        read = channel.unary_stream("/google.bigtable.v2.Bigtable/ReadRows", request_serializer=ReadRowsRequest.serialize,
                                    response_deserializer=ReadRowsResponse.deserialize)
        stream = read(ReadRowsRequest(table_name=TABLE))
        next(stream)
        streams.append((channel, stream))
    print("held", flush=True)
    time.sleep(600)


def write():
    """Writes one row after the other, and tells each that was acknowledged, until its input ends."""
    import threading

    from google.cloud.bigtable.data import SetCell

    table, ended = api(), threading.Event()
    threading.Thread(target=lambda: (sys.stdin.read(), ended.set()), daemon=True).start()
    number = 0
    while not ended.is_set():
        number += 1
        key = b"w%d-%06d" % (number % 10, number)
        try:
            table.mutate_row(key, [SetCell("f", b"q", b"%d" % number, timestamp_micros=1000)], operation_timeout=60, attempt_timeout=5)
        except Exception as error:  # not acknowledged: it may be there or not
            print("-", type(error).__name__, flush=True)
            continue
        print(key.decode(), flush=True)
    print("end", flush=True)
    os._exit(0)


# ---------------------------------------------------------------- the cases


def slow_readers(world):
    loader = world.client("load")
    check("loaded", loader.stdout.readline() == "loaded\n")
    before = world.metric("process_resident_memory_bytes")
    holder = world.client("hold")
    check("held", holder.stdout.readline() == "held\n")
    time.sleep(2)  # for what would come in although nobody reads
    check("calls in flight", world.metric('hbmux_gateway_calls_in_flight{method="ReadRows"}') == READERS)
    grown = world.metric("process_resident_memory_bytes") - before
    # A message of 1 MiB, what hbmux reads ahead (4 MiB), what gRPC and the sockets hold; a whole read is 60 MB.
    check("memory for slow readers", grown < READERS * 12 * 2**20, f"{grown / READERS / 2**20:.1f} MiB each")
    holder.send_signal(signal.SIGKILL)
    wait_for("the readers are gone", lambda: world.metric('hbmux_gateway_calls_in_flight{method="ReadRows"}') == 0)
    return grown / READERS / 2**20


def killed_gateway_and_server(world):
    writers = [world.client("write") for _ in range(2)]
    for writer in writers:
        check("it writes", writer.stdout.readline().startswith("w"))
    time.sleep(1)
    world.gateway.send_signal(signal.SIGKILL)
    world.gateway.wait()
    time.sleep(0.5)
    world.start_gateway()
    while time.monotonic() - world.began < 25:  # the region server goes and comes by its script
        time.sleep(0.5)
    acknowledged = set()
    for writer in writers:
        writer.stdin.close()
    for writer in writers:
        lines = writer.stdout.read().split("\n")
        check("it ended well", "end" in lines)
        acknowledged.update(line for line in lines if line.startswith("w"))
    check("many were written", len(acknowledged) > 100, len(acknowledged))
    os.environ["BIGTABLE_EMULATOR_HOST"] = f"127.0.0.1:{world.port}"
    from google.cloud.bigtable.data import ReadRowsQuery, RowRange

    found = {row.row_key.decode() for row in api().read_rows(ReadRowsQuery(row_ranges=[RowRange(b"w", b"x")]))}
    lost = acknowledged - found
    check("no acknowledged write is lost", not lost, sorted(lost)[:5])
    check("nothing is left over", world.metric('hbmux_gateway_calls_in_flight{method="MutateRow"}') == 0)
    return len(acknowledged)


def main():
    world = World(sys.argv[1])
    try:
        memory = slow_readers(world)
        count = killed_gateway_and_server(world)
    finally:
        world.end()
    print(f"{READERS} slow readers: {memory:.1f} MiB each; {count} writes acknowledged while gateway and server were killed: none lost")


{"--load": load, "--hold": hold, "--write": write}.get(sys.argv[1], main)()
