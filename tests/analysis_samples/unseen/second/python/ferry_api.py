"""Timetable and bookings of a ferry line (FastAPI, SQLAlchemy)."""
import logging
import traceback
from enum import Enum
from typing import Annotated, Optional

from fastapi import APIRouter, Body, Depends, FastAPI, Form, HTTPException, Query, Request
from fastapi.middleware.cors import CORSMiddleware
from fastapi.middleware.httpsredirect import HTTPSRedirectMiddleware
from fastapi.responses import HTMLResponse, JSONResponse, PlainTextResponse, RedirectResponse, Response
from pydantic import BaseModel, Field
from sqlalchemy import Column, Integer, String, bindparam, create_engine, desc, select, text
from sqlalchemy.orm import Session, declarative_base, sessionmaker

log = logging.getLogger("ferry")
engine = create_engine(
    "postgresql+psycopg://ferry@db.faehrlinie.example/ferry",
    connect_args={"sslmode": "verify-full", "connect_timeout": 5},
)
archive_engine = create_engine("postgresql+psycopg://ferry@archive.faehrlinie.example/old?sslmode=allow&connect_timeout=5")
LocalSession = sessionmaker(bind=engine)
Base = declarative_base()

app = FastAPI(title="Ferry", debug=True)
inner = FastAPI(title="Ferry office", debug=False)
router = APIRouter(prefix="/v1")

app.add_middleware(
    CORSMiddleware,
    allow_origins=["*"],
    allow_credentials=True,
    allow_methods=["GET"],
)
inner.add_middleware(CORSMiddleware, allow_origins=["https://office.faehrlinie.example"], allow_credentials=True)
inner.add_middleware(HTTPSRedirectMiddleware)


class Crossing(Base):
    __tablename__ = "crossing"
    id = Column(Integer, primary_key=True)
    harbour = Column(String)
    ship = Column(String)
    capacity = Column(Integer)


class Order(str, Enum):
    harbour = "harbour"
    ship = "ship"


class Booking(BaseModel):
    crossing_id: int
    name: str = Field(max_length=80)
    cars: int = Field(ge=0, le=4)


def db():
    with LocalSession() as session:
        yield session


Db = Annotated[Session, Depends(db)]


@router.get("/crossings")
def crossings(session: Db, harbour: str = "Rorschach"):
    stmt = select(Crossing).where(Crossing.harbour == harbour).order_by(desc(Crossing.id))
    return [c.ship for c in session.scalars(stmt)]


@router.get("/crossings/raw")
def crossings_raw(session: Db, harbour: str):
    rows = session.execute(text(f"SELECT ship FROM crossing WHERE harbour = '{harbour}'"))
    return [r.ship for r in rows]


@router.get("/crossings/bound")
def crossings_bound(session: Db, harbour: str, ship: Optional[str] = None):
    statement = "SELECT ship FROM crossing WHERE harbour = :harbour"
    if ship:
        statement += " AND ship = :ship"
    rows = session.execute(text(statement), {"harbour": harbour, "ship": ship})
    return [r.ship for r in rows]


@router.get("/crossings/sorted")
def crossings_sorted(session: Db, order: Order, page: int = 0):
    rows = session.execute(text(f"SELECT ship FROM crossing ORDER BY {order.value} OFFSET {page * 20}"))
    return [r.ship for r in rows]


@router.get("/crossings/filter")
def crossings_filter(session: Db, condition: Annotated[str, Query(max_length=60)]):
    query = session.query(Crossing).filter(text("capacity " + condition))
    return query.count()


@router.get("/crossings/number/{crossing_id}")
def crossing(session: Db, crossing_id: int):
    row = session.connection().exec_driver_sql("SELECT ship FROM crossing WHERE id = %d" % crossing_id).first()
    if row is None:
        raise HTTPException(404, "no such crossing")
    return row.ship


@router.post("/old-bookings")
def old_bookings(names: Annotated[list[str], Body()]):
    quoted = ",".join("'" + n + "'" for n in names)
    with archive_engine.connect() as conn:
        found = conn.exec_driver_sql("SELECT id FROM booking WHERE name IN (" + quoted + ")")
        also = conn.execute(text("SELECT id FROM booking WHERE name IN :n").bindparams(bindparam("n", names, expanding=True)))
        return {"found": [r.id for r in found], "also": len(also.all())}


@router.post("/bookings")
def book(session: Db, booking: Booking):
    log.info("booking of %d cars on crossing %d", booking.cars, booking.crossing_id)
    log.info("booking for " + booking.name)
    session.execute(text("INSERT INTO booking (name) VALUES (:n)"), [{"n": booking.name}])
    session.commit()
    return {"ok": True}


@router.get("/ticket", response_class=HTMLResponse)
def ticket(passenger: str, seats: int = 1):
    return f"<h2>{passenger}</h2><p>{seats} seats</p>"


@router.get("/ticket.txt", response_class=PlainTextResponse)
def ticket_text(passenger: str):
    return f"{passenger} travels today"


@router.get("/out")
def out(url: str):
    return RedirectResponse(url, status_code=302)


@router.get("/out/{harbour}")
def out_harbour(harbour: Order):
    return RedirectResponse("/harbours/" + harbour.value)


@router.post("/consent")
def consent(response: Response, choice: Annotated[str, Form()]):
    response.set_cookie("consent", "1" if choice == "yes" else "0", secure=True, samesite="lax")
    response.set_cookie(key="banner", value="seen", secure=True, httponly=True, samesite="strict")
    response.headers["X-Consent"] = choice
    return {"ok": True}


@app.exception_handler(ValueError)
async def value_error(request: Request, exc: ValueError):
    log.exception("value error")
    return JSONResponse({"detail": "bad value"}, status_code=400)


@app.exception_handler(Exception)
async def any_error(request: Request, exc: Exception):
    lines = traceback.format_exception(type(exc), exc, exc.__traceback__)
    return PlainTextResponse("".join(lines), status_code=500)


app.include_router(router)
