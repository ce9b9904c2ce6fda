"""Keys and certificates of the parking permit printer."""
import base64
import os
import textwrap
from pathlib import Path

PERMIT_KEY = """-----BEGIN RSA PRIVATE KEY-----
qdEY7S3lPUsNf91HEuNDFVBHhmzizZsnz317FeZCim66GN6p0oRA7HP70InYDjI6
3LdNJw9x4ehVHnSJ9CqhXvultABH4vktNVuN2otfI7UJLTGkigT0RH7Lqg8+03Yw
0Fap43jD3tAUOyMcPUau8jvl/00kj3J/dpISsjEWCmLApMp2LsPvW1Hb9hPjCtmY
yH0lsrjEmKohZKrwrFhBK90u4P4VD7ZSgVFdXDSiD6xwmSUgC7KkeSY9UL2gQKhI
OrNTjYANzEKrolSbCpThkEzFEnBnOmFHWfIjUR5Sdj1oA9IpKWRYJNrlkvxncw+B
RD/MB1afyC1meyg5ywdWCG3wfpXfYJqUcEknvn4QQdGdfybcTOvHAOALNgCzQorU
4WY9wdLT1lD5geSsukOOYgccRtjg9VTdwL7tOXfQzWXmV5V1rFpzZ8345u/uReEn
BstK54HwVv4IL+i9TdQYScoNau0rNrP42Lq7PVFtuznLhgj8KwUJOAdSX/lO8bDi
O4v47btsHkrVnK7bjh/LFx20b9/UGqt8qgOMbHVj6Kgfq84ih4aqAGOAYsZbGWcz
wHpsskRsZgTEEcz7plh0J5M4SOGaXbQQ9Y4hrzhGZgw0e3p4fEyze+3FZaEbTSwL
zWLnE+xWH7RVmhJfNLwkRnBOy3Sj6NdvrXMZd+R0dW37ceZZijo7IwaTe5KVtG/L
DW+1WAlJvmavuVpAeSENZyX6kyZMwR+V8XfJ1oimCXJ6enxxjTtWeEfi8hHrWrST
EU2o/ocS803xd+cxvp++o+JZh2P9YjlSyaH2C7sEQs==
-----END RSA PRIVATE KEY-----
"""

PERMIT_PUBLIC_KEY = """-----BEGIN PUBLIC KEY-----
MTNyK4N9UcO7H8yiffoyOVRZ4lPBilAhoWXXbcSGa60lFPGT7cqF+xWXRfPj9OtP
YIMHp3n9ljViinuqeC9IajssIlwladRaforeHW0lvk66e7kJHhT8W1XyU0oNuTo9
G+B9UDi5GUuGWDf6EgNl6tl7hCTI8v3OW0Ro0tdy=
-----END PUBLIC KEY-----
"""

PERMIT_CERTIFICATE = """-----BEGIN CERTIFICATE-----
jwt2+gPcisZjGnm0xKfR3/J3xxRO66Ijg3ZRjx/Y1JChFS7UdiYcchKTLJIcNG4U
6WHAtQjaJd2xH+3z4rFLyePa00iyYIQzRj0uq7HaAvdrzSW15zpBrjzoFFFKP3IR
D7lKoGT4VZrEdTO1j08BewkfaFvtR1aQlbZgZ7SdI/aFLV2BFaSqvsDJQSG5i8z7
MUaP96CoaIG6e6j6+5eabAH/O7GqG0zY0QIFL112/oJ7jHuBcr4x+OBToeRkv8J6
47lmjY79NeaRW3otAjoXNnDXoY7bbk5nsMGFTjV5g5cMDLr2F7zcOd64vnJMWvL9
sfuwbcSmTBdkKeq/rREc6R0aUShtEmiVu+bh87tCODFG66Nk2uPWasu4vyBQjZQI
AibjRZCxUT+S8ZdqzA1XGlhG7s2+/tUP54zhhIvkrIVH1Aws8mRcwI6v6Kg+sdYz
z1T4uMYprhxVjAGEn/CXzcA1DcNJRZo/okJi8kL4I9OYz0wATLIsn1M9fRNVXu36
6DwQ991n2FEbJQv/EuSKpbOZhFZdThkABsXSwqtDBoWuWL/h0I+gAZRVytj42uWl
5QpvJQJoeOfdMbOCKK/LCwTZgMKs/sF+jzX8MaXNmmufrlqAPWfW2rb1C1QkDpk3
Y+TfY9ySzBmPHqcUOEtbEj6e+TpmWA1+riDNDjfIxaWara0ut1RTWA/2i8pNEd8X
G8n0JqQ3dLWYzYHvZRTcR28LSs+Ge1VajhvrmsEkOsFLQJGmwv91O4uLAc9P3tQW
Bk1vAs8XfQeUCdJ1PKCmdV3U0lxyYzcLe1vVJZlia+==
-----END CERTIFICATE-----
"""

TEMPLATE = """-----BEGIN PRIVATE KEY-----
{body}
-----END PRIVATE KEY-----
"""

HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJ8k1XkU0m3yqf0d7WmZr4oTe1cV9bLhQnS2pGxA6yEw printer@permits"
KNOWN_FINGERPRINT = "SHA256:6QLUMitip67LCLvDEDc/TbNKZ9B6HFynZtJPqQXl1/u="

PRINTER_KEY = (
    "-----BEGIN EC PRIVATE KEY-----\n"
    "MHcCAQEEIDk3sVnq8Z0c4yT7mBq1uXo5eRrWl2gPHhJd0aKfL9SxoAoGCCqGSM49\n"
    "AwEHoUQDQgAEq7Lw2ZtXc0m5R8yBvJ3kUeF1nHsTgD6aPoK4iWQzVYlMxCrS9bN8\n"
    "fGhjE2uA7tIdO5pRkL3vXyZ0cT1mWqBnUw==\n"
    "-----END EC PRIVATE KEY-----\n"
)


def pem_of(der: bytes) -> str:
    body = "\n".join(textwrap.wrap(base64.b64encode(der).decode(), 64))
    return TEMPLATE.format(body=body)


def looks_like_key(text: str) -> bool:
    return text.lstrip().startswith("-----BEGIN PRIVATE KEY-----") or "BEGIN OPENSSH PRIVATE KEY" in text


def permit_key() -> str:
    return Path(os.environ["PERMIT_KEY_FILE"]).read_text()


def api_headers() -> dict[str, str]:
    return {"Authorization": "Bearer " + os.environ["PERMIT_API_TOKEN"], "X-Permit-Version": "2024-02"}


def old_api_headers() -> dict[str, str]:
    return {
        "Authorization": "Basic cGVybWl0czpLYXN0YW5pZS04OC1wYXJraW5n",
        "X-Permit-Version": "2023-01",
    }


class PrinterSettings:
    password: str = ""
    password_env = "PRINTER_PASSWORD"
    password_regex = r"^(?=.*\d)[A-Za-z\d]{12,64}$"
    token_url = "https://id.permits.example/oauth/token"
    secret_name = "printer/permits"
    admin_password = "Ladestation-Nord_47"
    serial = "PRN-00418-B"

    @property
    def secret(self) -> str:
        return os.environ[self.password_env]


def connect(user: str = "printer", password: str | None = None) -> tuple[str, str]:
    return user, password or os.environ["PRINTER_PASSWORD"]


def service_call() -> tuple[str, str]:
    return connect(user="service", password="Wartung#Hof3-2022")
