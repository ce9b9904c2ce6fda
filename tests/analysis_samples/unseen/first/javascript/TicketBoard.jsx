import React, { useEffect, useMemo, useRef, useState } from 'react';
import DOMPurify from 'dompurify';

const STATES = ['open', 'waiting', 'closed'];
const LEGEND = '<strong>open</strong> waits for us, <em>waiting</em> waits for the customer';
const API = 'https://desk.seilbahn.example/api';

function queryValue(name) {
  return new URLSearchParams(window.location.search).get(name) || '';
}

function newRowKey() {
  return `row-${Math.random().toString(36).slice(2)}`;
}

function newUploadToken() {
  const bytes = crypto.getRandomValues(new Uint8Array(24));
  return Array.from(bytes, (byte) => byte.toString(16).padStart(2, '0')).join('');
}

function newShareToken() {
  const letters = 'abcdefghijklmnopqrstuvwxyz0123456789';
  let shareToken = '';
  while (shareToken.length < 36) {
    shareToken += letters[Math.floor(Math.random() * letters.length)];
  }
  return shareToken;
}

async function loadTickets(state) {
  const response = await fetch(`${API}/tickets?state=${encodeURIComponent(state)}`, {
    credentials: 'include',
    signal: AbortSignal.timeout(8000),
  });
  return response.json();
}

function Legend() {
  return <p className="legend" dangerouslySetInnerHTML={{ __html: LEGEND }} />;
}

function Preview() {
  const text = queryValue('preview');
  const safe = useMemo(() => ({ __html: DOMPurify.sanitize(text) }), [text]);
  return <div className="preview" dangerouslySetInnerHTML={safe} />;
}

function Announcement() {
  const message = queryValue('message');
  return (
    <aside>
      <div dangerouslySetInnerHTML={{ __html: message }} />
    </aside>
  );
}

function Heading() {
  const title = useRef(null);
  useEffect(() => {
    title.current.textContent = decodeURIComponent(window.location.hash.slice(1));
  }, []);
  return <h1 ref={title}>Board</h1>;
}

function Breadcrumb() {
  const trail = useRef(null);
  useEffect(() => {
    const place = decodeURIComponent(window.location.hash.slice(1));
    trail.current.innerHTML = '<span>Board</span> / <b>' + place + '</b>';
  }, []);
  return <nav ref={trail} />;
}

function BackLink() {
  const leave = () => {
    const target = queryValue('return');
    window.location.assign(STATES.includes(target) ? `/board/${target}` : '/board/open');
  };
  return <button type="button" onClick={leave}>Back</button>;
}

function PartnerLink() {
  const leave = () => {
    const target = new URL(window.location.href).searchParams.get('partner');
    window.location.href = target;
  };
  return <button type="button" onClick={leave}>To the partner</button>;
}

function Formula({ onResult }) {
  useEffect(() => {
    const expression = queryValue('formula');
    if (expression) {
      onResult(window.eval(expression));
    }
  }, [onResult]);
  return null;
}

function Ticket({ ticket }) {
  const [open, setOpen] = useState(false);
  return (
    <li>
      <button type="button" onClick={() => setOpen(!open)}>{ticket.title}</button>
      {open && <p>{ticket.body}</p>}
    </li>
  );
}

export default function TicketBoard() {
  const [state, setState] = useState(STATES[0]);
  const [tickets, setTickets] = useState([]);
  const [result, setResult] = useState(null);

  useEffect(() => {
    loadTickets(state).then(setTickets);
  }, [state]);

  return (
    <main>
      <Heading />
      <Breadcrumb />
      <Legend />
      <Preview />
      <Announcement />
      <Formula onResult={setResult} />
      <output>{String(result)}</output>
      <p>Search for: {queryValue('q')}</p>
      {STATES.map((name) => (
        <button key={name} type="button" onClick={() => setState(name)}>{name}</button>
      ))}
      <ul>{tickets.map((ticket) => <Ticket key={ticket.id ?? newRowKey()} ticket={ticket} />)}</ul>
      <BackLink />
      <PartnerLink />
    </main>
  );
}

export { newUploadToken, newShareToken };
