#!/usr/bin/env python3
"""Runs the gateway as its operators do: a configuration folder, SIGHUP, SIGTERM while calls are under way.

    operate_cases.py HBMUX      the command's path
"""

import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request


def check(what, got, wanted):
    if got != wanted:
        raise AssertionError(f"{what}: got {got!r}, wanted {wanted!r}")


def fetch(address, path):
    try:
        with urllib.request.urlopen(f"http://{address}{path}", timeout=10) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


def wait_for(what, condition):
    end = time.monotonic() + 20
    while not condition():
        if time.monotonic() > end:
            raise AssertionError("never: " + what)
        time.sleep(0.05)


def write_site(folder, properties):
    entries = "".join(f"<property><name>{name}</name><value>{value}</value></property>" for name, value in properties.items())
    (folder / "hbase-site.xml").write_text(f"<configuration>{entries}</configuration>")


def start_cluster(hbmux):
    process = subprocess.Popen([hbmux, "mini", "--port", "0", "--zookeeper-port", "0", "--format", "json"], stdout=subprocess.PIPE, text=True)
    return process, json.loads(process.stdout.readline())


def check_metrics(text):
    """Every line is what Prometheus' text format allows, and of a metric that was announced."""
    announced = {}
    for line in text.splitlines():
        if line.startswith("# "):
            kind, name, rest = line[2:].split(" ", 2)
            announced.setdefault(name, {})[kind] = rest
            continue
        sample = re.fullmatch(r'([a-z_]+)(\{[a-z]+="(?:[^"\\\n]|\\.)*"(?:,[a-z]+="(?:[^"\\\n]|\\.)*")*\})? -?[0-9.e+]+', line)
        check(f"a sample: {line}", bool(sample), True)
        name = re.sub(r"_(bucket|sum|count)$", "", sample.group(1))
        check(f"announced: {line}", set(announced.get(name, {})), {"HELP", "TYPE"})
    check("some metrics", len(announced) > 15, True)


def main():
    hbmux = sys.argv[1]
    processes = []
    with tempfile.TemporaryDirectory() as temporary:
        folder = pathlib.Path(temporary)
        try:
            cluster, told = start_cluster(hbmux)
            processes.append(cluster)
            site = told["properties"] | {"hbase.client.ipc.pool.size": "2", "hbmux.gateway.instances": "*=default"}
            write_site(folder, site)
            log, errors = folder / "access.log", folder / "errors"
            with errors.open("w") as file:
                gateway = subprocess.Popen(
                    [hbmux, "gateway", "--conf", str(folder), "--listen", "127.0.0.1:0", "--http", "127.0.0.1:0", "--access-log", str(log),
                     "--format", "json", "--drain", "5"],
                    stdout=subprocess.PIPE, stderr=file, text=True)
            processes.append(gateway)
            address = json.loads(gateway.stdout.readline())
            check("healthy", fetch(address["http"], "/healthz"), (200, "ok\n"))
            status, page = fetch(address["http"], "/")
            check("the page", (status, "<h1>hbmux gateway</h1>" in page), (200, True))

            check_metrics(fetch(address["http"], "/metrics")[1])
            site["hbase.client.ipc.pool.size"] = "7"
            write_site(folder, site)
            os.rename(log, folder / "access.log.1")
            gateway.send_signal(signal.SIGHUP)
            wait_for("a new log", log.exists)
            wait_for("what was reloaded is told", lambda: "pools reloaded" in errors.read_text() and "files reloaded" in errors.read_text())

            # What cannot be taken is told, and the gateway goes on.
            site["hbase.client.ipc.pool.size"] = "many"
            write_site(folder, site)
            gateway.send_signal(signal.SIGHUP)
            wait_for("the mistake is told", lambda: "hbase.client.ipc.pool.size" in errors.read_text())
            check("healthy", fetch(address["http"], "/healthz")[0], 200)

            # Neither port hears from a client that says nothing.
            host, port = address["address"].rsplit(":", 1)
            with socket.create_connection((host, int(port))) as silent:
                silent.send(b"GET / HTTP/1.0\r\n\r\n")
                gateway.send_signal(signal.SIGTERM)
                check("the exit status", gateway.wait(20), 0)
            cluster.send_signal(signal.SIGTERM)
            cluster.wait(20)
        finally:
            for process in processes:
                if process.poll() is None:
                    process.kill()
    print("the gateway is operated")


main()
