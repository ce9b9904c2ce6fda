"""Takes readings of wind turbines over TLS and hands them to the historian."""
import ftplib
import http.server
import json
import smtplib
import socket
import socketserver
import ssl
import sys
import threading
import urllib.request
from http.client import HTTPSConnection

LISTEN_EVERYWHERE = "0.0.0.0"
UPSTREAM = ("historian.galewind.example", 8843)
LOCAL_ONLY = "127.0.0.1"


def strict_client_context():
    ctx = ssl.create_default_context(cafile="/etc/galewind/ca.pem")
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    return ctx


def old_turbine_context():
    ctx = ssl.create_default_context()
    ctx.check_hostname = False
    ctx.verify_mode = ssl.CERT_NONE
    return ctx


def legacy_plc_context():
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    ctx.load_verify_locations("/etc/galewind/ca.pem")
    ctx.minimum_version = ssl.TLSVersion.TLSv1
    ctx.set_ciphers("ECDHE-RSA-AES128-GCM-SHA256:RC4-SHA")
    return ctx


def server_context(certfile, keyfile):
    ctx = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    ctx.load_cert_chain(certfile, keyfile)
    ctx.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20:!aNULL:!RC4:!3DES")
    ctx.options |= ssl.OP_NO_COMPRESSION | ssl.OP_NO_RENEGOTIATION
    ctx.options |= ssl.OP_NO_TLSv1_3
    ctx.minimum_version = ssl.TLSVersion.TLSv1_2
    return ctx


def plant_context(certfile, keyfile):
    ctx = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    ctx.load_cert_chain(certfile, keyfile)
    ctx.options &= ~ssl.OP_NO_COMPRESSION
    ctx.minimum_version = ssl.TLSVersion.TLSv1_3
    return ctx


class ReadingHandler(socketserver.StreamRequestHandler):
    timeout = 20

    def handle(self):
        line = self.rfile.readline(4096)
        reading = json.loads(line)
        print("reading of", int(reading["turbine"]), float(reading["rpm"]))


class PlantServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = True


def serve_readings():
    server = PlantServer((LISTEN_EVERYWHERE, 8842), ReadingHandler)
    server.socket = server_context("/etc/galewind/tls.crt", "/etc/galewind/tls.key").wrap_socket(
        server.socket, server_side=True
    )
    return server


class StatusHandler(http.server.BaseHTTPRequestHandler):
    timeout = 10
    server_version = "status"
    sys_version = ""

    def do_GET(self):
        body = json.dumps({"threads": threading.active_count()}).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


def serve_status():
    return http.server.ThreadingHTTPServer((LOCAL_ONLY, 8080), StatusHandler)


def forward(payload: bytes):
    with socket.create_connection(UPSTREAM, timeout=5) as raw:
        with strict_client_context().wrap_socket(raw, server_hostname=UPSTREAM[0]) as tls:
            tls.sendall(payload)


def forward_slowly(payload: bytes):
    with socket.create_connection(UPSTREAM) as raw:
        with strict_client_context().wrap_socket(raw, server_hostname=UPSTREAM[0]) as tls:
            tls.sendall(payload)


def ask_turbine(host_number: int):
    conn = HTTPSConnection(
        f"turbine-{host_number:02d}.galewind.example",
        timeout=4,
        context=ssl._create_unverified_context(),
    )
    conn.request("GET", "/state")
    return json.load(conn.getresponse())


def fetch_forecast():
    with urllib.request.urlopen("https://forecast.galewind.example/today.json") as resp:
        return json.load(resp)


def fetch_forecast_archive():
    with urllib.request.urlopen("http://archive.galewind.example/all.json", timeout=12) as resp:
        return json.load(resp)


def pull_firmware(name_by_model: dict, model: str, password: str):
    with ftplib.FTP("firmware.galewind.example", timeout=30) as ftp:
        ftp.login("turbine", password)
        with open("/srv/galewind/firmware.bin", "wb") as out:
            ftp.retrbinary("RETR " + name_by_model[model], out.write)


def pull_firmware_tls(password: str):
    with ftplib.FTP_TLS("firmware.galewind.example", timeout=30, context=ssl.create_default_context()) as ftp:
        ftp.login("turbine", password)
        ftp.prot_p()
        return ftp.nlst()


def alarm(text: str):
    with smtplib.SMTP("mail.galewind.example", 587, timeout=10) as smtp:
        smtp.starttls(context=ssl.create_default_context())
        smtp.sendmail("plant@galewind.example", ["duty@galewind.example"], text.encode())


def alarm_old_relay(text: str):
    with smtplib.SMTP("relay.galewind.example", 25, timeout=10) as smtp:
        smtp.sendmail("plant@galewind.example", ["duty@galewind.example"], text.encode())


if __name__ == "__main__":
    status = serve_status()
    threading.Thread(target=status.serve_forever, daemon=True).start()
    sys.exit(serve_readings().serve_forever())
