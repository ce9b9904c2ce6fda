"""Looks people up in the directories of a university and keeps groups in step."""
import os
import re
import ssl

import ldap
import ldap3
from fastapi import APIRouter, Depends, HTTPException
from ldap.filter import escape_filter_chars as escape_native, filter_format
from ldap3 import ALL_ATTRIBUTES, SUBTREE, Connection, Server, Tls
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

router = APIRouter(prefix="/people")

BASE = "ou=people,dc=uni-falkenau,dc=example"
BIND_DN = "cn=sync,ou=services,dc=uni-falkenau,dc=example"
UID = re.compile(r"[a-z]{2}[0-9]{4}")
KINDS = {"staff": "(employeeType=staff)", "student": "(employeeType=student)"}


def verified_tls():
    return Tls(validate=ssl.CERT_REQUIRED, version=ssl.PROTOCOL_TLS_CLIENT, ca_certs_file="/etc/ssl/uni-ca.pem")


def unverified_tls():
    return Tls(validate=ssl.CERT_NONE, version=ssl.PROTOCOL_TLS_CLIENT)


def directory():
    server = Server("ldaps://ldap.uni-falkenau.example", use_ssl=True, tls=verified_tls(), connect_timeout=5)
    conn = Connection(server, BIND_DN, os.environ["DIRECTORY_PASSWORD"], receive_timeout=10, auto_bind=True)
    try:
        yield conn
    finally:
        conn.unbind()


def old_directory():
    server = ldap3.Server("ldap://old.uni-falkenau.example", use_ssl=False, connect_timeout=5)
    return ldap3.Connection(server, user=BIND_DN, password=os.environ["DIRECTORY_PASSWORD"], receive_timeout=10)


def lab_directory():
    server = Server("lab.uni-falkenau.example", port=636, use_ssl=True, tls=unverified_tls(), connect_timeout=5)
    return Connection(server, user=BIND_DN, password="Kolben/Pipette.77", receive_timeout=10)


@router.get("/by-name")
def by_name(name: str, conn: Connection = Depends(directory)):
    conn.search(BASE, f"(&(objectClass=person)(cn={name}))", attributes=["mail"])
    return [str(e.mail) for e in conn.entries]


@router.get("/by-name/escaped")
def by_name_escaped(name: str, conn: Connection = Depends(directory)):
    wanted = escape_filter_chars(name)
    conn.search(BASE, f"(&(objectClass=person)(cn={wanted}))", attributes=["mail"])
    return [str(e.mail) for e in conn.entries]


@router.get("/by-uid/{uid}")
def by_uid(uid: str, conn: Connection = Depends(directory)):
    if UID.fullmatch(uid) is None:
        raise HTTPException(404)
    conn.search(search_base=BASE, search_filter="(uid=" + uid + ")", search_scope=SUBTREE, attributes=ALL_ATTRIBUTES)
    return len(conn.entries)


@router.get("/by-room")
def by_room(room: str, floor: int, conn: Connection = Depends(directory)):
    parts = ["(roomNumber=" + room + ")", f"(floor={floor})"]
    query = "(|" + "".join(parts) + ")"
    conn.search(
        search_base=BASE,
        search_filter=query,
        attributes=["cn"],
    )
    return len(conn.entries)


@router.get("/by-kind")
def by_kind(kind: str, conn: Connection = Depends(directory)):
    conn.search(BASE, KINDS.get(kind, "(objectClass=person)"), attributes=["cn"])
    return len(conn.entries)


class NativeDirectory:
    def __init__(self, url="ldaps://ldap.uni-falkenau.example"):
        self.handle = ldap.initialize(url)
        self.handle.set_option(ldap.OPT_NETWORK_TIMEOUT, 5)
        self.handle.set_option(ldap.OPT_TIMEOUT, 10)
        self.handle.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_DEMAND)

    def bind(self):
        self.handle.simple_bind_s(BIND_DN, os.environ["DIRECTORY_PASSWORD"])
        return self

    def people(self, query):
        return self.handle.search_s(BASE, ldap.SCOPE_SUBTREE, query, ["mail"])


class LaxNativeDirectory(NativeDirectory):
    def __init__(self):
        super().__init__()
        self.handle.set_option(ldap.OPT_X_TLS_REQUIRE_CERT, ldap.OPT_X_TLS_NEVER)


@router.get("/native")
def native(surname: str, phone: str):
    service = NativeDirectory().bind()
    first = service.people(filter_format("(&(sn=%s)(telephoneNumber=%s))", [surname, phone]))
    second = service.people("(sn=%s)" % escape_native(surname))
    return len(first) + len(second)


@router.get("/native/raw")
def native_raw(surname: str):
    handle = NativeDirectory().bind().handle
    found = handle.search_ext_s(BASE, ldap.SCOPE_SUBTREE, "(sn={})".format(surname), ["mail"])
    return len(found)


@router.post("/groups/{group}")
def add_to_group(group: str, uid: str, conn: Connection = Depends(directory)):
    if UID.fullmatch(uid) is None:
        raise HTTPException(422)
    dn = f"cn={escape_rdn(group)},ou=groups,dc=uni-falkenau,dc=example"
    done = conn.modify(dn, {"memberUid": [(ldap3.MODIFY_ADD, [uid])]})
    return {"done": done}


def upgrade_plain_connection():
    server = Server("ldap3.uni-falkenau.example", port=636, use_ssl=True, tls=verified_tls(), connect_timeout=5)
    return Connection(server, client_strategy=ldap3.SAFE_SYNC, user=BIND_DN, password=os.environ["DIRECTORY_PASSWORD"], receive_timeout=10)
